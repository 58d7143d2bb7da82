#include "format/xml/scan.h"

#include <arrow/type.h>
#include <fmt/format.h>
#include <utility>

#include "format/record_table.h"
#include "format/xml/options.h"
#include "format/xml/row_reader.h"
#include "format/xml/survey.h"
#include "io/spool.h"
#include "observability/context.h"

namespace mainstem::format::xml {
namespace {

class XmlScan final : public Scan {
 public:
  XmlScan(std::shared_ptr<const RowReaderSettings> settings, int64_t rows, std::string description)
      : settings_(std::move(settings)), rows_(rows), description_(std::move(description)) {
    for (size_t i = 0; i < settings_->inputs.size(); ++i)
      tasks_.push_back({.input = i, .estimated_bytes = settings_->inputs[i]->size().value_or(-1)});
  }

  const std::shared_ptr<arrow::Schema>& schema() const override { return settings_->table.schema(); }
  const std::vector<ScanTask>& tasks() const override { return tasks_; }
  int64_t estimated_rows() const override { return rows_; }
  std::string description() const override { return description_; }
  Result<std::unique_ptr<columnar::BatchReader>> open(Context&, const ScanTask& task) override {
    if (task.input >= tasks_.size()) return Error(ErrorCode::internal, "an XML scan has no such task");
    return open_rows(settings_, task.input);
  }

 private:
  std::shared_ptr<const RowReaderSettings> settings_;
  std::vector<ScanTask> tasks_;
  int64_t rows_;
  std::string description_;
};

// XML has no text form for values of several kinds, as JSON has.
Result<void> refuse_json(const ColumnPlan& plan) {
  if (plan.json_text)
    return Error(ErrorCode::unsupported, "the element '" + plan.name + "' has too many different names inside of it");
  for (const auto& child : plan.children) MS_TRY(refuse_json(child));
  return {};
}

Result<std::vector<ColumnPlan>> plan_columns(const Survey& found) {
  std::vector<std::string> mixed;
  auto plans = found.shape->member_plans("", mixed);
  if (!mixed.empty())
    return Error(ErrorCode::invalid_data, "the name '" + mixed.front() + "' is that of an attribute and of an element")
        .hint("set attribute_prefix, for example to '@'");
  for (const auto& plan : plans) MS_TRY(refuse_json(plan));
  return plans;
}

// A root with a header element besides its rows is usual, but one with rows of two kinds may be, too.
void tell_passed_by(Context& context, const Survey& found, const std::string& object) {
  if (found.passed_by.empty()) return;
  context.log.warn(
      "beside the rows stand other elements, which are not read; option row says which elements are rows",
      {{"file", object}, {"rows", found.row_name}, {"others", fmt::format("{}", fmt::join(found.passed_by, ","))}});
}

std::string describe(const ReadOptions& options, const Survey& found) {
  auto text = "row=" + (options.row.empty() ? (found.row_name.empty() ? "none" : found.row_name) : options.row);
  if (options.row.empty() && !found.row_name.empty()) text += " (the only repeated element below the root)";
  if (!options.attribute_prefix.empty()) text += fmt::format(" attribute_prefix='{}'", options.attribute_prefix);
  if (options.keep_namespaces) text += " keep_namespaces=true";
  return text;
}

}  // namespace

Result<std::unique_ptr<Scan>> plan_scan(Context& context, ScanRequest request) {
  RowReaderSettings settings;
  MS_ASSIGN(settings.options, read_fields().read(request.options));
  settings.values = {.attribute_prefix = settings.options.attribute_prefix,
                     .infer_dates = settings.options.infer_dates};
  for (auto& input : request.inputs) {
    MS_ASSIGN(auto rereadable, io::make_rereadable(context, input));
    settings.inputs.push_back(std::move(rereadable));
  }
  MS_ASSIGN(const auto found, survey(context, settings.inputs, settings.options, settings.values));
  settings.row_name = found.row_name;
  tell_passed_by(context, found, settings.inputs.front()->name());
  MS_ASSIGN_DURING(auto columns, plan_columns(found), "reading " + settings.inputs.front()->name());
  MS_ASSIGN(settings.table, RecordTable::plan({.columns = std::move(columns),
                                               .declared = request.declared,
                                               .wanted = std::move(request.columns),
                                               .separator = std::nullopt}));
  auto description = describe(settings.options, found);
  auto shared = std::make_shared<const RowReaderSettings>(std::move(settings));
  return std::unique_ptr<Scan>(std::make_unique<XmlScan>(std::move(shared), found.records, std::move(description)));
}

}  // namespace mainstem::format::xml
