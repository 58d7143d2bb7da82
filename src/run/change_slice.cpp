// A change log is one stream of many tables, a run reads table by table: so a slice of the log is spooled on disk, by
// table, before the run begins. A slice ends only where a transaction does, hence no target ever shows half of one.
#include "run/change_slice.h"

#include <arrow/api.h>
#include <fmt/format.h>
#include <set>

#include "observability/context.h"
#include "run/table_spool.h"

namespace mainstem::run {
namespace {

// Rejects of a slice are kept in memory until their table is read.
constexpr size_t kMostRejects = 100'000;

struct TableChanges {
  explicit TableChanges(const std::string& path) : rows(path) {}
  TableSpool rows;
  std::vector<columnar::Reject> rejects;
  size_t kept_rejects = 0;
};

class WithRejects final : public columnar::BatchReader {
 public:
  WithRejects(std::unique_ptr<columnar::BatchReader> rows, std::vector<columnar::Reject> rejects)
      : rows_(std::move(rows)), rejects_(std::move(rejects)) {}
  Result<std::optional<columnar::Batch>> next(Context& context) override {
    if (rejects_.empty()) return rows_->next(context);
    columnar::Batch batch{.rows = nullptr, .rejects = std::move(rejects_), .position = {}};
    rejects_.clear();
    return std::optional(std::move(batch));
  }

 private:
  std::unique_ptr<columnar::BatchReader> rows_;
  std::vector<columnar::Reject> rejects_;
};

}  // namespace

struct ChangeSlice::Spool {
  connector::ChangeSource* source = nullptr;
  std::map<std::string, std::unique_ptr<TableChanges>> tables;
  columnar::Position position;
  int64_t rows = 0;  // given so far
  int64_t kept = 0;  // of whole transactions
  std::mutex mutex;
  std::set<std::string> unpublished;  // tables that keep the log from being told

  Result<void> add(const Context& context, connector::ChangeBatch change) {
    if (!change.table.empty()) {
      auto& table = tables[change.table];
      if (table == nullptr)
        table = std::make_unique<TableChanges>(
            fmt::format("{}/changes-{}-{}", context.scratch_directory, static_cast<const void*>(this), tables.size()));
      MS_TRY_DURING(add(*table, change), "reading changes of " + change.table);
    }
    if (change.transaction_end) keep(change.batch.position);
    return {};
  }

  Result<void> add(TableChanges& table, connector::ChangeBatch& change) {
    auto& batch = change.batch;
    if (change.new_schema != nullptr) MS_TRY(table.rows.expect(change.new_schema));
    if (batch.rows != nullptr && batch.rows->num_rows() > 0) {
      MS_TRY(table.rows.add(batch.rows));
      rows += batch.rows->num_rows();
    }
    for (auto& reject : batch.rejects) table.rejects.push_back(std::move(reject));
    if (table.rejects.size() <= kMostRejects) return {};
    return Error(ErrorCode::resource_exhausted, fmt::format("more than {} changes cannot become rows", kMostRejects));
  }

  void keep(const columnar::Position& end) {
    for (auto& [name, table] : tables) {
      table->rows.keep();
      table->kept_rejects = table->rejects.size();
    }
    kept = rows;
    if (!end.bytes.empty()) position = end;
  }

  Result<void> published(Context& context, const std::string& table) {
    const std::lock_guard lock(mutex);
    unpublished.erase(table);
    if (!unpublished.empty()) return {};
    return source->acknowledge(context, position);
  }

  class Read;
};

class ChangeSlice::Spool::Read final : public connector::PlannedRead {
 public:
  Read(std::shared_ptr<Spool> spool, std::string table, connector::ReadPlan plan)
      : spool_(std::move(spool)), table_(std::move(table)), plan_(std::move(plan)) {}
  const connector::ReadPlan& plan() const override { return plan_; }
  Result<std::unique_ptr<columnar::BatchReader>> open(Context&, const connector::Partition&) override {
    auto& changes = *spool_->tables.at(table_);
    changes.rejects.resize(changes.kept_rejects);
    MS_ASSIGN(auto reader, changes.rows.read());
    return std::unique_ptr<columnar::BatchReader>(
        std::make_unique<WithRejects>(std::move(reader), std::move(changes.rejects)));
  }
  Result<void> acknowledge(Context& context, const columnar::Position&) override {
    return spool_->published(context, table_);
  }

 private:
  std::shared_ptr<Spool> spool_;
  std::string table_;
  connector::ReadPlan plan_;
};

namespace {

/// A read of a snapshot, which says the log's position as its own.
class SnapshotRead final : public connector::PlannedRead {
 public:
  SnapshotRead(std::unique_ptr<connector::PlannedRead> read, columnar::Position position)
      : read_(std::move(read)), plan_(read_->plan()) {
    plan_.upper = std::move(position);
  }
  const connector::ReadPlan& plan() const override { return plan_; }
  Result<std::unique_ptr<columnar::BatchReader>> open(Context& context,
                                                      const connector::Partition& partition) override {
    return read_->open(context, partition);
  }

 private:
  std::unique_ptr<connector::PlannedRead> read_;
  connector::ReadPlan plan_;
};

}  // namespace

ChangeSlice::ChangeSlice(std::shared_ptr<Spool> spool) : spool_(std::move(spool)) {}
ChangeSlice::ChangeSlice(ChangeSlice&&) noexcept = default;
ChangeSlice::~ChangeSlice() = default;

int64_t ChangeSlice::rows() const { return spool_->kept; }
const columnar::Position& ChangeSlice::position() const { return spool_->position; }

Result<ChangeSlice> ChangeSlice::take(Context& context, connector::ChangeSource& source,
                                      const connector::FollowRequest& request, const SliceLimits& limits) {
  auto spool = std::make_shared<Spool>();
  spool->source = &source;
  const auto deadline = context.clock.now() + limits.time;
  MS_ASSIGN_DURING(const auto reader, source.follow(context, request), "following the change log");
  bool within_transaction = false;
  while (true) {
    MS_TRY(context.cancellation.check());
    const bool full = spool->rows >= limits.rows || context.clock.now() >= deadline;
    if (full && !within_transaction) break;
    MS_ASSIGN_DURING(auto change, reader->next(context), "following the change log");
    if (!change) break;
    // Nothing yet: a transaction that hangs in the middle is given again.
    const bool nothing = change->batch.rows == nullptr && change->new_schema == nullptr && !change->transaction_end &&
                         change->batch.rejects.empty();
    if (nothing && full) break;
    if (!nothing) within_transaction = !change->transaction_end;
    MS_TRY(spool->add(context, *std::move(change)));
  }
  return ChangeSlice(std::move(spool));
}

Result<OpenReads> ChangeSlice::reads() {
  OpenReads reads;
  if (spool_->position.bytes.empty()) return reads;
  for (const auto& [name, table] : spool_->tables) {
    connector::ReadPlan plan;
    MS_ASSIGN(plan.schema, table->rows.schema());
    plan.partitions = {{.id = name, .bytes = "", .estimate = {.rows = table->rows.kept(), .bytes = -1}}};
    plan.estimate.rows = table->rows.kept();
    plan.upper = spool_->position;
    plan.description = "changes up to " + spool_->position.printable;
    spool_->unpublished.insert(name);
    reads[name] = std::make_unique<Spool::Read>(spool_, name, std::move(plan));
  }
  return reads;
}

Result<OpenReads> read_before_changes(Context& context, connector::ChangeSource& log, connector::Source& tables,
                                      const connector::FollowRequest& request) {
  MS_ASSIGN_DURING(const auto start, log.begin(context, request), "beginning to follow the change log");
  OpenReads reads;
  for (const auto& followed : request.tables) {
    connector::ReadRequest read{.name = followed.table, .table = followed.table, .options = request.options};
    read.snapshot = start.snapshot;
    MS_ASSIGN_DURING(auto planned, tables.plan_read(context, read), "opening " + followed.table);
    reads[followed.table] = std::make_unique<SnapshotRead>(std::move(planned), start.position);
  }
  return reads;
}

}  // namespace mainstem::run
