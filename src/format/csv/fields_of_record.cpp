#include "format/csv/fields_of_record.h"

#include <algorithm>

namespace mainstem::format::csv {

std::string field_text(const Dialect& dialect, std::string_view field, bool* quoted) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  if (dialect.trim) {
    while (!field.empty() && blank(field.front())) field.remove_prefix(1);
    while (!field.empty() && blank(field.back())) field.remove_suffix(1);
  }
  const auto quote = static_cast<char>(dialect.bytes.quote);
  const auto escape = static_cast<char>(dialect.bytes.escape);
  const bool in_quotes = dialect.bytes.quote != kNoByte && field.size() >= 2 && field.front() == quote;
  if (quoted != nullptr) *quoted = in_quotes;
  if (!in_quotes) return std::string(field);
  field = field.substr(1, field.size() - 2);
  std::string text;
  text.reserve(field.size());
  for (size_t i = 0; i < field.size(); ++i) {
    if (field[i] == escape && i + 1 < field.size()) ++i;
    text += field[i];
  }
  return text;
}

SampleRecords fields_of_records(const Dialect& dialect, const Sample& sample, size_t most) {
  RecordIndex index;
  Stretch stretch{.text = sample.text.data(), .size = sample.size, .final = sample.whole, .max_rows = 1};
  RecordScanner scanner(dialect, kAnyColumns);
  scanner.scan(stretch, index);
  SampleRecords result{.first_end = index.consumed, .first_lines = index.lines, .faulty_before = index.faulty.size()};
  stretch.max_rows = most;
  scanner.scan(stretch, index);
  const auto* text = reinterpret_cast<const char*>(sample.text.data());
  size_t end = 0;
  for (size_t row = 0; row < index.rows; ++row) {
    size_t begin = index.begins[row];
    auto& fields = result.records.emplace_back();
    for (uint32_t i = 0; i < index.counts[row]; ++i, ++end) {
      SampleField field;
      field.text = field_text(dialect, {text + begin, index.ends[end] - begin}, &field.quoted);
      begin = index.ends[end] + 1;
      fields.push_back(std::move(field));
    }
  }
  return result;
}

}  // namespace mainstem::format::csv
