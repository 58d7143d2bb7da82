#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "config/convert.h"

namespace mainstem::check {

enum class Severity {
  error,  ///< a failure may stop the run or send rows to quarantine
  warn,   ///< a failure is reported and nothing else
};

/// What happens to the run when a check of severity `error` fails.
enum class OnFail {
  quarantine,  ///< failing rows go to the quarantine table and count against the budget; the rest is published
  block,       ///< nothing is published
  warn,        ///< reported only
};

struct NotNull {
  std::vector<std::string> columns;
};
/// No two rows agree in all columns; rows with a null in one of them are not compared. All rows of a doubled key fail.
struct Unique {
  std::vector<std::string> columns;
};
/// Bounds as written; both inclusive. Nulls pass.
struct Range {
  std::string column;
  std::optional<std::string> min, max;
};
/// Compared in the column's type, so that 1 is 1.00. Nulls pass.
struct AcceptedValues {
  std::string column;
  std::vector<std::string> values;
};
/// The whole text must match the regular expression (RE2 syntax). Nulls pass.
struct Matches {
  std::string column;
  std::string pattern;
};
/// Length of the text in characters. Nulls pass.
struct Length {
  std::string column;
  std::optional<int64_t> min, max;
};
/// Every value occurs in a column of another source or model. Nulls pass.
struct References {
  std::string column;
  std::string to_table;
  std::string to_column;
};
struct RowCount {
  std::optional<int64_t> min, max;
};
/// The greatest value of a date or timestamp column is at most `within` old. An empty table fails.
struct Freshness {
  std::string column;
  std::chrono::milliseconds within{0};
};
/// A query whose rows are failures; it may read every source and model of the pipeline.
struct Sql {
  std::string sql;
};

using Rule =
    std::variant<NotNull, Unique, Range, AcceptedValues, Matches, Length, References, RowCount, Freshness, Sql>;

/// One check of one model or source.
struct Check {
  std::string name;  ///< "unique(id)"; unique within the model
  Rule rule;
  Severity severity = Severity::error;
  OnFail on_fail = OnFail::block;
  FilePosition position;
};

/// The rule's word in pipeline files: "not_null", "accepted_values".
std::string_view rule_name(const Rule& rule);
/// The default name of a check: "range(revenue)".
std::string default_name(const Rule& rule);
/// Columns of the checked table that the rule reads.
std::vector<std::string> columns_of(const Rule& rule);

/// True if a failure can be told of a single row, so that rows can be sent to quarantine.
bool names_rows(const Rule& rule);
/// True if one row alone decides, so that the check runs in the pass that reads the rows.
bool is_row_level(const Rule& rule);

enum class Status { pass, warn, fail };

/// What a check found.
struct Verdict {
  std::string name;  ///< "clean_customers.unique(id)"
  Status status = Status::pass;
  int64_t failing_rows = 0;
  std::string failure;  ///< in words: "3 rows", "it has fewer than 10 rows"; empty if it passed
  Severity severity = Severity::error;
  OnFail on_fail = OnFail::block;
};

/// `failing_rows` of a check, judged. `fail` only for severity error and on_fail block; quarantined rows are judged by
/// the budget instead, so they make a `warn`.
Verdict judge(const std::string& model, const Check& check, int64_t failing_rows);

}  // namespace mainstem::check

namespace mainstem::config {

template <>
struct EnumNames<check::Severity> {
  static constexpr std::array<std::pair<std::string_view, check::Severity>, 2> names{
      {{"error", check::Severity::error}, {"warn", check::Severity::warn}}};
};

template <>
struct EnumNames<check::OnFail> {
  static constexpr std::array<std::pair<std::string_view, check::OnFail>, 3> names{
      {{"quarantine", check::OnFail::quarantine}, {"block", check::OnFail::block}, {"warn", check::OnFail::warn}}};
};

}  // namespace mainstem::config
