#include "connector/testkit/shapes/change_log.h"

#include <algorithm>
#include <arrow/api.h>
#include <charconv>

#include "columnar/status.h"
#include "observability/context.h"

namespace mainstem::connector::testkit::shapes {

using columnar::from_arrow;

namespace {

Position position_at(int64_t transaction) {
  const auto text = std::to_string(transaction);
  return {.bytes = text, .printable = text};
}

Result<int64_t> number_of(const Position& position) {
  int64_t number = 0;
  const auto& text = position.bytes;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size())
    return Error(ErrorCode::invalid_data, "not a position of this log");
  return number;
}

std::shared_ptr<arrow::Schema> table_schema(const std::vector<std::string>& columns) {
  arrow::FieldVector fields = {arrow::field("id", arrow::int64())};
  for (const auto& column : columns) fields.push_back(arrow::field(column, arrow::utf8()));
  return arrow::schema(std::move(fields));
}

std::shared_ptr<arrow::Schema> change_schema(const std::vector<std::string>& columns) {
  auto fields = table_schema(columns)->fields();
  fields.insert(fields.begin(), arrow::field("_op", arrow::utf8()));
  for (const auto& column : columns) fields.push_back(arrow::field("_before_" + column, arrow::utf8()));
  return arrow::schema(std::move(fields));
}

arrow::Status append_texts(const std::vector<std::string>& columns, const LogServer::TextRow& row, int first,
                           arrow::RecordBatchBuilder& builder) {
  for (const auto& column : columns) {
    auto* field = builder.GetFieldAs<arrow::StringBuilder>(first++);
    const auto found = row.find(column);
    ARROW_RETURN_NOT_OK(found == row.end() ? field->AppendNull() : field->Append(found->second));
  }
  return arrow::Status::OK();
}

class SnapshotReader final : public BatchReader {
 public:
  SnapshotReader(LogServer::Table rows, std::vector<std::string> columns)
      : rows_(std::move(rows)), columns_(std::move(columns)), next_(rows_.begin()) {}

  Result<std::optional<columnar::Batch>> next(Context& context) override {
    MS_TRY(context.cancellation.check());
    if (next_ == rows_.end()) return std::optional<columnar::Batch>();
    MS_ASSIGN(const auto builder,
              from_arrow(arrow::RecordBatchBuilder::Make(table_schema(columns_), arrow::default_memory_pool())));
    for (int64_t count = 0; next_ != rows_.end() && count < context.batch_rows; ++next_, ++count) {
      MS_TRY(from_arrow(builder->GetFieldAs<arrow::Int64Builder>(0)->Append(next_->first)));
      MS_TRY(from_arrow(append_texts(columns_, next_->second, 1, *builder)));
    }
    columnar::Batch batch;
    MS_ASSIGN(batch.rows, from_arrow(builder->Flush()));
    return std::optional(std::move(batch));
  }

 private:
  LogServer::Table rows_;
  std::vector<std::string> columns_;
  LogServer::Table::const_iterator next_;
};

class SnapshotRead final : public PlannedRead {
 public:
  SnapshotRead(LogServer::Table rows, std::vector<std::string> columns)
      : rows_(std::move(rows)), columns_(std::move(columns)) {
    plan_.schema = table_schema(columns_);
    plan_.partitions = {{.id = "all", .bytes = "", .estimate = {}}};
  }
  const ReadPlan& plan() const override { return plan_; }
  Result<std::unique_ptr<BatchReader>> open(Context&, const Partition&) override {
    return std::unique_ptr<BatchReader>(std::make_unique<SnapshotReader>(rows_, columns_));
  }

 private:
  LogServer::Table rows_;
  std::vector<std::string> columns_;
  ReadPlan plan_;
};

}  // namespace

// Gives a change a call, so that whoever reads meets every border between two of them.
class LogReader final : public ChangeReader {
 public:
  LogReader(LogServer& server, std::map<std::string, int64_t> after) : server_(server), after_(std::move(after)) {
    transaction_ = std::ranges::min_element(after_, {}, [](const auto& one) { return one.second; })->second + 1;
  }

  Result<std::optional<ChangeBatch>> next(Context& context) override {
    MS_TRY(context.cancellation.check());
    {
      const std::lock_guard lock(server_.mutex_);
      if (const auto table = next_without_shape()) return shape_of(*table, shape_at(*table));
      while (transaction_ <= static_cast<int64_t>(server_.log_.size())) {
        MS_ASSIGN(auto change, next_in_transaction());
        if (change) return change;
      }
    }
    if (server_.on_wait) server_.on_wait();
    return std::optional(ChangeBatch());
  }

 private:
  std::optional<std::string> next_without_shape() const {
    for (const auto& [table, after] : after_)
      if (!columns_.contains(table)) return table;
    return std::nullopt;
  }
  // As it was at the table's position.
  std::vector<std::string> shape_at(const std::string& table) const {
    auto columns = server_.first_columns_.at(table);
    for (int64_t number = 0; number < after_.at(table); ++number)
      for (const auto& change : server_.log_[static_cast<size_t>(number)])
        if (change.table == table) columns = change.columns;
    return columns;
  }
  Result<std::optional<ChangeBatch>> shape_of(const std::string& table, const std::vector<std::string>& columns) {
    columns_[table] = columns;
    return std::optional(
        ChangeBatch{.table = table, .batch = {}, .transaction_end = false, .new_schema = change_schema(columns)});
  }

  Result<std::optional<ChangeBatch>> next_in_transaction() {
    const auto number = static_cast<size_t>(transaction_ - 1);
    const auto& changes = server_.log_[number];
    while (at_ < changes.size()) {
      const auto& change = changes[at_];
      const auto after = after_.find(change.table);
      if (after == after_.end() || transaction_ <= after->second) {
        ++at_;
        continue;
      }
      const auto known = columns_.find(change.table);
      const auto& columns = change.columns;
      if (known == columns_.end() || known->second != columns) {
        if (change.kind == LogServer::Kind::shape) ++at_;
        return shape_of(change.table, columns);
      }
      ++at_;
      if (change.kind == LogServer::Kind::shape) continue;
      return give(change);
    }
    at_ = 0;
    ChangeBatch end{.table = "", .batch = {}, .transaction_end = true, .new_schema = nullptr};
    end.batch.position = position_at(transaction_++);
    return std::optional(std::move(end));
  }

  static Result<std::optional<ChangeBatch>> give(const LogServer::Change& change) {
    static const std::map<LogServer::Kind, std::string> names = {
        {LogServer::Kind::insert, "insert"}, {LogServer::Kind::update, "update"}, {LogServer::Kind::remove, "delete"}};
    MS_ASSIGN(const auto builder,
              from_arrow(arrow::RecordBatchBuilder::Make(change_schema(change.columns), arrow::default_memory_pool())));
    const auto width = static_cast<int>(change.columns.size());
    MS_TRY(from_arrow(builder->GetFieldAs<arrow::StringBuilder>(0)->Append(names.at(change.kind))));
    MS_TRY(from_arrow(builder->GetFieldAs<arrow::Int64Builder>(1)->Append(change.id)));
    MS_TRY(from_arrow(append_texts(change.columns, change.after, 2, *builder)));
    MS_TRY(from_arrow(append_texts(change.columns, change.before, 2 + width, *builder)));
    ChangeBatch given{.table = change.table, .batch = {}, .transaction_end = false, .new_schema = nullptr};
    MS_ASSIGN(given.batch.rows, from_arrow(builder->Flush()));
    return std::optional(std::move(given));
  }

  LogServer& server_;
  std::map<std::string, int64_t> after_;
  int64_t transaction_ = 1;
  size_t at_ = 0;
  std::map<std::string, std::vector<std::string>> columns_;
};

class LogSource final : public Source, public ChangeSource {
 public:
  explicit LogSource(LogServer& server) : server_(server) {}

  Result<std::vector<TableInfo>> discover(Context&, const std::string& pattern) override {
    const std::lock_guard lock(server_.mutex_);
    std::vector<TableInfo> tables;
    for (const auto& [name, columns] : server_.now_.columns)
      if (pattern.empty() || pattern == name)
        tables.push_back({.table = {.schema = "", .name = name},
                          .schema = table_schema(columns),
                          .primary_key = {"id"},
                          .estimate = {},
                          .kind = "table",
                          .comment = {}});
    return tables;
  }

  Result<std::unique_ptr<PlannedRead>> plan_read(Context&, const ReadRequest& request) override {
    const std::lock_guard lock(server_.mutex_);
    const auto* state = &server_.now_;
    if (request.snapshot) {
      const auto found = server_.snapshots_.find(*request.snapshot);
      if (found == server_.snapshots_.end()) return Error(ErrorCode::not_found, "no snapshot " + *request.snapshot);
      state = &found->second;
    }
    const auto columns = state->columns.find(request.table);
    if (columns == state->columns.end()) return Error(ErrorCode::not_found, "no table " + request.table);
    const auto rows = state->tables.find(request.table);
    return std::unique_ptr<PlannedRead>(std::make_unique<SnapshotRead>(
        rows == state->tables.end() ? LogServer::Table() : rows->second, columns->second));
  }

  Result<Start> begin(Context&, const FollowRequest&) override {
    const std::lock_guard lock(server_.mutex_);
    const auto last = static_cast<int64_t>(server_.log_.size());
    const auto token = "snapshot-" + std::to_string(last);
    server_.snapshots_[token] = server_.now_;
    if (!server_.keeps_) server_.acknowledged_ = last;
    server_.keeps_ = true;
    return Start{.snapshot = token, .position = position_at(last)};
  }

  Result<std::unique_ptr<ChangeReader>> follow(Context&, const FollowRequest& request) override {
    const std::lock_guard lock(server_.mutex_);
    std::map<std::string, int64_t> after;
    for (const auto& followed : request.tables) {
      if (!followed.after) return Error(ErrorCode::invalid_config, "a table is followed from a position");
      MS_ASSIGN(after[followed.table], number_of(*followed.after));
      if (!server_.keeps_ || after[followed.table] < server_.acknowledged_)
        return Error(ErrorCode::not_found, "the log has forgotten what follows on " + followed.after->printable)
            .hint("begin again with a snapshot");
    }
    if (after.empty()) return Error(ErrorCode::invalid_config, "no table to follow");
    return std::unique_ptr<ChangeReader>(std::make_unique<LogReader>(server_, std::move(after)));
  }

  Result<void> acknowledge(Context&, const Position& position) override {
    const std::lock_guard lock(server_.mutex_);
    if (server_.acknowledging_fails) return Error(ErrorCode::unavailable, "the connection is gone");
    MS_ASSIGN(const int64_t number, number_of(position));
    server_.acknowledged_ = std::max(server_.acknowledged_, number);
    return {};
  }

 private:
  LogServer& server_;
};

void LogServer::create(const std::string& table, std::vector<std::string> columns) {
  const std::lock_guard lock(mutex_);
  first_columns_[table] = columns;
  open_.columns[table] = std::move(columns);
  now_.columns = open_.columns;
}

void LogServer::put(const std::string& table, int64_t id, TextRow row) {
  const std::lock_guard lock(mutex_);
  auto& rows = open_.tables[table];
  const auto known = rows.find(id);
  Change change{.table = table,
                .kind = known == rows.end() ? Kind::insert : Kind::update,
                .id = id,
                .before = known == rows.end() ? TextRow() : known->second,
                .after = row,
                .columns = open_.columns.at(table)};
  rows[id] = std::move(row);
  open_changes_.push_back(std::move(change));
}

void LogServer::remove(const std::string& table, int64_t id) {
  const std::lock_guard lock(mutex_);
  auto& rows = open_.tables[table];
  open_changes_.push_back({.table = table,
                           .kind = Kind::remove,
                           .id = id,
                           .before = rows[id],
                           .after = {},
                           .columns = open_.columns.at(table)});
  rows.erase(id);
}

void LogServer::add_column(const std::string& table, const std::string& column) {
  const std::lock_guard lock(mutex_);
  auto& columns = open_.columns.at(table);
  columns.push_back(column);
  open_changes_.push_back(
      {.table = table, .kind = Kind::shape, .id = 0, .before = {}, .after = {}, .columns = columns});
}

void LogServer::commit() {
  const std::lock_guard lock(mutex_);
  now_ = open_;
  log_.push_back(std::move(open_changes_));
  open_changes_.clear();
}

LogServer::Table LogServer::table(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = now_.tables.find(name);
  return found == now_.tables.end() ? Table() : found->second;
}

ConnectorSpec change_log(LogServer& server) {
  ConnectorSpec spec;
  spec.name = "log";
  spec.title = "Change log";
  spec.capabilities.read = true;
  spec.capabilities.discover = true;
  spec.capabilities.consistent_snapshot = true;
  spec.capabilities.changes = true;
  spec.make_source = [&server](const config::Node&) -> Result<std::unique_ptr<Source>> {
    return std::unique_ptr<Source>(std::make_unique<LogSource>(server));
  };
  spec.make_change_source = [&server](const config::Node&) -> Result<std::unique_ptr<ChangeSource>> {
    return std::unique_ptr<ChangeSource>(std::make_unique<LogSource>(server));
  };
  return spec;
}

}  // namespace mainstem::connector::testkit::shapes
