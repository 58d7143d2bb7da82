#include "connectors/files/planned_read.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <arrow/util/base64.h>
#include <fmt/format.h>

#include "base/json.h"
#include "columnar/status.h"
#include "config/convert.h"
#include "config/yaml.h"
#include "observability/context.h"

namespace mainstem::connectors::files {
namespace {

using columnar::from_arrow;
using connector::Partition;
using Fields = std::vector<std::shared_ptr<arrow::Field>>;

// Where a column of the result comes from: the scan, or (behind them) the constants of its file.
struct ColumnSource {
  bool constant = false;
  size_t index = 0;
};

struct Columns {
  std::shared_ptr<arrow::Schema> schema;
  std::vector<ColumnSource> sources;
};

// Adds a file's constant columns to the batches of its format.
class FileReader final : public connector::BatchReader {
 public:
  FileReader(std::unique_ptr<columnar::BatchReader> reader, const Columns& columns,
             std::vector<std::shared_ptr<arrow::Scalar>> constants, const SourceFile& file)
      : reader_(std::move(reader)), columns_(columns), constants_(std::move(constants)), file_(file) {}

  Result<std::optional<columnar::Batch>> next(Context& context) override {
    MS_TRY(context.cancellation.check());
    MS_ASSIGN(auto batch, reader_->next(context));
    if (!batch) {
      MS_TRY(check_identity(file_));
      return batch;
    }
    for (auto& reject : batch->rejects)
      if (reject.object.empty()) reject.object = file_.path;
    if (batch->rows != nullptr) {
      MS_ASSIGN(batch->rows, complete(*batch->rows));
    }
    return batch;
  }

 private:
  Result<std::shared_ptr<arrow::RecordBatch>> complete(const arrow::RecordBatch& rows) const {
    std::vector<std::shared_ptr<arrow::Array>> arrays;
    for (const auto& source : columns_.sources) {
      if (!source.constant) {
        arrays.push_back(rows.column(static_cast<int>(source.index)));
        continue;
      }
      MS_ASSIGN(auto array, from_arrow(arrow::MakeArrayFromScalar(*constants_[source.index], rows.num_rows())));
      arrays.push_back(std::move(array));
    }
    return arrow::RecordBatch::Make(columns_.schema, rows.num_rows(), std::move(arrays));
  }

  std::unique_ptr<columnar::BatchReader> reader_;
  const Columns& columns_;
  std::vector<std::shared_ptr<arrow::Scalar>> constants_;
  const SourceFile& file_;
};

// One part as it can be written down: which file it was, and which stretch of it.
std::string partition_bytes(const SourceFile& file, const format::ScanTask& task) {
  JsonWriter json;
  json.begin_object()
      .member("path", arrow::util::base64_encode(file.path))
      .member("size", file.size)
      .member("modified_ns", file.modified_ns)
      .member("offset", task.offset)
      .member("length", task.length)
      .end_object();
  return json.take();
}

class PlannedFileRead final : public connector::PlannedRead {
 public:
  PlannedFileRead(FileRead read, Fields constants) : read_(std::move(read)), constants_(std::move(constants)) {}

  const connector::ReadPlan& plan() const override { return plan_; }

  Result<void> scan(Context& context, const connector::ReadRequest& request, Spools& spools) {
    const auto& files = read_.files.files;
    if (files.empty()) return settle(*read_.files.set_schema, request.columns, true);
    MS_ASSIGN(auto inputs, open_inputs(context, files, *read_.format, read_.input_options, spools));
    format::ScanRequest scan{.inputs = std::move(inputs),
                             .options = read_.format_options,
                             .declared = declared(request),
                             .columns = columns_in_files(request.columns)};
    MS_ASSIGN(scan_, read_.format->plan_scan(context, std::move(scan)));
    if (scan_->schema()->num_fields() == 0) return nothing_found();
    MS_TRY(settle(*scan_->schema(), request.columns, false));
    add_partitions();
    return {};
  }

  Error nothing_found() const {
    const auto& files = read_.files.files;
    const auto place =
        files.size() == 1 ? files.front().path : fmt::format("{} files as {}", files.size(), files.front().path);
    return Error(ErrorCode::invalid_data,
                 fmt::format("{}: no record with a field was found, read as {}", place, read_.format->title))
        .hint(
            "if it is of another format, name that with `format`; if it may be empty, declare its columns in a "
            "contract");
  }

  Result<std::unique_ptr<connector::BatchReader>> open(Context& context, const Partition& partition) override {
    MS_ASSIGN(const auto task, read_task(partition));
    const auto& file = read_.files.files[task.input];
    MS_TRY(check_identity(file));
    std::vector<std::shared_ptr<arrow::Scalar>> constants;
    for (size_t i = 0; i < file.partition.size(); ++i) {
      MS_ASSIGN_DURING(auto scalar, hive_scalar(constants_[i]->type(), file.partition[i].second),
                       fmt::format("reading column '{}' of {}", constants_[i]->name(), file.path));
      constants.push_back(std::move(scalar));
    }
    if (!read_.file_name_column.empty()) constants.push_back(std::make_shared<arrow::StringScalar>(file.path));
    MS_ASSIGN(auto reader, scan_->open(context, task));
    return std::unique_ptr<connector::BatchReader>(
        std::make_unique<FileReader>(std::move(reader), columns_, std::move(constants), file));
  }

 private:
  bool is_constant(const std::string& name) const {
    return std::ranges::any_of(constants_, [&name](const auto& field) { return field->name() == name; });
  }

  // The columns to ask the format for; if none of the wanted ones is its own it gives all, and they are left out later.
  std::vector<std::string> columns_in_files(const std::vector<std::string>& wanted) const {
    std::vector<std::string> names;
    for (const auto& name : wanted)
      if (!is_constant(name)) names.push_back(name);
    return names;
  }

  // What the user declared, and for a set of text files the types that were written.
  std::shared_ptr<arrow::Schema> declared(const connector::ReadRequest& request) const {
    Fields fields;
    const auto add = [&](const std::shared_ptr<arrow::Schema>& schema, bool all) {
      if (schema == nullptr) return;
      for (const auto& field : schema->fields()) {
        const bool known = std::ranges::any_of(fields, [&](const auto& f) { return f->name() == field->name(); });
        const bool simple = !arrow::is_nested(*field->type()) && field->type()->id() != arrow::Type::DICTIONARY;
        if (!known && (all || simple) && !is_constant(field->name())) fields.push_back(field);
      }
    };
    add(request.declared, true);
    if (!read_.format->needs_seekable_input) add(read_.files.set_schema, false);
    return fields.empty() ? nullptr : arrow::schema(std::move(fields));
  }

  // The result's columns: those of the files, then those of names; or as `wanted`.
  Result<void> settle(const arrow::Schema& in_files, const std::vector<std::string>& wanted, bool empty_set) {
    Fields fields;
    std::vector<ColumnSource> sources;
    for (int i = 0; i < in_files.num_fields(); ++i) {
      const bool twice = is_constant(in_files.field(i)->name());
      if (twice)
        return Error(ErrorCode::invalid_data, fmt::format("column '{}' is in the files, and would also come from their "
                                                          "names",
                                                          in_files.field(i)->name()))
            .hint("set `hive_partitioning: false`, or choose another `file_name_column`");
      fields.push_back(in_files.field(i));
      sources.push_back({.constant = false, .index = static_cast<size_t>(i)});
    }
    for (size_t i = 0; i < constants_.size(); ++i) {
      fields.push_back(constants_[i]);
      sources.push_back({.constant = true, .index = i});
    }
    if (wanted.empty() && !empty_set && !read_.files.set_schema) return keep(fields, sources);
    return choose(fields, sources, wanted.empty() ? set_columns() : wanted);
  }

  // A set gives its columns in the order they were written in.
  std::vector<std::string> set_columns() const {
    auto names = read_.files.set_schema->field_names();
    if (!read_.file_name_column.empty()) names.push_back(read_.file_name_column);
    return names;
  }

  Result<void> choose(const Fields& fields, const std::vector<ColumnSource>& sources,
                      const std::vector<std::string>& wanted) {
    Fields chosen;
    std::vector<ColumnSource> chosen_sources;
    std::vector<std::string> names;
    for (const auto& field : fields) names.push_back(field->name());
    for (const auto& name : wanted) {
      const auto at = std::ranges::find(names, name);
      if (at == names.end()) {
        const auto near = config::nearest(name, names);
        return Error(ErrorCode::invalid_config, fmt::format("there is no column '{}'", name))
            .hint(near ? fmt::format("did you mean '{}'?", *near)
                       : fmt::format("there are {}", fmt::join(names, ", ")));
      }
      chosen.push_back(fields[static_cast<size_t>(at - names.begin())]);
      chosen_sources.push_back(sources[static_cast<size_t>(at - names.begin())]);
    }
    return keep(chosen, chosen_sources);
  }

  Result<void> keep(const Fields& fields, const std::vector<ColumnSource>& sources) {
    columns_ = {.schema = arrow::schema(fields), .sources = sources};
    plan_.schema = columns_.schema;
    const auto& files = read_.files.files;
    plan_.description = fmt::format("{} file{}", files.size(), files.size() == 1 ? "" : "s");
    if (scan_ != nullptr) plan_.description += fmt::format(", {} {}", read_.format->name, scan_->description());
    plan_.estimate.rows = scan_ == nullptr ? 0 : scan_->estimated_rows();
    plan_.estimate.bytes = 0;
    for (const auto& file : files) {
      if (file.size < 0) plan_.estimate.bytes = -1;
      if (plan_.estimate.bytes >= 0) plan_.estimate.bytes += file.size;
    }
    return {};
  }

  void add_partitions() {
    std::vector<size_t> counts(read_.files.files.size());
    for (const auto& task : scan_->tasks()) {
      const auto& file = read_.files.files[task.input];
      plan_.partitions.push_back({.id = fmt::format("{}#{}", file.path, ++counts[task.input]),
                                  .bytes = partition_bytes(file, task),
                                  .estimate = {.rows = -1, .bytes = task.estimated_bytes}});
    }
  }

  Result<format::ScanTask> read_task(const Partition& partition) const {
    MS_ASSIGN(const auto node, config::read_json(partition.bytes, "partition " + partition.id));
    const auto number = [&node](std::string_view key) -> Result<int64_t> {
      const auto* value = node.find(key);
      if (value == nullptr) return Error(ErrorCode::invalid_data, fmt::format("a partition has no '{}'", key));
      return config::read_integer(*value);
    };
    format::ScanTask task;
    MS_ASSIGN(task.offset, number("offset"));
    MS_ASSIGN(task.length, number("length"));
    MS_ASSIGN(const auto size, number("size"));
    MS_ASSIGN(const auto modified_ns, number("modified_ns"));
    const auto* path = node.find("path");
    const auto encoded = path == nullptr ? std::string() : path->text();
    for (const auto& file : read_.files.files) {
      if (arrow::util::base64_encode(file.path) == encoded && file.size == size && file.modified_ns == modified_ns)
        return task;
      ++task.input;
    }
    return Error(ErrorCode::conflict,
                 fmt::format("the file of {} is not as it was when the read was planned", partition.id))
        .hint("read it from the beginning");
  }

  FileRead read_;
  Fields constants_;
  std::unique_ptr<format::Scan> scan_;
  Columns columns_;
  connector::ReadPlan plan_;
};

}  // namespace

Result<std::unique_ptr<connector::PlannedRead>> plan_file_read(Context& context, FileRead read,
                                                               const connector::ReadRequest& request, Spools& spools) {
  MS_ASSIGN(auto constants, settle_hive_columns(read.files, {request.declared, read.files.set_schema}));
  if (!read.file_name_column.empty()) constants.push_back(arrow::field(read.file_name_column, arrow::utf8(), false));
  auto planned = std::make_unique<PlannedFileRead>(std::move(read), std::move(constants));
  MS_TRY(planned->scan(context, request, spools));
  return std::unique_ptr<connector::PlannedRead>(std::move(planned));
}

}  // namespace mainstem::connectors::files
