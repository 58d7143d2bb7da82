#include "connectors/postgres/cursor.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/units.h"
#include "connector/table.h"

namespace mainstem::connectors::postgres {
namespace {

enum class Order { number, floating, date, timestamp, text };

struct CursorType {
  uint32_t oid;
  std::string_view name;
  Order order;
};

constexpr std::array<CursorType, 14> kCursorTypes{{{Oid::kInt2, "int2", Order::number},
                                                   {Oid::kInt4, "int4", Order::number},
                                                   {Oid::kInt8, "int8", Order::number},
                                                   {Oid::kOid, "oid", Order::text},
                                                   {Oid::kNumeric, "numeric", Order::floating},
                                                   {Oid::kFloat4, "float4", Order::floating},
                                                   {Oid::kFloat8, "float8", Order::floating},
                                                   {Oid::kDate, "date", Order::date},
                                                   {Oid::kTimestamp, "timestamp", Order::timestamp},
                                                   {Oid::kTimestamptz, "timestamptz", Order::timestamp},
                                                   {Oid::kText, "text", Order::text},
                                                   {Oid::kVarchar, "text", Order::text},
                                                   {Oid::kBpchar, "bpchar", Order::text},
                                                   {Oid::kUuid, "uuid", Order::text}}};

std::vector<std::string> values_apart(Order order) {
  switch (order) {
    case Order::floating: return {"NaN", "Infinity", "-Infinity"};
    case Order::date:
    case Order::timestamp: return {"infinity", "-infinity"};
    default: return {};
  }
}

Result<std::string> step_back(const connector::CursorRange& range, Order order) {
  if (range.lookback.empty()) return std::string();
  const auto misfit = [&](std::string_view wanted) {
    return Error(ErrorCode::invalid_config,
                 fmt::format("lookback '{}' does not fit cursor column '{}'", range.lookback, range.column))
        .hint(fmt::format("{}", wanted));
  };
  if (order == Order::text) return misfit("a cursor of text has no lookback");
  if (order == Order::date || order == Order::timestamp) {
    const auto duration = parse_duration(range.lookback);
    if (!duration) return misfit("write a duration such as 1h");
    return fmt::format(" - pg_catalog.make_interval(secs => {}::float8 / 1000)", duration->count());
  }
  const bool digits = std::ranges::all_of(range.lookback, [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || range.lookback.size() > 18) return misfit("write a whole number");
  return " - " + range.lookback + "::numeric";
}

}  // namespace

Result<CursorSql> CursorSql::make(const RemoteColumn& column, const connector::CursorRange& range) {
  const auto* type = std::ranges::find(kCursorTypes, column.type.oid, &CursorType::oid);
  if (type == kCursorTypes.end())
    return Error(ErrorCode::invalid_config,
                 fmt::format("column '{}' of type {} cannot be a cursor", column.name, column.type.name))
        .hint("choose a number, date, timestamp or text that only grows");
  CursorSql sql;
  sql.column_ = connector::quote_identifier(column.name);
  sql.type_ = fmt::format("pg_catalog.{}", type->name);
  sql.apart_ = values_apart(type->order);
  sql.nullable_ = !column.not_null;
  sql.after_ = range.after;
  MS_ASSIGN(sql.lookback_, step_back(range, type->order));
  return sql;
}

std::string CursorSql::literal(const std::string& text) const { return connector::quote_literal(text) + "::" + type_; }

std::string CursorSql::greatest(const std::string& from, const std::string& where) const {
  // A range and not a filter of the aggregate, so that the server can go to the end of an index.
  std::string conditions = where.empty() ? "true" : where;
  if (!apart_.empty())
    conditions +=
        fmt::format(" AND {0} < {1} AND {0} > {2}", column_, literal(apart_.end()[-2]), literal(apart_.back()));
  const bool is_uuid = type_ == "pg_catalog.uuid";
  // There is no max(uuid) before PostgreSQL 18.
  if (is_uuid)
    return fmt::format("SELECT {0}::pg_catalog.text FROM {1} WHERE {2} AND {0} IS NOT NULL ORDER BY {0} DESC LIMIT 1",
                       column_, from, conditions);
  return fmt::format("SELECT pg_catalog.max({0})::pg_catalog.text FROM {1} WHERE {2}", column_, from, conditions);
}

std::string CursorSql::lower_bound() const {
  if (lookback_.empty()) return fmt::format("{} > {}", column_, literal(after_->bytes));
  return fmt::format("{} >= {}{}", column_, literal(after_->bytes), lookback_);
}

std::string CursorSql::predicate(const std::optional<connector::Position>& upper) const {
  // Without an end nothing is in the order yet: what there is lies outside, and all of it is read.
  if (!upper) return "";
  std::string within = fmt::format("{} <= {}", column_, literal(upper->bytes));
  if (after_) within = "(" + within + " AND " + lower_bound() + ")";
  for (const auto& value : apart_) within += fmt::format(" OR {} = {}", column_, literal(value));
  if (nullable_) within += fmt::format(" OR {} IS NULL", column_);
  return "(" + within + ")";
}

std::string CursorSql::later_of_stored_and(const std::string& found) const {
  return fmt::format("SELECT greatest({}, {})::pg_catalog.text", literal(after_->bytes), literal(found));
}

}  // namespace mainstem::connectors::postgres
