#include <gtest/gtest.h>
#include <random>

#include "format/csv/record_scanner.h"
#include "format/csv/tests/memory_input.h"

namespace mainstem::format::csv {
namespace {

// Reference: the rules at the top of record_scanner.h, byte by byte. Gives the records' widths, 0 for broken quotes.
class Reference {
 public:
  explicit Reference(std::string text) : text_(std::move(text)) {}

  std::vector<size_t> widths() {
    std::vector<size_t> result;
    while (at_ < text_.size()) {
      const size_t begin = at_;
      if (is_break(at_)) {
        at_ = behind_break(at_);
        continue;
      }
      const size_t fields = record();
      if (fields == 0) at_ = line_after(begin);
      result.push_back(fields);
    }
    return result;
  }

 private:
  bool is_break(size_t i) const { return text_[i] == '\n' || text_[i] == '\r'; }
  size_t behind_break(size_t i) const {
    return i + (text_[i] == '\r' && i + 1 < text_.size() && text_[i + 1] == '\n' ? 2 : 1);
  }
  size_t line_after(size_t i) const {
    while (i < text_.size() && !is_break(i)) ++i;
    return i < text_.size() ? behind_break(i) : i;
  }
  size_t record() {
    for (size_t fields = 1;; ++fields) {
      if (at_ < text_.size() && text_[at_] == '"' && !quoted()) return 0;
      while (at_ < text_.size() && text_[at_] != ',' && !is_break(at_)) ++at_;
      if (at_ >= text_.size()) return fields;
      if (is_break(at_)) {
        at_ = behind_break(at_);
        return fields;
      }
      ++at_;
    }
  }
  bool quoted() {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] != '"') continue;
      const bool pair = at_ + 1 < text_.size() && text_[at_ + 1] == '"';
      if (!pair) {
        ++at_;
        return at_ >= text_.size() || text_[at_] == ',' || is_break(at_);
      }
      ++at_;
    }
    return false;
  }

  std::string text_;
  size_t at_ = 0;
};

std::string random_text(std::mt19937& random, size_t size) {
  const std::string alphabet = ",,,\n\n\r\"\"ab1";
  std::string text;
  for (size_t i = 0; i < size; ++i) text += alphabet[random() % alphabet.size()];
  return text;
}

TEST(CsvScanner, AgreesWithTheReference) {
  std::mt19937 random(11);
  for (int round = 0; round < 500; ++round) {
    const auto text = random_text(random, random() % 300);
    auto widths = Reference(text).widths();
    const auto rows = std::ranges::count(widths, 3u);
    for (const int64_t bytes : {1, 1 << 20}) {
      const auto read =
          read_text(text, {.options = "{column_names: [a, b, c], header: no, delimiter: ',', infer: text}",
                           .batch_rows = bytes == 1 ? 2 : 1000,
                           .batch_bytes = bytes});
      // A majority of records of another width is refused.
      if (!read) {
        EXPECT_EQ(read.error().code(), ErrorCode::invalid_data);
        continue;
      }
      ASSERT_EQ(read->rows(), rows) << text;
      ASSERT_EQ(read->rows() + static_cast<int64_t>(read->rejects.size()), static_cast<int64_t>(widths.size())) << text;
      for (const auto& reject : read->rejects) {
        const auto offset = static_cast<size_t>(reject.byte_offset);
        ASSERT_EQ(text.substr(offset, reject.raw.size()), reject.raw);
        ASSERT_EQ(reject.line, 1 + count_line_ends(reinterpret_cast<const uint8_t*>(text.c_str()), offset));
      }
    }
  }
}

TEST(CsvScanner, RandomBytesNeverCrash) {
  std::mt19937 random(13);
  for (int round = 0; round < 150; ++round) {
    std::string text;
    for (size_t i = random() % 200; i > 0; --i)
      text += random() % 3 == 0 ? static_cast<char>(random()) : ",\n\"a1"[random() % 5];
    for (const char* options :
         {"", "{delimiter: ',', header: no}", "{delimiter: ',', header: no, trim: true}",
          "{delimiter: ',', header: no, escape: '\\', comment: '#'}",
          "{delimiter: ',', header: no, encoding: utf-16le}", "{delimiter: ',', header: no, encoding: windows-1252}"})
      static_cast<void>(read_text(text, {.options = options, .batch_rows = 3, .batch_bytes = 64}));
  }
}

TEST(CsvBlockMasks, VectorsAgreeWithPlainCode) {
  std::mt19937 random(17);
  std::vector<uint8_t> text(kBlockBytes * 8);
  for (int round = 0; round < 200; ++round) {
    for (auto& byte : text) byte = random() % 4 == 0 ? ",\"\n\r"[random() % 4] : static_cast<uint8_t>(random() % 128);
    std::array<BlockMasks, 8> fast;
    std::array<BlockMasks, 8> plain;
    const StructuralBytes bytes{.delimiter = ',', .quote = '"', .escape = '\\'};
    EXPECT_EQ(find_structure(text.data(), bytes, fast), find_structure_portable(text.data(), bytes, plain));
    for (size_t i = 0; i < fast.size(); ++i) {
      EXPECT_EQ(fast[i].structural, plain[i].structural);
      EXPECT_EQ(fast[i].quote, plain[i].quote);
    }
  }
}

}  // namespace
}  // namespace mainstem::format::csv
