#include <algorithm>
#include <arrow/type.h>
#include <fmt/format.h>
#include <utility>

#include "format/json/nested_path.h"
#include "format/json/operations.h"
#include "format/json/part.h"
#include "format/json/row_reader.h"
#include "format/record_table.h"
#include "io/spool.h"

namespace mainstem::format::json {
namespace {

std::string_view to_string(Layout layout) {
  switch (layout) {
    case Layout::automatic: return "auto";
    case Layout::lines: return "lines";
    case Layout::array: return "array";
    case Layout::document: break;
  }
  return "document";
}

std::string describe(const std::vector<Part>& parts, const ReadOptions& options, const std::vector<std::string>& lists,
                     const std::vector<std::string>& mixed) {
  std::string text = fmt::format("layout={}", parts.empty() ? "lines" : to_string(parts.front().layout));
  if (!options.records.empty()) text += " records=" + options.records;
  if (!options.rows.empty()) text += fmt::format(" rows={} keys=[{}]", options.rows, fmt::join(options.keys, ", "));
  if (options.nested != Nested::keep)
    text +=
        fmt::format(" nested={} separator='{}'", config::Conversion<Nested>::write(options.nested), options.separator);
  if (!lists.empty()) text += fmt::format(" lists=[{}]", fmt::join(lists, ", "));
  if (!mixed.empty()) text += fmt::format(" json_text=[{}]", fmt::join(mixed, ", "));
  return text;
}

class JsonScan final : public Scan {
 public:
  JsonScan(std::shared_ptr<const RowReaderSettings> settings, std::vector<Part> parts)
      : settings_(std::move(settings)), parts_(std::move(parts)) {}

  void describe_as(std::string text) { description_ = std::move(text); }
  void add_task(const Part& part, int64_t bytes) {
    const bool whole = part.end == Part::kToEnd;
    tasks_.push_back({.input = part.input,
                      .offset = part.offset,
                      .length = whole ? -1 : part.end - part.offset,
                      .estimated_bytes = whole ? bytes : part.end - part.offset});
  }
  void add_rows(int64_t rows) { rows_ += rows; }

  const std::shared_ptr<arrow::Schema>& schema() const override { return settings_->table.schema(); }
  const std::vector<ScanTask>& tasks() const override { return tasks_; }
  int64_t estimated_rows() const override { return rows_; }
  std::string description() const override { return description_; }
  Result<std::unique_ptr<columnar::BatchReader>> open(Context&, const ScanTask& task) override {
    const auto part = std::find_if(parts_.begin(), parts_.end(), [&](const Part& candidate) {
      return candidate.input == task.input && candidate.offset == task.offset;
    });
    if (part == parts_.end()) return Error(ErrorCode::internal, "a JSON scan has no such task");
    return open_rows(settings_, *part);
  }

 private:
  std::shared_ptr<const RowReaderSettings> settings_;
  std::vector<Part> parts_;
  std::vector<ScanTask> tasks_;
  int64_t rows_ = 0;
  std::string description_;
};

// The columns that were found.
Result<TableRequest> plan_table(RowReaderSettings& settings, const Shape& shape, std::vector<std::string>& mixed) {
  TableRequest table{.leave_out_lists = settings.options.nested == Nested::split};
  if (settings.options.nested != Nested::keep) table.separator = settings.options.separator;
  if (settings.nested) {
    settings.only_objects = shape.seen_items() != nullptr && shape.seen_items()->has_objects();
    MS_ASSIGN(table.columns, plan_nested_columns(*settings.nested, shape, mixed));
  } else {
    table.columns = shape.member_plans("", mixed);
  }
  return table;
}

}  // namespace

Result<std::unique_ptr<Scan>> plan_scan(Context& context, ScanRequest request) {
  RowReaderSettings settings;
  MS_ASSIGN(settings.options, read_fields().read(request.options));
  MS_ASSIGN(settings.nested, read_nested_path(settings.options));
  for (auto& input : request.inputs) {
    MS_ASSIGN(auto rereadable, io::make_rereadable(context, input));
    settings.inputs.push_back(std::move(rereadable));
  }
  MS_ASSIGN(const auto parts, cut_inputs(context, settings.inputs, settings.options));
  MS_ASSIGN(auto findings, look_at_all(context, settings.inputs, settings.options, parts));
  std::vector<Part> found;
  Shape shape;
  int64_t rows = 0;
  for (const auto& finding : findings) {
    shape.merge(finding.shape);
    rows += finding.rows;
    // Other layouts are read even without records: their end may be damaged.
    if (finding.records > 0 || finding.part.layout != Layout::lines) found.push_back(finding.part);
  }
  std::vector<std::string> mixed;
  MS_ASSIGN(auto table, plan_table(settings, shape, mixed));
  const auto lists = paths_of_lists(table.columns, settings.options.rows.empty() ? "" : settings.options.rows + ".");
  auto description = describe(parts, settings.options, lists, mixed);
  table.declared = request.declared;
  table.wanted = std::move(request.columns);
  MS_ASSIGN(settings.table, RecordTable::plan(std::move(table)));
  auto shared = std::make_shared<const RowReaderSettings>(std::move(settings));
  auto scan = std::make_unique<JsonScan>(shared, found);
  for (const auto& part : found) scan->add_task(part, shared->inputs[part.input]->size().value_or(-1));
  scan->add_rows(rows);
  scan->describe_as(std::move(description));
  return std::unique_ptr<Scan>(std::move(scan));
}

}  // namespace mainstem::format::json
