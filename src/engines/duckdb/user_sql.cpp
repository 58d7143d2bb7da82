#include "engines/duckdb/user_sql.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "engine/sql_token.h"

namespace mainstem::engines::duckdb {
namespace {

// Table functions that compute from their arguments alone; every other one is forbidden, also those that a later
// release may bring.
constexpr std::array<std::string_view, 9> kHarmless = {"range",     "generate_series", "unnest",
                                                       "repeat",    "repeat_row",      "json_each",
                                                       "json_tree", "histogram",       "icu_calendar_names"};
// Scalar functions with effects outside the query.
constexpr std::array<std::string_view, 3> kForbiddenScalars = {"write_log", "sleep_ms", "nextval"};

constexpr std::array<std::string_view, 8> kFirstWords = {"select", "with",  "from",        "values",
                                                         "table",  "pivot", "pivot_wider", "unpivot"};

template <size_t size>
bool contains(const std::array<std::string_view, size>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Error not_a_select(std::string_view sql, const engine::SqlToken& token) {
  return Error(ErrorCode::invalid_config, fmt::format("only SELECT can be used here, not {}", token.source))
      .hint("write a query that begins with SELECT, WITH, FROM or VALUES")
      .at(engine::position_in_sql(sql, token.offset));
}

}  // namespace

Result<UserSql> UserSql::make(mainstem::duckdb::Connection& connection) {
  MS_ASSIGN(const auto rows, connection.texts("SELECT DISTINCT lower(function_name) FROM duckdb_functions() "
                                              "WHERE function_type IN ('table', 'table_macro')"));
  UserSql rules;
  for (const auto& row : rows)
    if (!contains(kHarmless, *row[0])) rules.forbidden_.insert(*row[0]);
  for (const auto name : kForbiddenScalars) rules.forbidden_.emplace(name);
  return rules;
}

Result<std::string> UserSql::check(std::string_view sql) const {
  // DuckDB reads a text up to its first zero byte.
  if (const size_t zero = sql.find('\0'); zero != std::string_view::npos)
    return Error(ErrorCode::invalid_config, "the query has a zero byte in it")
        .hint("remove it")
        .at(engine::position_in_sql(sql, zero));
  auto tokens = engine::tokenize_sql(sql);
  while (!tokens.empty() && tokens.back().source == ";") tokens.pop_back();
  if (tokens.empty()) return Error(ErrorCode::invalid_config, "the query is empty").hint("write a SELECT");
  const auto& first = tokens.front();
  if (first.source != "(" && (first.kind != engine::SqlToken::Kind::word || !contains(kFirstWords, first.name())))
    return not_a_select(sql, first);
  const auto second = std::ranges::find(tokens, ";", &engine::SqlToken::source);
  if (second != tokens.end())
    return Error(ErrorCode::invalid_config, "the text consists of several statements")
        .hint("write one SELECT")
        .at(engine::position_in_sql(sql, second->offset));
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (!tokens[i].is_name() || tokens[i + 1].source != "(") continue;
    const auto name = tokens[i].name();
    if (forbidden_.contains(name) || name.starts_with(mainstem::duckdb::kStreamFunction) ||
        name.starts_with(mainstem::duckdb::kSinkFunction))
      return Error(ErrorCode::permission_denied, fmt::format("the function {} cannot be used in a model", name))
          .hint("models read only the sources and models of their pipeline; declare a source instead")
          .at(engine::position_in_sql(sql, tokens[i].offset));
  }
  return engine::plainly_spaced(sql, tokens);
}

}  // namespace mainstem::engines::duckdb
