#include "format/csv/scan.h"

#include <algorithm>
#include <arrow/api.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "columnar/schema_union.h"
#include "config/option.h"
#include "format/csv/dialect.h"
#include "format/csv/reader.h"
#include "format/csv/survey.h"
#include "observability/context.h"

namespace mainstem::format::csv {
namespace {

class CsvScan final : public Scan {
 public:
  CsvScan(std::shared_ptr<const ReadPlan> plan, std::vector<std::shared_ptr<const SourceFile>> files,
          std::vector<Cut> cuts, std::string description)
      : plan_(std::move(plan)), files_(std::move(files)), cuts_(std::move(cuts)), description_(std::move(description)) {
    for (const auto& cut : cuts_) {
      const int64_t length = cut.end - cut.begin.offset;
      tasks_.push_back({.input = cut.file, .offset = cut.begin.offset, .length = length, .estimated_bytes = length});
    }
  }

  const std::shared_ptr<arrow::Schema>& schema() const override { return plan_->schema; }
  const std::vector<ScanTask>& tasks() const override { return tasks_; }
  int64_t estimated_rows() const override { return rows; }
  std::string description() const override { return description_; }

  Result<std::unique_ptr<columnar::BatchReader>> open(Context&, const ScanTask& task) override {
    const auto cut = std::ranges::find_if(cuts_, [&](const Cut& candidate) {
      return candidate.file == task.input && candidate.begin.offset == task.offset;
    });
    if (cut == cuts_.end() || task.input >= files_.size())
      return Error(ErrorCode::conflict, fmt::format("no task begins at byte {} of input {}", task.offset, task.input))
          .hint("the input has changed since the read was planned; plan it again");
    const auto& file = files_[task.input];
    const int64_t end = task.length < 0 ? file->size : std::min(file->size, task.offset + task.length);
    return make_reader(plan_, file, {.begin = cut->begin, .end = end});
  }

  int64_t rows = -1;

 private:
  std::shared_ptr<const ReadPlan> plan_;
  std::vector<std::shared_ptr<const SourceFile>> files_;
  std::vector<Cut> cuts_;
  std::vector<ScanTask> tasks_;
  std::string description_;
};

struct Inputs {
  std::vector<DataFile> files;
  Layout layout;
};

Result<Sample> sample_with_record(const SourceFile& source, const ReadOptions& options, Layout& layout, bool& found) {
  size_t bytes = static_cast<size_t>(options.sample_size.bytes);
  const auto most = static_cast<size_t>(2 * options.max_field_size.bytes);
  for (;;) {
    MS_ASSIGN(auto sample, take_sample(source, options.skip_lines, bytes));
    auto detected = found ? Result<Layout>(layout) : detect_layout(sample, options, source.name);
    const bool usable = detected && holds_record(sample, *detected);
    if (!usable && !sample.whole && bytes < most) {
      bytes *= 4;
      continue;
    }
    if (!detected) return std::move(detected).error();
    layout = *std::move(detected);
    found = true;
    return sample;
  }
}

// The names that the header gives twice, upper and lower case being the same as in SQL.
void tell_renamed(Context& context, const Layout& layout, const std::string& file) {
  std::vector<std::string> changed;
  for (size_t i = 0; layout.header && i < layout.header_cells.size() && i < layout.names.size(); ++i) {
    const auto& written = layout.header_cells[i];
    if (!written.empty() && written != layout.names[i]) changed.push_back(written + " -> " + layout.names[i]);
  }
  if (changed.empty()) return;
  context.log.warn("columns of one name are numbered; option column_names gives them other names",
                   {{"file", file}, {"columns", fmt::format("{}", fmt::join(changed, ", "))}});
}

Result<Inputs> open_inputs(Context& context, const ScanRequest& request, const ReadOptions& options) {
  Inputs inputs;
  bool found = false;
  for (size_t i = 0; i < request.inputs.size(); ++i) {
    MS_TRY(context.cancellation.check());
    MS_ASSIGN(auto source, open_source(context, *request.inputs[i], options.encoding));
    MS_TRY(leave_out_footer(source, options.skip_footer));
    const bool last = i + 1 == request.inputs.size();
    DataFile file{.source = std::move(source), .data = {}};
    file.data = {.offset = file.source.size, .line = 1};
    // A file without text has no say, unless there are only such files.
    if (file.source.size > file.source.text_begin || (last && !found)) {
      MS_ASSIGN(const auto sample, sample_with_record(file.source, options, inputs.layout, found));
      MS_ASSIGN(file.data, find_data(file.source, sample, inputs.layout));
    }
    inputs.files.push_back(std::move(file));
  }
  if (request.options.find("column_names") == nullptr)
    tell_renamed(context, inputs.layout, inputs.files[0].source.name);
  return inputs;
}

Result<void> check_declared(const ScanRequest& request, const std::vector<std::string>& names) {
  const auto check = [&](const std::string& wanted, std::string_view what) -> Result<void> {
    if (std::ranges::find(names, wanted) != names.end()) return {};
    const auto near = config::nearest(wanted, names);
    return Error(ErrorCode::not_found, fmt::format("{} column '{}' is not in the file", what, wanted))
        .hint(near ? "did you mean '" + *near + "'?" : fmt::format("its columns are {}", fmt::join(names, ", ")));
  };
  if (request.declared != nullptr)
    for (const auto& field : request.declared->fields()) MS_TRY(check(field->name(), "declared"));
  for (const auto& column : request.columns) MS_TRY(check(column, "wanted"));
  return {};
}

Result<void> check_width(const Survey& survey, const std::string& name, size_t columns) {
  if (survey.wrong_width <= survey.rows) return {};
  return Error(ErrorCode::invalid_data,
               fmt::format("{}: {} records do not have the {} fields that were expected, and only "
                           "{} do",
                           name, survey.wrong_width, columns, survey.rows))
      .hint("give the options delimiter, quote, header or skip_lines as they are in the file");
}

std::shared_ptr<ReadPlan> make_plan(const ScanRequest& request, const ReadOptions& options, const Layout& layout,
                                    const Survey& survey) {
  auto plan = std::make_shared<ReadPlan>();
  plan->dialect = layout.dialect;
  plan->nulls = NullRules::of(options);
  plan->rules = TypeRules::of(options);
  plan->binary = options.binary;
  arrow::FieldVector fields;
  for (size_t i = 0; i < layout.names.size(); ++i) {
    auto declared = request.declared == nullptr ? nullptr : request.declared->GetFieldByName(layout.names[i]);
    plan->fallible.push_back(declared != nullptr && declared->type()->id() != arrow::Type::STRING);
    const bool text = options.infer == Infer::text;
    const auto type = declared != nullptr ? declared->type() : text ? arrow::utf8() : survey.columns[i].type();
    auto field = arrow::field(layout.names[i], type);
    const bool guessed = declared == nullptr && !text && !survey.columns[i].any_value;
    fields.push_back(guessed ? columnar::mark_without_values(*field) : std::move(field));
  }
  plan->file_schema = arrow::schema(fields);
  for (size_t i = 0; i < fields.size() && request.columns.empty(); ++i) plan->wanted.push_back(static_cast<int>(i));
  for (const auto& column : request.columns) plan->wanted.push_back(plan->file_schema->GetFieldIndex(column));
  arrow::FieldVector wanted;
  for (const int i : plan->wanted) wanted.push_back(fields[static_cast<size_t>(i)]);
  plan->schema = arrow::schema(wanted);
  return plan;
}

std::string describe(const Inputs& inputs, const ReadPlan& plan) {
  const auto& bytes = plan.dialect.bytes;
  return fmt::format("delimiter={} quote={} header={} encoding={}", show_byte(bytes.delimiter), show_byte(bytes.quote),
                     inputs.layout.header ? "yes" : "no", name_of(inputs.files.front().source.encoding));
}

}  // namespace

Result<std::unique_ptr<Scan>> plan_scan(Context& context, ScanRequest request) {
  MS_ASSIGN(const auto options, parse_read_options(request.options));
  if (request.inputs.empty()) return Error(ErrorCode::invalid_config, "there is no input to read");
  MS_ASSIGN(const auto inputs, open_inputs(context, request, options));
  MS_TRY_DURING(check_declared(request, inputs.layout.names), "reading " + inputs.files.front().source.name);
  SurveyRequest wanted{.files = &inputs.files,
                       .dialect = inputs.layout.dialect,
                       .nulls = NullRules::of(options),
                       .rules = TypeRules::of(options)};
  for (const auto& name : inputs.layout.names) {
    const bool declared = request.declared != nullptr && request.declared->GetFieldByName(name) != nullptr;
    wanted.infer.push_back(!declared && options.infer == Infer::automatic);
  }
  MS_ASSIGN(auto found, survey(context, wanted));
  MS_TRY(check_width(found, inputs.files.front().source.name, inputs.layout.names.size()));
  auto plan = make_plan(request, options, inputs.layout, found);
  for (const auto& field : plan->file_schema->fields())
    MS_TRY_DURING(make_column_reader(field->type(), plan->rules, plan->binary), "reading column " + field->name());
  std::vector<std::shared_ptr<const SourceFile>> files;
  for (const auto& file : inputs.files) files.push_back(std::make_shared<SourceFile>(file.source));
  auto description = describe(inputs, *plan);
  auto scan =
      std::make_unique<CsvScan>(std::move(plan), std::move(files), std::move(found.cuts), std::move(description));
  scan->rows = found.rows;
  return std::unique_ptr<Scan>(std::move(scan));
}

}  // namespace mainstem::format::csv
