#include "connectors/duckdb/cursor.h"

#include <arrow/api.h>
#include <charconv>
#include <fmt/format.h>

#include "base/units.h"
#include "columnar/wider_type.h"
#include "connector/table.h"
#include "duckdb/types.h"

namespace mainstem::connectors::duckdb {
namespace {

using connector::CursorRange;
using connector::quote_identifier;
using connector::quote_literal;

bool is_time(const arrow::DataType& type) { return type.id() == arrow::Type::TIMESTAMP || arrow::is_date(type.id()); }

Error bad_lookback(const CursorRange& range, const std::string& type) {
  return Error(ErrorCode::invalid_config, fmt::format("lookback '{}' does not fit cursor column '{}' of type {}",
                                                      range.lookback, range.column, type))
      .hint("write a duration such as 1h for dates and times, a whole number for numbers");
}

std::string literal(const std::string& text, const std::string& type) {
  return fmt::format("CAST({} AS {})", quote_literal(text), type);
}

// What is taken off the lower bound.
Result<std::string> lookback_sql(const CursorRange& range, const arrow::DataType& type, const std::string& sql_type) {
  if (is_time(type)) {
    const auto duration = parse_duration(range.lookback);
    if (!duration) return bad_lookback(range, sql_type);
    return fmt::format("to_milliseconds({})", duration->count());
  }
  int64_t number = 0;
  const auto& text = range.lookback;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (!columnar::is_number(type) || code != std::errc() || end != text.data() + text.size() || number < 0)
    return bad_lookback(range, sql_type);
  return std::to_string(number);
}

Result<std::string> lower_condition(const CursorRange& range, const arrow::DataType& type,
                                    const std::string& sql_type) {
  const auto column = quote_identifier(range.column);
  const auto after = literal(range.after->bytes, sql_type);
  if (range.lookback.empty()) return fmt::format("{} > {}", column, after);
  MS_ASSIGN(const auto step, lookback_sql(range, type, sql_type));
  return fmt::format("{} >= {} - {}", column, after, step);
}

Result<void> check_position(Connection& connection, const CursorRange& range, const std::string& sql_type) {
  if (connection.texts("SELECT " + literal(range.after->bytes, sql_type))) return {};
  return Error(ErrorCode::invalid_data, fmt::format("the stored position '{}' does not fit column '{}' of type {}",
                                                    range.after->printable, range.column, sql_type))
      .hint("the column's type has changed since the last run; load everything again with --full");
}

}  // namespace

Result<BoundCursor> bind_cursor(Connection& connection, const std::string& from, const CursorRange& range,
                                const arrow::DataType& type) {
  MS_ASSIGN(const auto sql_type, mainstem::duckdb::sql_type(type));
  if (!is_time(type) && !columnar::is_number(type) && !arrow::is_string(type.id()))
    return Error(ErrorCode::invalid_config,
                 fmt::format("column '{}' of type {} cannot be a cursor", range.column, sql_type))
        .hint("choose a number, date, timestamp or text that only grows");
  const auto column = quote_identifier(range.column);
  BoundCursor bound{.condition = "", .upper = range.after};
  std::string lower;
  std::string greatest = fmt::format("max(CAST({} AS {}))", column, sql_type);
  if (!range.lookback.empty()) MS_TRY(lookback_sql(range, type, sql_type));
  if (range.after) {
    MS_TRY(check_position(connection, range, sql_type));
    MS_ASSIGN(lower, lower_condition(range, type, sql_type));
    // With a lookback and no news, only older rows are seen: a position never moves back.
    greatest = fmt::format("greatest({}, {})", greatest, literal(range.after->bytes, sql_type));
  }
  MS_ASSIGN(const auto rows, connection.texts(fmt::format("SELECT {} FROM {}", greatest, from)));
  if (!rows[0][0]) return bound;
  bound.upper = connector::Position{.bytes = *rows[0][0], .printable = *rows[0][0]};
  const auto upper = fmt::format("{} <= {}", column, literal(*rows[0][0], sql_type));
  bound.condition = lower.empty() ? fmt::format("({0} OR {1} IS NULL)", upper, column)
                                  : fmt::format("(({0} AND {1}) OR {2} IS NULL)", lower, upper, column);
  return bound;
}

}  // namespace mainstem::connectors::duckdb
