#include "connector/testkit/shapes/keyed_store.h"

#include <algorithm>
#include <arrow/api.h>
#include <arrow/io/api.h>
#include <arrow/ipc/api.h>
#include <atomic>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <mutex>
#include <set>
#include <sstream>

#include "columnar/status.h"
#include "connector/testkit/shapes/record_files.h"
#include "observability/context.h"

namespace mainstem::connector::testkit::shapes {
namespace {

using columnar::from_arrow;
namespace fs = std::filesystem;

constexpr const char* kSchemaFile = "_schema";
constexpr const char* kStateFolder = "_state";

Result<std::string> key_of(const arrow::RecordBatch& row, const std::vector<std::string>& columns) {
  std::string key;
  for (const auto& name : columns) {
    const auto column = row.GetColumnByName(name);
    if (column == nullptr) return Error(ErrorCode::invalid_config, "no key column " + name);
    if (column->IsNull(0)) return Error(ErrorCode::invalid_data, "a key is null");
    MS_ASSIGN(const auto value, from_arrow(column->GetScalar(0)));
    key += as_hex(value->ToString()) + ".";
  }
  return key;
}

class KeyedReader final : public BatchReader {
 public:
  KeyedReader(std::vector<std::string> files, std::shared_ptr<arrow::Schema> schema)
      : files_(std::move(files)), schema_(std::move(schema)) {}

  Result<std::optional<columnar::Batch>> next(Context& context) override {
    MS_TRY(context.cancellation.check());
    if (next_ == files_.size()) return std::optional<columnar::Batch>();
    arrow::RecordBatchVector rows;
    while (next_ < files_.size() && static_cast<int64_t>(rows.size()) < context.batch_rows) {
      MS_ASSIGN(const auto bytes, read_bytes(files_[next_++]));
      MS_ASSIGN(const auto record, from_record(bytes));
      MS_ASSIGN(auto row, from_arrow(record->SelectColumns(columns_of(*record))));
      rows.push_back(std::move(row));
    }
    columnar::Batch batch;
    MS_ASSIGN(batch.rows, from_arrow(arrow::ConcatenateRecordBatches(rows)));
    return std::optional(std::move(batch));
  }

 private:
  std::vector<int> columns_of(const arrow::RecordBatch& record) const {
    std::vector<int> columns;
    for (const auto& field : schema_->fields()) columns.push_back(record.schema()->GetFieldIndex(field->name()));
    return columns;
  }

  std::vector<std::string> files_;
  std::shared_ptr<arrow::Schema> schema_;
  size_t next_ = 0;
};

class KeyedRead final : public PlannedRead {
 public:
  KeyedRead(ReadPlan plan, std::string folder) : plan_(std::move(plan)), folder_(std::move(folder)) {}
  const ReadPlan& plan() const override { return plan_; }
  Result<std::unique_ptr<BatchReader>> open(Context&, const Partition&) override {
    return std::unique_ptr<BatchReader>(std::make_unique<KeyedReader>(visible_files(folder_), plan_.schema));
  }

 private:
  ReadPlan plan_;
  std::string folder_;
};

Result<std::shared_ptr<arrow::Schema>> schema_of(const std::string& folder, const std::string& name) {
  if (!fs::exists(folder + "/" + kSchemaFile)) return Error(ErrorCode::not_found, "no collection " + name);
  MS_ASSIGN(const auto bytes, read_bytes(folder + "/" + kSchemaFile));
  MS_ASSIGN(const auto empty, from_record(bytes));
  return empty->schema();
}

class KeyedSource final : public Source {
 public:
  explicit KeyedSource(std::string root) : root_(std::move(root)) {}

  Result<std::vector<TableInfo>> discover(Context&, const std::string& pattern) override {
    std::vector<TableInfo> tables;
    for (const auto& name : visible_folders(root_)) {
      if (!pattern.empty() && pattern != name) continue;
      MS_ASSIGN(auto schema, schema_of(root_ + "/" + name, name));
      tables.push_back({.table = {.schema = "", .name = name},
                        .schema = std::move(schema),
                        .primary_key = {},
                        .estimate = {},
                        .kind = "collection",
                        .comment = {}});
    }
    return tables;
  }

  Result<std::unique_ptr<PlannedRead>> plan_read(Context&, const ReadRequest& request) override {
    if (!request.where.empty()) return Error(ErrorCode::unsupported, "a keyed store takes no predicate");
    const auto folder = root_ + "/" + request.table;
    ReadPlan plan;
    MS_ASSIGN(plan.schema, schema_of(folder, request.table));
    if (!request.columns.empty()) {
      arrow::FieldVector fields;
      for (const auto& name : request.columns) {
        fields.push_back(plan.schema->GetFieldByName(name));
        if (fields.back() == nullptr) return Error(ErrorCode::not_found, "no column " + name);
      }
      plan.schema = arrow::schema(std::move(fields));
    }
    plan.partitions = {{.id = "all", .bytes = "", .estimate = {}}};
    return std::unique_ptr<PlannedRead>(std::make_unique<KeyedRead>(std::move(plan), folder));
  }

 private:
  std::string root_;
};

// What the lanes of one table share.
struct Collection {
  std::string folder;
  std::vector<std::string> key;
  std::mutex mutex;
  std::set<std::string> keys;  // that this run has put
  PublishedTable changes;
  int open_lanes = 0;

  Result<void> put(Context& context, const std::shared_ptr<arrow::RecordBatch>& row) {
    MS_ASSIGN(const auto name, key_of(*row, key));
    MS_ASSIGN(const auto bytes, to_record(*row));
    const std::lock_guard lock(mutex);
    if (!keys.insert(name).second) return Error(ErrorCode::invalid_data, "a key occurs more than once in the rows");
    const auto path = folder + "/" + name;
    ++(fs::exists(path) ? changes.updated : changes.inserted);
    MS_TRY(replace_file(path, bytes));
    context.reached("keyed.put");
    return {};
  }
};

class KeyedLane final : public Lane {
 public:
  explicit KeyedLane(Collection& collection) : collection_(collection) {}
  Result<void> write(Context& context, const arrow::RecordBatch& batch) override {
    for (int64_t row = 0; row < batch.num_rows(); ++row) {
      MS_TRY(context.cancellation.check());
      MS_TRY(collection_.put(context, batch.Slice(row, 1)));
    }
    return {};
  }
  Result<void> close(Context&) override { return {}; }

 private:
  Collection& collection_;
};

class KeyedTable final : public StagedTable {
 public:
  explicit KeyedTable(std::shared_ptr<Collection> collection) : collection_(std::move(collection)) {}
  int max_lanes() const override { return 2; }
  Result<std::unique_ptr<Lane>> open_lane(Context&) override {
    if (++collection_->open_lanes > max_lanes()) return Error(ErrorCode::resource_exhausted, "no more lanes");
    return std::unique_ptr<Lane>(std::make_unique<KeyedLane>(*collection_));
  }
  Result<Receipt> finish(Context&) override {
    Receipt receipt;
    for (const auto& key : collection_->keys) receipt.rows += fs::exists(collection_->folder + "/" + key) ? 1 : 0;
    return receipt;
  }

 private:
  std::shared_ptr<Collection> collection_;
};

std::string state_path(const std::string& root, const StateRecord& record) {
  return fmt::format("{}/{}/{}.{}.{}", root, kStateFolder, as_hex(record.pipeline), as_hex(record.source),
                     as_hex(record.target));
}

class KeyedUnit final : public PublishUnit {
 public:
  explicit KeyedUnit(std::string root) : root_(std::move(root)) {}

  Result<std::unique_ptr<StagedTable>> stage(Context&, const WriteRequest& request) override {
    auto collection = std::make_shared<Collection>();
    collection->folder = root_ + "/" + request.table;
    collection->key = request.key;
    collection->changes.name = request.name;
    std::error_code failed;
    fs::create_directories(collection->folder, failed);
    if (failed) return Error(ErrorCode::unavailable, failed.message());
    MS_ASSIGN(const auto empty, from_arrow(arrow::RecordBatch::MakeEmpty(request.schema)));
    MS_ASSIGN(const auto bytes, to_record(*empty));
    MS_TRY(replace_file(collection->folder + "/" + kSchemaFile, bytes));
    collections_.push_back(collection);
    return std::unique_ptr<StagedTable>(std::make_unique<KeyedTable>(std::move(collection)));
  }

  Result<std::vector<PublishedTable>> commit(Context& context, const StateRecords& state) override {
    MS_TRY(context.cancellation.check());
    context.reached("sink.commit.begin");
    for (const auto& record : state) {
      MS_TRY(replace_file(state_path(root_, record), as_hex(record.position.bytes) + " " +
                                                         as_hex(record.position.printable) + " " +
                                                         as_hex(record.run_id) + " " + as_hex(record.published_at)));
      context.reached("keyed.state");
    }
    context.reached("sink.commit.end");
    std::vector<PublishedTable> tables;
    for (const auto& collection : collections_) {
      tables.push_back(collection->changes);
      tables.back().rows_after = static_cast<int64_t>(visible_files(collection->folder).size());
    }
    return tables;
  }
  // There is no way back: what is put is put, and the next run puts it again.
  void abort() noexcept override {}

 private:
  std::string root_;
  std::vector<std::shared_ptr<Collection>> collections_;
};

class KeyedSink final : public Sink {
 public:
  explicit KeyedSink(std::string root) : root_(std::move(root)) {}

  Result<void> check(Context&, const WriteRequest& request) override {
    if (request.mode != WriteMode::merge) return Error(ErrorCode::unsupported, "a keyed store has only mode merge");
    if (request.key.empty()) return Error(ErrorCode::invalid_config, "mode merge needs a key");
    return {};
  }
  Result<std::unique_ptr<PublishUnit>> begin(Context&, const std::string&) override {
    return std::unique_ptr<PublishUnit>(std::make_unique<KeyedUnit>(root_));
  }
  Result<StateRecords> published_state(Context&, const std::string& pipeline,
                                       const std::vector<WriteRequest>& requests) override {
    StateRecords records;
    for (const auto& path : visible_files(root_ + "/" + kStateFolder)) {
      StateRecord record;
      std::array<std::string, 3> name;
      std::istringstream parts(fs::path(path).filename().string());
      for (auto& part : name) std::getline(parts, part, '.');
      record.pipeline = from_hex(name[0]);
      record.source = from_hex(name[1]);
      record.target = from_hex(name[2]);
      const bool wanted =
          record.pipeline == pipeline && std::ranges::count(requests, record.target, &WriteRequest::name) > 0;
      if (!wanted) continue;
      MS_ASSIGN(const auto text, read_bytes(path));
      std::array<std::string, 4> values;
      std::istringstream words(text);
      for (auto& value : values) std::getline(words, value, ' ');
      record.position = {.bytes = from_hex(values[0]), .printable = from_hex(values[1])};
      record.run_id = from_hex(values[2]);
      record.published_at = from_hex(values[3]);
      records.push_back(std::move(record));
    }
    return records;
  }
  QuarantinePlace quarantine_place(const WriteRequest&) const override {
    return {.name = "quarantine", .table = "quarantine", .target_options = {}, .source_options = {}};
  }
  std::string uri(const WriteRequest& request) const override { return "keyed://" + root_ + "/" + request.table; }

 private:
  std::string root_;
};

Result<std::string> root_of(const config::Node& connection) {
  const auto* path = connection.find("path");
  if (path == nullptr) return Error(ErrorCode::invalid_config, "'path' is missing");
  return path->text();
}

}  // namespace

ConnectorSpec keyed_store() {
  ConnectorSpec spec;
  spec.name = "keyed";
  spec.title = "Keyed store";
  spec.capabilities.read = true;
  spec.capabilities.write = true;
  spec.capabilities.discover = true;
  spec.capabilities.projection = true;
  spec.capabilities.writes = {{WriteMode::merge, Delivery::idempotent}};
  spec.make_source = [](const config::Node& node) -> Result<std::unique_ptr<Source>> {
    MS_ASSIGN(auto root, root_of(node));
    return std::unique_ptr<Source>(std::make_unique<KeyedSource>(std::move(root)));
  };
  spec.make_sink = [](const config::Node& node) -> Result<std::unique_ptr<Sink>> {
    MS_ASSIGN(auto root, root_of(node));
    return std::unique_ptr<Sink>(std::make_unique<KeyedSink>(std::move(root)));
  };
  return spec;
}

}  // namespace mainstem::connector::testkit::shapes
