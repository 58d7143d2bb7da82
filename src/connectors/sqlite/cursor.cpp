#include "connectors/sqlite/cursor.h"

#include <array>
#include <charconv>
#include <fmt/format.h>
#include <limits>

#include "base/units.h"
#include "connectors/sqlite/temporal.h"
#include "sqlite/identifier.h"

namespace mainstem::connectors::sqlite {
namespace {

using mainstem::sqlite::Database;
using mainstem::sqlite::quote_name;
using mainstem::sqlite::Statement;
using mainstem::sqlite::ValueType;

constexpr size_t kSeparatorAt = 10;  // behind the date of "2026-01-31 12:30:00"

std::string number_text(double value) {
  std::array<char, 32> digits{};
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
}

template <class Number>
Result<CursorValue> parse_number(const columnar::Position& position) {
  const auto text = std::string_view(position.bytes).substr(2);
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    return Error(ErrorCode::invalid_data, "not a position of a SQLite source: '" + position.printable + "'");
  return CursorValue(number);
}

Error bad_lookback(const connector::CursorRange& range) {
  return Error(ErrorCode::invalid_config,
               fmt::format("lookback '{}' does not fit cursor column '{}'", range.lookback, range.column))
      .hint("write a duration such as 1h for dates and times, a whole number for numbers");
}

Result<CursorValue> stepped_back(const CursorValue& after, const connector::CursorRange& range) {
  if (range.lookback.empty()) return after;
  if (const auto* text = std::get_if<std::string>(&after)) {
    const auto step = parse_duration(range.lookback);
    const auto earlier = step ? step_back(*text, *step) : std::nullopt;
    if (!earlier) return bad_lookback(range);
    return CursorValue(*earlier);
  }
  int64_t step = 0;
  const auto* end = range.lookback.data() + range.lookback.size();
  const auto [at, error] = std::from_chars(range.lookback.data(), end, step);
  if (error != std::errc() || at != end || step < 0) return bad_lookback(range);
  if (const auto* number = std::get_if<double>(&after)) return CursorValue(*number - static_cast<double>(step));
  int64_t lower = 0;
  if (__builtin_sub_overflow(std::get<int64_t>(after), step, &lower)) lower = std::numeric_limits<int64_t>::min();
  return CursorValue(lower);
}

Result<std::optional<CursorValue>> greatest(Database& database, const std::string& from, const std::string& column) {
  MS_ASSIGN(auto statement, database.prepare(fmt::format("SELECT max({}) FROM {}", column, from)));
  MS_TRY(statement.step());
  switch (statement.type(0)) {
    case ValueType::null: return std::optional<CursorValue>();
    case ValueType::integer: return std::optional<CursorValue>(statement.integer(0));
    case ValueType::real: return std::optional<CursorValue>(statement.real(0));
    case ValueType::text: return std::optional<CursorValue>(std::string(statement.text(0)));
    case ValueType::blob: break;
  }
  return Error(ErrorCode::invalid_data, "a column of blobs cannot be a cursor: " + column);
}

bool is_greater(const CursorValue& a, const CursorValue& b) {
  if (a.index() == b.index()) return a > b;
  const auto number = [](const CursorValue& value) -> long double {
    if (const auto* integer = std::get_if<int64_t>(&value)) return static_cast<long double>(*integer);
    return std::get<double>(value);
  };
  return number(a) > number(b);
}

Result<void> bind_value(Statement& statement, int index, const CursorValue& value) {
  return std::visit([&](const auto& typed) { return statement.bind(index, typed); }, value);
}

// Numbers sort before texts whatever they mean, so rows with values of the other kind would be passed over for good.
Result<void> check_one_kind(Database& database, const std::string& from, const std::string& column, bool texts) {
  const auto sql = fmt::format("SELECT 1 FROM {} WHERE {} {} '' LIMIT 1", from, column, texts ? "<" : ">=");
  MS_ASSIGN(const int64_t mixed, database.integer(sql));
  if (mixed == 0) return {};
  return Error(ErrorCode::invalid_data,
               "cursor column " + column + " holds numbers and texts, which have no common order")
      .hint("read everything (no incremental), or give a query that converts the column");
}

// Texts compare by time only if they are written alike: "T" sorts behind " ", and "+02:00" is another clock than "Z".
Result<void> check_one_form(Database& database, const std::string& from, const std::string& column,
                            const std::string& upper) {
  if (!parse_timestamp(upper.substr(0, kSeparatorAt), arrow::TimeUnit::SECOND, false)) return {};
  MS_ASSIGN(auto statement,
            database.prepare(fmt::format("SELECT {0} FROM {1} WHERE {0} IS NOT NULL AND (substr({0}, 11, 1) <> ?1 OR "
                                         "substr({0}, -length(?2)) <> ?2 AND ?2 <> '') LIMIT 1",
                                         column, from)));
  const auto separator = upper.size() > kSeparatorAt ? upper.substr(kSeparatorAt, 1) : std::string();
  MS_TRY(statement.bind_all(separator, zone_of(upper)));
  MS_ASSIGN(const bool other, statement.step());
  if (!other) return {};
  return Error(ErrorCode::invalid_data,
               fmt::format("cursor column {} holds times written in several forms, which do not "
                           "compare as texts: '{}' and '{}'",
                           column, upper, statement.text(0)))
      .hint("read everything (no incremental), or give a query with datetime(...) around the column");
}

}  // namespace

columnar::Position position_of(const CursorValue& value) {
  if (const auto* integer = std::get_if<int64_t>(&value)) {
    const auto text = std::to_string(*integer);
    return {.bytes = "i:" + text, .printable = text};
  }
  if (const auto* real = std::get_if<double>(&value)) {
    const auto text = number_text(*real);
    return {.bytes = "r:" + text, .printable = text};
  }
  const auto& text = std::get<std::string>(value);
  return {.bytes = "t:" + text, .printable = text};
}

Result<CursorValue> read_position(const columnar::Position& position) {
  if (position.bytes.starts_with("t:")) return CursorValue(position.bytes.substr(2));
  if (position.bytes.starts_with("i:")) return parse_number<int64_t>(position);
  if (position.bytes.starts_with("r:")) return parse_number<double>(position);
  return Error(ErrorCode::invalid_data, "not a position of a SQLite source: '" + position.printable + "'");
}

Result<void> CursorCondition::bind(Statement& statement) const {
  for (size_t i = 0; i < values.size(); ++i) MS_TRY(bind_value(statement, static_cast<int>(i) + 1, values[i]));
  return {};
}

Result<CursorCondition> plan_cursor(Database& database, const std::string& from, const connector::CursorRange& range) {
  const auto column = quote_name(range.column);
  MS_ASSIGN_DURING(const auto upper, greatest(database, from, column), "finding the end of cursor " + range.column);
  CursorCondition condition;
  std::optional<CursorValue> after;
  if (range.after) {
    MS_ASSIGN(after, read_position(*range.after));
    condition.upper = range.after;
  }
  if (!upper) {  // only rows without a value are left
    condition.sql = column + " IS NULL";
    return condition;
  }
  MS_TRY(stepped_back(*upper, range));
  const auto* text = std::get_if<std::string>(&*upper);
  if (after && std::holds_alternative<std::string>(*after) != (text != nullptr))
    return Error(ErrorCode::invalid_data,
                 fmt::format("the stored position '{}' does not fit column '{}'", range.after->printable, range.column))
        .hint("the column's type has changed since the last run; load everything again with --full");
  MS_TRY(check_one_kind(database, from, column, text != nullptr));
  if (text != nullptr) MS_TRY(check_one_form(database, from, column, *text));
  condition.values.push_back(*upper);
  std::string between = column + " <= ?1";
  if (after) {
    MS_ASSIGN(auto lower, stepped_back(*after, range));
    condition.values.push_back(std::move(lower));
    between += fmt::format(" AND {} {} ?2", column, range.lookback.empty() ? ">" : ">=");
    // A position never moves back, though rows may have been deleted.
    if (is_greater(*upper, *after)) condition.upper = position_of(*upper);
  } else {
    condition.upper = position_of(*upper);
  }
  condition.sql = fmt::format("({} OR {} IS NULL)", between, column);
  return condition;
}

}  // namespace mainstem::connectors::sqlite
