// Writes the benchmarks' data: lines of orders, sixteen columns of integers, decimals, dates and text, as CSV or as
// JSON lines. The same row number gives the same row, whatever the form and the number of rows.
//
//   benchmark_generate csv|ndjson ROWS FILE

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

constexpr uint64_t kSeed = 20130208;
constexpr size_t kFlushBytes = size_t{1} << 20;

// splitmix64, public domain (S. Vigna): one multiplication chain a draw, and any row can be the first.
class Draws {
 public:
  explicit Draws(uint64_t row) : state_(kSeed + row * 0x9e3779b97f4a7c15U * 64) {}
  uint64_t below(uint64_t bound) {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return (z ^ (z >> 31)) % bound;
  }

 private:
  uint64_t state_;
};

constexpr std::array<std::string_view, 16> kNames = {
    "order_id", "part_id", "supplier_id", "line",     "quantity", "price",       "discount",  "tax",
    "returned", "status",  "shipped",     "promised", "received", "instruction", "transport", "comment"};
constexpr size_t kFirstText = 8;

constexpr std::array<std::string_view, 4> kInstructions = {"LEAVE AT DOOR", "CALL BEFORE", "SIGNATURE NEEDED", "NONE"};
constexpr std::array<std::string_view, 7> kTransports = {"TRUCK", "RAIL", "SHIP", "AIR", "MAIL", "COURIER", "BARGE"};
constexpr std::array<std::string_view, 32> kWords = {
    "late",   "parcel", "of",     "blue",  "kettles", "waits", "near",   "the",   "harbour", "quietly", "until",
    "spring", "heavy",  "crates", "with",  "brass",   "lamps", "from",   "north", "arrive",  "slowly",  "again",
    "under",  "a",      "warm",   "cover", "beside",  "linen", "chairs", "and",   "tea",     "boxes"};

class Writer {
 public:
  Writer(std::FILE* file, bool json) : file_(file), json_(json) {}

  void header() {
    for (size_t i = 0; i < kNames.size(); ++i) {
      if (i > 0) text_ += ',';
      text_ += kNames[i];
    }
    text_ += '\n';
  }
  void field(std::string_view value) {
    const bool text = column_ >= kFirstText;
    if (json_) {
      text_ += column_ == 0 ? "{\"" : ",\"";
      text_ += kNames[column_];
      text_ += text ? "\":\"" : "\":";
    } else if (column_ > 0) {
      text_ += ',';
    }
    const bool quoted = !json_ && value.find(',') != std::string_view::npos;
    if (quoted) text_ += '"';
    text_ += value;
    if (quoted || (json_ && text)) text_ += '"';
    ++column_;
  }
  void number(uint64_t value) {
    std::array<char, 24> buffer;
    field({buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr});
  }
  void cents(uint64_t value) {
    std::array<char, 24> buffer;
    auto* end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value / 100).ptr;
    *end++ = '.';
    *end++ = static_cast<char>('0' + value / 10 % 10);
    *end++ = static_cast<char>('0' + value % 10);
    field({buffer.data(), end});
  }
  void day(uint64_t days_since_1992) {
    const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::year{1992} / 1 / 1} +
                                           std::chrono::days{days_since_1992}};
    std::array<char, 32> buffer;
    const int length = std::snprintf(buffer.data(), buffer.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    field({buffer.data(), static_cast<size_t>(length)});
  }
  void end_row() {
    text_ += json_ ? "}\n" : "\n";
    column_ = 0;
    if (text_.size() >= kFlushBytes) flush();
  }
  void flush() {
    if (std::fwrite(text_.data(), 1, text_.size(), file_) != text_.size()) {
      std::perror("benchmark_generate");
      std::exit(1);
    }
    text_.clear();
  }

 private:
  std::FILE* file_;
  bool json_;
  size_t column_ = 0;
  std::string text_;
};

std::string comment(Draws& draws) {
  std::string text;
  const auto words = 3 + draws.below(6);
  for (uint64_t i = 0; i < words; ++i) {
    if (i > 0) text += draws.below(12) == 0 ? ", " : " ";
    text += kWords[draws.below(kWords.size())];
  }
  return text;
}

void write_row(Writer& writer, uint64_t row) {
  Draws draws(row);
  const auto quantity = 1 + draws.below(50);
  const auto shipped = draws.below(2500);
  writer.number(row / 4 + 1);
  writer.number(1 + draws.below(200'000));
  writer.number(1 + draws.below(10'000));
  writer.number(row % 4 + 1);
  writer.cents(quantity * 100);
  writer.cents(quantity * (90'000 + draws.below(120'000)));
  writer.cents(draws.below(11));
  writer.cents(draws.below(9));
  writer.field(draws.below(2) == 0 ? "N" : draws.below(2) == 0 ? "R" : "A");
  writer.field(shipped > 1200 ? "O" : "F");
  writer.day(shipped);
  writer.day(shipped + draws.below(60));
  writer.day(shipped + 1 + draws.below(30));
  writer.field(kInstructions[draws.below(kInstructions.size())]);
  writer.field(kTransports[draws.below(kTransports.size())]);
  writer.field(comment(draws));
  writer.end_row();
}

}  // namespace

int main(int count, char** arguments) {
  const std::string_view form = count == 4 ? arguments[1] : "";
  if (form != "csv" && form != "ndjson") {
    std::fputs("usage: benchmark_generate csv|ndjson ROWS FILE\n", stderr);
    return 2;
  }
  std::FILE* file = std::fopen(arguments[3], "w");
  if (file == nullptr) {
    std::perror(arguments[3]);
    return 1;
  }
  Writer writer(file, form == "ndjson");
  if (form == "csv") writer.header();
  const auto rows = std::strtoull(arguments[2], nullptr, 10);
  for (uint64_t row = 0; row < rows; ++row) write_row(writer, row);
  writer.flush();
  if (std::fclose(file) != 0) {
    std::perror(arguments[3]);
    return 1;
  }
  return 0;
}
