#include "format/csv/header.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <map>
#include <set>

#include "base/utf8.h"
#include "format/csv/fields_of_record.h"
#include "format/csv/inference.h"

namespace mainstem::format::csv {
namespace {

constexpr size_t kRecordsLookedAt = 1000;

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

bool is_text(const std::string& value, const TypeRules& rules) {
  ColumnEvidence evidence;
  evidence.observe(value, rules);
  return evidence.is_text();
}

bool looks_like_name(const std::string& text) {
  if (text.empty() || text.size() > 128) return false;
  const auto first = static_cast<unsigned char>(text.front());
  return (std::isalpha(first) != 0 || first == '_' || first >= 0x80) && text.find('\n') == std::string::npos;
}

/// What the first record looks like above the others.
struct Evidence {
  size_t names = 0;    // text above typed values
  size_t values = 0;   // a typed value above typed values
  bool may_be = true;  // all cells look like names and do not occur below
  bool below = false;  // there are other records
};

void weigh_column(const SampleRecords& sample, size_t column, const TypeRules& rules, Evidence& evidence) {
  const auto& cell = sample.records.front()[column];
  ColumnEvidence types;
  size_t repeats = 0;
  for (size_t row = 1; row < sample.records.size(); ++row) {
    if (column >= sample.records[row].size()) continue;
    const auto& field = sample.records[row][column];
    if (field.text.empty()) continue;
    types.observe(field.text, rules);
    repeats += field.text == cell.text ? 1 : 0;
  }
  if (!looks_like_name(cell.text) || repeats > 0) evidence.may_be = false;
  if (!types.any_value || types.is_text() || cell.text.empty()) return;
  ++(is_text(cell.text, rules) ? evidence.names : evidence.values);
}

Result<bool> is_header(const SampleRecords& sample, const ReadOptions& options, const std::string& name) {
  const auto& first = sample.records.front();
  if (!options.column_names.empty()) {
    const bool same = std::ranges::equal(
        first, options.column_names,
        [](const SampleField& cell, const std::string& column) { return lower(cell.text) == lower(column); });
    if (same) return true;
  }
  const auto rules = TypeRules::of(options);
  Evidence evidence{.below = sample.records.size() > 1};
  std::set<std::string> distinct;
  for (size_t column = 0; column < first.size(); ++column) {
    weigh_column(sample, column, rules, evidence);
    evidence.may_be = distinct.insert(lower(first[column].text)).second && evidence.may_be;
  }
  const auto both = [&](const std::string& why) {
    return Error(ErrorCode::invalid_data, name + ": cannot tell whether the first record is a header: " + why)
        .hint("give the option header: yes or header: no");
  };
  if (evidence.names > 0 && evidence.values == 0) return true;
  if (evidence.names == 0 && evidence.values > 0) return false;
  if (evidence.names > 0) return both("some of its fields are values like those below, others are not");
  if (evidence.may_be) return true;
  return both("all columns are text, and its fields do not look like names");
}

Result<std::vector<std::string>> name_columns(std::vector<std::string> wanted) {
  std::set<std::string> taken;
  for (const auto& name : wanted) taken.insert(lower(name));
  std::set<std::string> used;
  for (size_t i = 0; i < wanted.size(); ++i) {
    auto& name = wanted[i];
    if (name.empty()) name = fmt::format("column_{}", i + 1);
    const auto base = name;
    for (int n = 2; used.contains(lower(name)) || (name != base && taken.contains(lower(name))); ++n)
      name = fmt::format("{}_{}", base, n);
    used.insert(lower(name));
  }
  return wanted;
}

Result<void> check_names(const std::vector<std::string>& cells, const std::string& file_name) {
  for (const auto& cell : cells) {
    std::string_view rest = cell;
    while (!rest.empty()) {
      const size_t length = utf8_length(rest);
      if (length == 0 || rest.front() == '\0')
        return Error(ErrorCode::invalid_data, file_name + ": the header holds bytes that are no UTF-8 text")
            .hint("give the option encoding, for example windows-1252");
      rest.remove_prefix(length);
    }
  }
  return {};
}

size_t most_frequent_width(const SampleRecords& sample) {
  std::map<size_t, size_t> frequency;
  for (const auto& record : sample.records) ++frequency[record.size()];
  size_t width = sample.records.front().size();
  for (const auto& [fields, count] : frequency)
    if (count > frequency[width]) width = fields;
  return width;
}

}  // namespace

Result<void> settle_header(const Sample& sample, const ReadOptions& options, const std::string& file_name,
                           Layout& layout) {
  const auto records = fields_of_records(layout.dialect, sample, kRecordsLookedAt);
  if (records.records.empty()) {
    if (options.column_names.empty())
      return Error(ErrorCode::invalid_data, file_name + ": there is no record, so that the columns are not known")
          .hint("if an empty file stands for no rows, name its columns by the option column_names: [a, b]");
    MS_ASSIGN(layout.names, name_columns(options.column_names));
    layout.header = false;
    return {};
  }
  layout.header = options.header == Header::yes;
  if (options.header == Header::automatic) {
    MS_ASSIGN(layout.header, is_header(records, options, file_name));
  }
  if (layout.header && records.faulty_before > 0)
    return Error(ErrorCode::invalid_data, file_name + ": the quotes of the header are broken")
        .hint("give the options header: no and column_names, or skip_lines");
  if (layout.header)
    for (const auto& cell : records.records.front()) layout.header_cells.push_back(cell.text);
  MS_TRY(check_names(layout.header_cells, file_name));
  const size_t width = layout.header ? layout.header_cells.size() : most_frequent_width(records);
  if (static_cast<int64_t>(width) > options.max_columns)
    return Error(ErrorCode::invalid_data,
                 fmt::format("{}: {} columns, more than max_columns allows", file_name, width));
  auto names = options.column_names;
  if (names.empty()) names = layout.header ? layout.header_cells : std::vector<std::string>(width);
  if (names.size() != width)
    return Error(ErrorCode::invalid_data,
                 fmt::format("{}: option column_names gives {} columns, but the {} has {} fields", file_name,
                             names.size(), layout.header ? "header" : "record", width))
        .hint("name every column, or give the right delimiter");
  MS_ASSIGN(layout.names, name_columns(std::move(names)));
  return {};
}

Result<Place> find_data(const SourceFile& source, const Sample& sample, const Layout& layout) {
  if (!layout.header || sample.size == 0) return sample.place;
  const auto first = fields_of_records(layout.dialect, sample, 1);
  if (first.records.empty()) return sample.place;
  std::vector<std::string> cells;
  for (const auto& cell : first.records.front()) cells.push_back(cell.text);
  if (first.faulty_before > 0 || cells != layout.header_cells)
    return Error(ErrorCode::invalid_data, source.name + ": the header is not that of the first file")
        .hint("read files of different columns as sources of their own");
  return Place{.offset = sample.place.offset + encoded_size(source.encoding, sample.text.data(), first.first_end),
               .line = sample.place.line + first.first_lines};
}

}  // namespace mainstem::format::csv
