#include "check/compile.h"

#include <fmt/format.h>

#include "base/check.h"
#include "config/convert.h"

namespace mainstem::check {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};

std::string quoted(std::string_view text, char quote) {
  std::string result(1, quote);
  for (char c : text) {
    if (c == quote) result += quote;
    result += c;
  }
  return result + quote;
}

std::string identifier(std::string_view name) { return quoted(name, '"'); }
std::string literal(std::string_view text) { return quoted(text, '\''); }
std::string column(std::string_view name) { return "t." + identifier(name); }

// A bound as SQL: numbers stand as they are, everything else as text that the engine casts to the column's type.
std::string bound(const std::string& text) { return is_number(text) ? text : literal(text); }

std::string either(const std::vector<std::string>& conditions) {
  return conditions.empty() ? "false" : fmt::format("({})", fmt::join(conditions, " or "));
}

// Nulls pass every rule but not_null; a comparison with null must not make the predicate null.
std::string unless_null(const std::string& condition) { return "coalesce(" + condition + ", false)"; }

std::string predicate(const NotNull& rule) {
  std::vector<std::string> conditions;
  for (const auto& name : rule.columns) conditions.push_back(column(name) + " is null");
  return either(conditions);
}

std::string predicate(const Unique& rule) {
  std::vector<std::string> columns, present;
  for (const auto& name : rule.columns) {
    columns.push_back(column(name));
    present.push_back(column(name) + " is not null");
  }
  return fmt::format("({} and count(*) over (partition by {}) > 1)", fmt::join(present, " and "),
                     fmt::join(columns, ", "));
}

std::string predicate(const Range& rule) {
  std::vector<std::string> conditions;
  if (rule.min) conditions.push_back(column(rule.column) + " < " + bound(*rule.min));
  if (rule.max) conditions.push_back(column(rule.column) + " > " + bound(*rule.max));
  return unless_null(either(conditions));
}

// The engine casts literals of text to the column's type.
std::string predicate(const AcceptedValues& rule) {
  std::vector<std::string> values;
  for (const auto& value : rule.values) values.push_back(literal(value));
  return unless_null(fmt::format("{} not in ({})", column(rule.column), fmt::join(values, ", ")));
}

std::string predicate(const Matches& rule) {
  return unless_null(
      fmt::format("not regexp_full_match(cast({} as varchar), {})", column(rule.column), literal(rule.pattern)));
}

std::string predicate(const Length& rule) {
  std::vector<std::string> conditions;
  const auto length = fmt::format("length(cast({} as varchar))", column(rule.column));
  if (rule.min) conditions.push_back(fmt::format("{} < {}", length, *rule.min));
  if (rule.max) conditions.push_back(fmt::format("{} > {}", length, *rule.max));
  return unless_null(either(conditions));
}

std::string predicate(const References& rule) {
  const auto name = column(rule.column);
  return fmt::format("({} is not null and not exists (select 1 from {} as parent where parent.{} = {}))", name,
                     identifier(rule.to_table), identifier(rule.to_column), name);
}

std::string predicate(const auto&) {
  CHECK(false, "this rule does not name rows");
  return "";
}

}  // namespace

bool is_number(const std::string& text) { return config::read_number(config::Node::scalar(text)).has_value(); }

std::string failing_row_predicate(const Rule& rule) {
  return std::visit([](const auto& r) { return predicate(r); }, rule);
}

Result<std::string> violations_expression(const std::vector<Check>& checks) {
  if (checks.size() > kMostRowChecks)
    return Error(ErrorCode::invalid_config,
                 fmt::format("{} row checks on one model; at most {} are possible", checks.size(), kMostRowChecks))
        .hint("split the model, or merge checks that name several columns");
  std::string expression = "cast(0 as bigint)";
  for (size_t i = 0; i < checks.size(); ++i)
    expression += fmt::format(" + case when {} then cast({} as bigint) else 0 end",
                              failing_row_predicate(checks[i].rule), int64_t{1} << i);
  return expression;
}

std::string failing_count_query(const Rule& rule, const std::string& table, Clock::TimePoint now) {
  const auto from = identifier(table);
  return std::visit(
      Overloaded{
          [&](const RowCount& r) {
            std::vector<std::string> conditions;
            if (r.min) conditions.push_back(fmt::format("count(*) < {}", *r.min));
            if (r.max) conditions.push_back(fmt::format("count(*) > {}", *r.max));
            return fmt::format("select cast(case when {} then 1 else 0 end as bigint) from {}", either(conditions),
                               from);
          },
          [&](const Freshness& r) {
            const auto limit = to_iso8601(now - r.within);
            return fmt::format(
                "select cast(case when coalesce(max(cast({} as timestamptz)) >= cast({} as timestamptz), false) "
                "then 0 else 1 end as bigint) from {}",
                identifier(r.column), literal(limit), from);
          },
          // Windows cannot stand in a WHERE clause, and groups need memory for the keys only.
          [&](const Unique& r) {
            std::vector<std::string> columns, present;
            for (const auto& name : r.columns) {
              columns.push_back(identifier(name));
              present.push_back(identifier(name) + " is not null");
            }
            return fmt::format(
                "select cast(coalesce(sum(n), 0) as bigint) from (select count(*) as n from {} where {} group by {} "
                "having count(*) > 1)",
                from, fmt::join(present, " and "), fmt::join(columns, ", "));
          },
          [&](const Sql& r) { return fmt::format("select cast(count(*) as bigint) from ({}\n)", r.sql); },
          [&](const auto& r) {
            return fmt::format("select cast(count(*) as bigint) from {} as t where {}", from, predicate(r));
          }},
      rule);
}

}  // namespace mainstem::check
