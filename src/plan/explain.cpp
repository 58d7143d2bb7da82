#include "plan/explain.h"

#include <algorithm>
#include <arrow/api.h>
#include <fmt/format.h>

#include "columnar/type_name.h"

namespace mainstem::plan {
namespace {

std::string counted(int64_t number, const char* what) {
  auto text = std::to_string(number);
  for (size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
  return fmt::format("{} {}{}", text, what, number == 1 ? "" : "s");
}

std::string rows_text(int64_t rows) { return rows < 0 ? "an unknown number of rows" : "about " + counted(rows, "row"); }

std::string check_names(const std::vector<check::Check>& checks) {
  std::vector<std::string> names;
  for (const auto& check : checks) {
    const auto word = check.severity == check::Severity::warn ? std::string("warn")
                                                              : config::Conversion<check::OnFail>::write(check.on_fail);
    names.push_back(fmt::format("{} ({})", check.name, word));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

// The lines of one stage: what it does first, then details.
struct Lines {
  std::string title;
  std::vector<std::string> details;

  void add(std::string detail) {
    if (!detail.empty()) details.push_back(std::move(detail));
  }
};

Lines lines(const OpenSource& stage) {
  Lines text{.title = fmt::format("read {} from {}: {}", stage.name, stage.connection, rows_text(stage.estimate.rows))};
  if (stage.estimate.bytes >= 0) text.title += fmt::format(", {}", counted(stage.estimate.bytes, "byte"));
  text.add(stage.description);
  std::vector<std::string> columns;
  for (const auto& field : stage.schema->fields())
    columns.push_back(field->name() + " " + columnar::type_name(*field->type()));
  text.add(fmt::format("columns: {}", fmt::join(columns, ", ")));
  if (stage.request.cursor) {
    const auto& cursor = *stage.request.cursor;
    text.add(fmt::format("only rows whose {} is greater than {}{}", cursor.column,
                         cursor.after ? cursor.after->printable : "nothing (the first run)",
                         cursor.lookback.empty() ? "" : ", less a lookback of " + cursor.lookback));
    if (stage.only_with_cursor) text.add("rows without a cursor are left out and counted");
    text.add(stage.run_filters_cursor ? "the run filters them: the source itself cannot" : "");
  }
  if (stage.refuse_rejects) text.add("a record that cannot become a row stops the run");
  if (stage.hide_records) text.add("quarantined records are kept without their text: a column is masked");
  text.add(fmt::format("read by {}", fmt::join(stage.read_by, ", ")));
  return text;
}

Lines lines(const Land& stage) {
  return {.title = fmt::format("keep {} as a table", stage.source), .details = {stage.why}};
}

Lines lines(const Transform& stage) {
  Lines text{.title = fmt::format("{} {}", stage.landed ? "compute and keep" : "compute", stage.name)};
  text.add(stage.why);
  if (!stage.row_checks.empty()) text.add("checks on the way: " + check_names(stage.row_checks));
  if (stage.hide_records && !stage.row_checks.empty())
    text.add("quarantined rows are kept without their values: a model behind masks a column");
  for (const auto& mask : stage.masks)
    text.add(fmt::format("mask {} by {}", mask.column, config::Conversion<security::MaskMethod>::write(mask.method)));
  return text;
}

Lines lines(const RunChecks& stage) {
  return {.title = fmt::format("check {} as a whole", stage.model), .details = {check_names(stage.checks)}};
}

Lines lines(const StageTarget& stage) {
  const auto mode = config::Conversion<connector::WriteMode>::write(stage.request.mode);
  Lines text{.title = fmt::format("stage {} ({}) from {}: {}", stage.name, mode, stage.model,
                                  rows_text(stage.estimated_rows))};
  text.add(stage.uri);
  if (!stage.request.key.empty()) text.add(fmt::format("key: {}", fmt::join(stage.request.key, ", ")));
  if (!stage.request.partition_by.empty())
    text.add(fmt::format("partitions: {}", fmt::join(stage.request.partition_by, ", ")));
  text.add(stage.direct ? "straight from the source's batches, without the engine" : "");
  text.add(fmt::format("delivery: {}", to_string(stage.delivery)));
  return text;
}

Lines lines(const VerifyTarget& stage) {
  return {.title = fmt::format("compare what {} holds with what was handed over", stage.name), .details = {}};
}

Lines lines(const CheckBudget& stage) {
  return {.title = fmt::format("judge the bad rows: at most {:g} % of the rows read, or {}", stage.most_fraction * 100,
                               counted(stage.most_rows, "row")),
          .details = {}};
}

Lines lines(const StageQuarantine& stage) {
  return {.title = fmt::format("stage the quarantined rows, if any, into {}", stage.request.name), .details = {}};
}

Lines lines(const PublishGroup& stage) {
  Lines text{.title = fmt::format("publish {} in {}", fmt::join(stage.targets, ", "), stage.connection),
             .details = {stage.why}};
  std::vector<std::string> cursors;
  for (const auto& cursor : stage.cursors)
    if (std::ranges::find(cursors, cursor.source) == cursors.end()) cursors.push_back(cursor.source);
  if (!cursors.empty()) text.add(fmt::format("together with the cursors of {}", fmt::join(cursors, ", ")));
  if (!stage.full_reads.empty())
    text.add("not if this repeats a run that stopped behind its publish, with the same input");
  return text;
}

Lines lines(const RecordRun&) { return {.title = "note the outcome in the local ledger", .details = {}}; }

}  // namespace

std::string explain(const Plan& plan) {
  auto text = fmt::format("pipeline {}\n\n", plan.pipeline);
  int number = 0;
  for (const auto& stage : plan.stages) {
    const auto shown = std::visit([](const auto& typed) { return lines(typed); }, stage);
    text += fmt::format("{:>3}. {}\n", ++number, shown.title);
    for (const auto& detail : shown.details) text += fmt::format("     {}\n", detail);
  }
  return text;
}

}  // namespace mainstem::plan
