#include <fmt/format.h>

#include "connector/testkit/rule_list.h"

namespace mainstem::connector::testkit {
namespace {

struct Step {
  int64_t rows_in_source;
  int64_t new_rows;
};

// A source that grows, read again and again from the position before. Positions pass through text and back, as the
// target keeps them.
Result<void> a_cursor_gives_what_is_new(Trial& trial) {
  std::optional<Position> after;
  int64_t known = 0;
  for (const Step step : {Step{10, 10}, Step{10, 0}, Step{13, 3}, Step{40, 27}, Step{40, 0}}) {
    MS_TRY(trial.bench.fill(trial.context, "t", to_batch(make_rows(1, step.rows_in_source))));
    auto request = trial.reading("t");
    request.cursor = CursorRange{.column = trial.bench.cursor_column(), .after = after, .lookback = {}};
    MS_ASSIGN(const auto result, trial.read(request));
    MS_ASSIGN(const auto rows, result.rows());
    MS_TRY(expect_rows(rows, make_rows(known + 1, step.new_rows),
                       fmt::format("reading rows after {}", after ? after->printable : "nothing")));
    known = step.rows_in_source;
    if (result.position) after = result.position;
    if (!after) return broken("a read with rows has no position");
    if (after->printable.empty()) return broken("a position has no form for people");
  }
  return {};
}

Result<void> a_cursor_over_a_column_that_is_not_there(Trial& trial) {
  MS_TRY(trial.bench.fill(trial.context, "t", to_batch(make_rows(1, 5))));
  auto request = trial.reading("t");
  request.cursor = CursorRange{.column = "no_such_column", .after = {}, .lookback = {}};
  return expect_error(trial.read(request), "a cursor over a column that is not there");
}

Result<void> a_position_of_rubbish_is_an_error(Trial& trial) {
  MS_TRY(trial.bench.fill(trial.context, "t", to_batch(make_rows(1, 5))));
  auto request = trial.reading("t");
  for (const auto* bytes : {"", "\xFF\xFE", "1'; DROP TABLE t; --", "99999999999999999999999999"}) {
    request.cursor = CursorRange{
        .column = trial.bench.cursor_column(), .after = Position{.bytes = bytes, .printable = "x"}, .lookback = {}};
    MS_TRY(expect_error(trial.read(request), fmt::format("the position '{}'", bytes)));
  }
  return {};
}

}  // namespace

void add_cursor_rules(RuleList& list) {
  list.add("a_cursor_gives_what_is_new", a_cursor_gives_what_is_new);
  list.add("a_cursor_over_a_column_that_is_not_there", a_cursor_over_a_column_that_is_not_there);
  list.add("a_position_of_rubbish_is_an_error", a_position_of_rubbish_is_an_error);
}

}  // namespace mainstem::connector::testkit
