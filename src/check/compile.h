#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "check/check.h"

namespace mainstem::check {

/// Most checks that name rows in one model: their outcomes are the bits of one 64-bit integer.
inline constexpr size_t kMostRowChecks = 62;

/// True for a finite number, which can stand in SQL as it is written.
bool is_number(const std::string& text);

/// SQL (DuckDB's dialect) that is true for a row of the table alias `t` that fails, and never null.
/// Only for rules that name rows.
std::string failing_row_predicate(const Rule& rule);

/// SQL of type BIGINT over the table alias `t` whose bit i is set if the row fails checks[i].
/// Errors: invalid_config for more than kMostRowChecks.
Result<std::string> violations_expression(const std::vector<Check>& checks);

/// A query with one row and one BIGINT column: how many rows of `table` fail, for any rule. `table` is an identifier,
/// not yet quoted.
std::string failing_count_query(const Rule& rule, const std::string& table, Clock::TimePoint now);

}  // namespace mainstem::check
