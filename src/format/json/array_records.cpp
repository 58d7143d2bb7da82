#include <fmt/format.h>
#include <utility>

#include "format/json/records.h"
#include "format/json/structure.h"

namespace mainstem::format::json {
namespace {

std::optional<Record> to_record(const Structure::Value& value) {
  return Record{.text = value.text, .line = value.line, .offset = value.offset, .too_large = value.too_large};
}

class ArrayRecords final : public Records {
 public:
  ArrayRecords(ByteWindow window, RecordsOptions options)
      : structure_(std::move(window), options.object, options.max_record_bytes), path_(std::move(options.path)) {}

  Result<std::optional<Record>> next() override {
    if (state_ == State::before) MS_TRY(begin());
    if (state_ == State::after) return std::optional<Record>();
    if (state_ == State::between) {
      MS_ASSIGN(const bool closed, structure_.take(']'));
      if (closed) return finish();
      MS_ASSIGN(const bool comma, structure_.take(','));
      if (!comma) return unclosed();
    }
    MS_ASSIGN(const char next, structure_.peek());
    if (next == '\0') return unclosed();
    state_ = State::between;
    MS_ASSIGN(const auto value, structure_.take_value(false));
    return to_record(value);
  }
  int64_t line() const override { return structure_.line(); }
  int64_t offset() const override { return structure_.offset(); }

 private:
  enum class State { before, first, between, after };

  Error unclosed() const { return structure_.damaged("the array of records is not closed by ']'", structure_.line()); }

  // Goes into the array.
  Result<void> begin() {
    for (const auto& name : path_) MS_TRY(descend(name));
    MS_ASSIGN(const bool opened, structure_.take('['));
    if (!opened) return structure_.damaged("an array of records should begin here", structure_.line());
    state_ = State::first;
    MS_ASSIGN(const bool empty, structure_.take(']'));
    if (!empty) return {};
    MS_TRY(finish());
    return {};
  }

  Result<void> descend(const std::string& name) {
    MS_ASSIGN(const bool opened, structure_.take('{'));
    if (!opened)
      return structure_.damaged(fmt::format("an object with the name '{}' should begin here", name), structure_.line());
    MS_ASSIGN(const bool empty, structure_.take('}'));
    while (!empty) {
      MS_ASSIGN(const auto key, take_key());
      if (key == name) return {};
      MS_TRY(structure_.skip_value());
      MS_ASSIGN(const bool comma, structure_.take(','));
      if (!comma) break;
    }
    return structure_.damaged(fmt::format("the name '{}' of option 'records' is not in this object", name),
                              structure_.line());
  }

  Result<std::string> take_key() {
    MS_ASSIGN(auto key, structure_.take_string());
    MS_ASSIGN(const bool colon, structure_.take(':'));
    if (!colon) return structure_.damaged("a ':' should stand here", structure_.line());
    return key;
  }

  // Looks through what encloses the array, so that a broken or cut document is noticed.
  Result<std::optional<Record>> finish() {
    state_ = State::after;
    for (auto name = path_.rbegin(); name != path_.rend(); ++name) {
      MS_ASSIGN(bool comma, structure_.take(','));
      while (comma) {
        MS_ASSIGN(const auto key, take_key());
        if (key == *name)
          return structure_.damaged(fmt::format("the name '{}' of option 'records' appears twice", key),
                                    structure_.line());
        MS_TRY(structure_.skip_value());
        MS_ASSIGN(comma, structure_.take(','));
      }
      MS_ASSIGN(const bool closed, structure_.take('}'));
      if (!closed) return structure_.damaged("the object around the records is not closed by '}'", structure_.line());
    }
    MS_ASSIGN(const char rest, structure_.peek());
    if (rest != '\0') return structure_.damaged("text follows the end of the document", structure_.line());
    return std::optional<Record>();
  }

  Structure structure_;
  std::vector<std::string> path_;
  State state_ = State::before;
};

class DocumentRecords final : public Records {
 public:
  DocumentRecords(ByteWindow window, const RecordsOptions& options)
      : structure_(std::move(window), options.object, options.max_record_bytes) {}

  Result<std::optional<Record>> next() override {
    MS_ASSIGN(const char next, structure_.peek());
    if (next == '\0') return std::optional<Record>();
    if (next == ',' || next == ']' || next == '}')
      return structure_.damaged(fmt::format("a JSON object should begin here, not '{}'", next), structure_.line());
    MS_ASSIGN(const auto value, structure_.take_value(true));
    return to_record(value);
  }
  int64_t line() const override { return structure_.line(); }
  int64_t offset() const override { return structure_.offset(); }

 private:
  Structure structure_;
};

}  // namespace

std::unique_ptr<Records> records_of_array(ByteWindow window, RecordsOptions options) {
  return std::make_unique<ArrayRecords>(std::move(window), std::move(options));
}

std::unique_ptr<Records> records_of_document(ByteWindow window, RecordsOptions options) {
  return std::make_unique<DocumentRecords>(std::move(window), options);
}

}  // namespace mainstem::format::json
