#include "run/row_checks.h"

#include <arrow/api.h>
#include <arrow/compute/api.h>
#include <bit>
#include <fmt/format.h>

#include "base/check.h"
#include "columnar/status.h"

namespace mainstem::run {
namespace {

using columnar::from_arrow;

std::shared_ptr<arrow::RecordBatch> without_extra_columns(const arrow::RecordBatch& batch) {
  auto fields = batch.schema()->fields();
  auto columns = batch.columns();
  fields.resize(fields.size() - 2);
  columns.resize(columns.size() - 2);
  return arrow::RecordBatch::Make(arrow::schema(std::move(fields), batch.schema()->metadata()), batch.num_rows(),
                                  std::move(columns));
}

Result<std::shared_ptr<arrow::RecordBatch>> keep_rows(const std::shared_ptr<arrow::RecordBatch>& batch,
                                                      const std::vector<bool>& keep) {
  arrow::BooleanBuilder mask;
  MS_TRY(from_arrow(mask.AppendValues(keep)));
  MS_ASSIGN(const auto selection, from_arrow(mask.Finish()));
  MS_ASSIGN(const auto kept, from_arrow(arrow::compute::Filter(batch, selection)));
  return kept.record_batch();
}

}  // namespace

RowChecks::RowChecks(std::string model, std::vector<check::Check> checks, Quarantine& quarantine)
    : model_(std::move(model)), checks_(std::move(checks)), quarantine_(quarantine) {
  CHECK(checks_.size() <= check::kMostRowChecks, "the planner limits row checks");
  for (size_t i = 0; i < checks_.size(); ++i) {
    const auto& check = checks_[i];
    if (check.severity == check::Severity::error && check.on_fail == check::OnFail::quarantine)
      quarantine_bits_ |= uint64_t{1} << i;
  }
}

Result<std::shared_ptr<arrow::RecordBatch>> RowChecks::apply(const std::shared_ptr<arrow::RecordBatch>& batch) {
  const int columns = batch->num_columns();
  CHECK(columns >= 2 && batch->schema()->field(columns - 2)->name() == kViolationsColumn, "a checked query's batch");
  const auto& violations = static_cast<const arrow::Int64Array&>(*batch->column(columns - 2));
  std::vector<int64_t> bad;
  for (int64_t i = 0; i < batch->num_rows(); ++i) {
    const auto bits = static_cast<uint64_t>(violations.Value(i));
    if (bits == 0) continue;
    count(bits);
    if ((bits & quarantine_bits_) != 0) bad.push_back(i);
  }
  auto rows = without_extra_columns(*batch);
  if (bad.empty()) return rows;
  MS_TRY(send_to_quarantine(*batch, bad));
  std::vector<bool> keep(static_cast<size_t>(batch->num_rows()), true);
  for (const auto row : bad) keep[static_cast<size_t>(row)] = false;
  return keep_rows(rows, keep);
}

void RowChecks::count(uint64_t violations) {
  while (violations != 0) {
    ++failures_[static_cast<size_t>(std::countr_zero(violations))];
    violations &= violations - 1;
  }
}

Result<void> RowChecks::send_to_quarantine(const arrow::RecordBatch& batch, const std::vector<int64_t>& rows) {
  const auto& violations = static_cast<const arrow::Int64Array&>(*batch.column(batch.num_columns() - 2));
  const auto& records = static_cast<const arrow::StringArray&>(*batch.column(batch.num_columns() - 1));
  std::vector<QuarantinedRow> quarantined;
  for (const auto row : rows) {
    // A row that fails several checks is one row: it stands once, under the first of them.
    const auto bits = static_cast<uint64_t>(violations.Value(row)) & quarantine_bits_;
    std::vector<std::string> names;
    for (size_t i = 0; i < checks_.size(); ++i)
      if (bits >> i & 1) names.push_back(checks_[i].name);
    const auto& first = checks_[static_cast<size_t>(std::countr_zero(bits))];
    const auto read = check::columns_of(first.rule);
    quarantined.push_back({.step = model_,
                           .column = read.empty() ? "" : read.front(),
                           .code = std::string(check::rule_name(first.rule)),
                           .reason = fmt::format("failed {}", fmt::join(names, ", ")),
                           .record = records.IsNull(row) ? "" : records.GetString(row)});
  }
  quarantined_ += static_cast<int64_t>(rows.size());
  return quarantine_.add(quarantined);
}

std::vector<check::Verdict> RowChecks::verdicts() const {
  std::vector<check::Verdict> result;
  for (size_t i = 0; i < checks_.size(); ++i) result.push_back(check::judge(model_, checks_[i], failures_[i]));
  return result;
}

}  // namespace mainstem::run
