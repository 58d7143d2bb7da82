// Rows are staged in tables of the same file, a transaction a batch, so that the write lock is held only while rows go
// in. The publish is one transaction: it moves every staging table into its target and writes the state beside it.
// Killed before its end, SQLite's journal takes the file back to the old state, and the staging tables are orphans,
// which the next run into this file removes.

#include <arrow/api.h>
#include <filesystem>
#include <fmt/format.h>
#include <mutex>

#include "connectors/sqlite/column_binder.h"
#include "connectors/sqlite/publish_table.h"
#include "connectors/sqlite/sink.h"
#include "connectors/sqlite/target_table.h"
#include "io/durable.h"
#include "io/file_lock.h"
#include "observability/context.h"
#include "sqlite/identifier.h"
#include "sqlite/transaction.h"

namespace mainstem::connectors::sqlite {
namespace {

using connector::StateRecords;
using connector::WriteMode;
using mainstem::sqlite::Blob;
using mainstem::sqlite::Database;
using mainstem::sqlite::quote_name;
using mainstem::sqlite::Statement;
using mainstem::sqlite::Transaction;

constexpr int kShownKeys = 3;

// The connection and the tables of a unit, which its lanes share one at a time.
struct Staging {
  Staging(ConnectionOptions options_given, std::string run_id_given, io::FileLock live_given, Database database_given)
      : options(std::move(options_given)),
        run_id(std::move(run_id_given)),
        live(std::move(live_given)),
        database(std::move(database_given)) {}
  ~Staging() { live.remove_file(); }
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  std::mutex mutex;
  ConnectionOptions options;
  std::string run_id;
  io::FileLock live;
  Database database;
  std::vector<std::unique_ptr<StageEntry>> entries;
  bool ended = false;    // committed or aborted
  bool created = false;  // the file was not there before, and nothing has been committed
};

// SQLite tells whoever has the file open that it was moved away.
void remove_if_empty(Database& database) {
  const auto lock = Transaction::begin(database, Transaction::Kind::write);
  if (!lock) return;
  const auto objects = database.integer("SELECT count(*) FROM sqlite_schema");
  if (!objects || *objects > 0) return;
  // What cannot be removed is an empty database, which does no harm.
  static_cast<void>(io::remove_file(database.path()));
}

class SqliteLane final : public connector::Lane {
 public:
  SqliteLane(std::shared_ptr<Staging> staging, bool& closed, Statement insert, std::shared_ptr<arrow::Schema> schema)
      : staging_(std::move(staging)), closed_(closed), insert_(std::move(insert)), schema_(std::move(schema)) {}

  Result<void> write(Context& context, const arrow::RecordBatch& batch) override {
    if (!batch.schema()->Equals(*schema_, false))
      return Error(ErrorCode::internal, "a batch of another schema than the target's: " + batch.schema()->ToString());
    MS_TRY(context.cancellation.check());
    std::vector<std::unique_ptr<ColumnBinder>> binders;
    for (const auto& column : batch.columns()) {
      MS_ASSIGN(auto binder, make_binder(column));
      binders.push_back(std::move(binder));
    }
    const std::lock_guard guard(staging_->mutex);
    if (staging_->ended) return Error(ErrorCode::internal, "a batch after the end of its publish unit");
    MS_ASSIGN(auto transaction, Transaction::begin(staging_->database, Transaction::Kind::write));
    for (int64_t row = 0; row < batch.num_rows(); ++row) MS_TRY(insert(binders, row));
    return transaction.commit();
  }

  Result<void> close(Context&) override {
    closed_ = true;
    return {};
  }

 private:
  Result<void> insert(const std::vector<std::unique_ptr<ColumnBinder>>& binders, int64_t row) {
    for (size_t i = 0; i < binders.size(); ++i)
      MS_TRY_DURING(binders[i]->bind(insert_, static_cast<int>(i) + 1, row),
                    "writing column " + schema_->field(static_cast<int>(i))->name());
    MS_TRY(insert_.step());
    insert_.reset();
    return {};
  }

  std::shared_ptr<Staging> staging_;  // outlives the statement
  bool& closed_;
  Statement insert_;
  std::shared_ptr<arrow::Schema> schema_;
};

class SqliteStage final : public connector::StagedTable {
 public:
  SqliteStage(std::shared_ptr<Staging> staging, StageEntry& entry) : staging_(std::move(staging)), entry_(entry) {}

  Result<std::unique_ptr<connector::Lane>> open_lane(Context&) override {
    const std::lock_guard guard(staging_->mutex);
    if (opened_) return Error(ErrorCode::resource_exhausted, "SQLite has one writer at a time");
    std::string marks = "?";
    for (int i = 1; i < entry_.request.schema->num_fields(); ++i) marks += ", ?";
    MS_ASSIGN(auto insert,
              staging_->database.prepare(fmt::format("INSERT INTO {} VALUES ({})", quote_name(entry_.stage), marks)));
    opened_ = true;
    return std::unique_ptr<connector::Lane>(
        std::make_unique<SqliteLane>(staging_, closed_, std::move(insert), entry_.request.schema));
  }

  Result<connector::Receipt> finish(Context&) override {
    const std::lock_guard guard(staging_->mutex);
    if (opened_ && !closed_) return Error(ErrorCode::internal, "a lane into " + entry_.target + " was not closed");
    MS_ASSIGN(entry_.rows, staging_->database.integer("SELECT count(*) FROM " + quote_name(entry_.stage)));
    if (entry_.request.mode == WriteMode::merge) MS_TRY(check_keys());
    entry_.finished = true;
    return connector::Receipt{.rows = entry_.rows};
  }

 private:
  // Both would make the outcome depend on the order of rows.
  Result<void> check_keys() {
    std::string missing;
    for (const auto& name : entry_.request.key)
      missing += (missing.empty() ? "" : " OR ") + quote_name(name) + " IS NULL";
    const auto from = quote_name(entry_.stage);
    MS_ASSIGN(const int64_t nulls,
              staging_->database.integer(fmt::format("SELECT count(*) FROM {} WHERE {}", from, missing)));
    if (nulls > 0)
      return Error(ErrorCode::invalid_data, fmt::format("{} rows for {} have no key ({})", nulls, entry_.target,
                                                        fmt::join(entry_.request.key, ", ")))
          .hint("check the key for not_null in the model, and quarantine such rows");
    const auto keys = column_list(entry_.request.key);
    MS_ASSIGN(auto doubled,
              staging_->database.prepare(fmt::format(
                  "SELECT {0}, count(*) FROM {1} GROUP BY {0} HAVING count(*) > 1 LIMIT {2}", keys, from, kShownKeys)));
    std::string examples;
    while (true) {
      MS_ASSIGN(const bool row, doubled.step());
      if (!row) break;
      examples += examples.empty() ? "" : "; ";
      for (int i = 0; i + 1 < doubled.columns(); ++i)
        examples += fmt::format("{}{}", i == 0 ? "" : ", ", doubled.text(i));
    }
    if (examples.empty()) return {};
    return Error(ErrorCode::invalid_data, fmt::format("the key ({}) of {} occurs more than once in the rows: {}",
                                                      fmt::join(entry_.request.key, ", "), entry_.target, examples))
        .hint("make the model give one row a key");
  }

  std::shared_ptr<Staging> staging_;
  StageEntry& entry_;
  bool opened_ = false;
  bool closed_ = false;
};

Result<void> write_state(Database& database, const StateRecords& state) {
  if (state.empty()) return {};
  const auto table = quote_name(kStateTable);
  MS_TRY(
      database.execute_script("CREATE TABLE IF NOT EXISTS " + table +
                              "(pipeline TEXT NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL, position BLOB NOT "
                              "NULL, printable TEXT NOT NULL, run_id TEXT NOT NULL, published_at TEXT NOT NULL, "
                              "PRIMARY KEY(pipeline, source, target))"));
  for (const auto& record : state)
    MS_TRY(database.execute("INSERT OR REPLACE INTO " + table + " VALUES (?, ?, ?, ?, ?, ?, ?)", record.pipeline,
                            record.source, record.target, Blob{record.position.bytes}, record.position.printable,
                            record.run_id, record.published_at));
  return {};
}

class SqliteUnit final : public connector::PublishUnit {
 public:
  explicit SqliteUnit(std::shared_ptr<Staging> staging) : staging_(std::move(staging)) {}
  ~SqliteUnit() override { drop_stages(); }
  SqliteUnit(const SqliteUnit&) = delete;
  SqliteUnit& operator=(const SqliteUnit&) = delete;

  Result<std::unique_ptr<connector::StagedTable>> stage(Context&, const connector::WriteRequest& request) override {
    const std::lock_guard guard(staging_->mutex);
    MS_ASSIGN(const auto options, read_target(request.options));
    MS_ASSIGN(const auto target, table_name(request.table, options.table));
    MS_TRY(check_request(request, target));
    auto& database = staging_->database;
    MS_ASSIGN(const auto existing, find_table(database, target));
    if (existing) MS_TRY(check_existing(database, request, *existing));
    auto entry = std::make_unique<StageEntry>();
    entry->request = request;
    entry->target = existing ? existing->name : target;
    entry->stage = fmt::format("{}{}_{}", kStagePrefix, staging_->run_id, staging_->entries.size());
    const bool as_existing = existing && request.mode != WriteMode::replace;
    MS_ASSIGN(const auto sql, create_sql(entry->stage, *request.schema, as_existing ? &*existing : nullptr));
    MS_TRY_DURING(database.execute_script(sql), "creating a staging table for " + target);
    staging_->entries.push_back(std::move(entry));
    return std::unique_ptr<connector::StagedTable>(std::make_unique<SqliteStage>(staging_, *staging_->entries.back()));
  }

  Result<std::vector<connector::PublishedTable>> commit(Context& context, const StateRecords& state) override {
    const std::lock_guard guard(staging_->mutex);
    if (staging_->ended) return Error(ErrorCode::internal, "a publish unit is committed once");
    MS_TRY(context.cancellation.check());
    context.reached("sink.commit.begin");
    auto& database = staging_->database;
    MS_ASSIGN(auto transaction, Transaction::begin(database, Transaction::Kind::write));
    std::vector<connector::PublishedTable> published;
    for (const auto& entry : staging_->entries) {
      if (!entry->finished) continue;
      MS_ASSIGN_DURING(auto table, publish_table(database, *entry), "publishing table " + entry->target);
      published.push_back(std::move(table));
      context.reached("sink.commit.table");
    }
    MS_TRY_DURING(write_state(database, state), "writing the state");
    context.reached("sink.commit.state");
    MS_TRY(transaction.commit());
    context.reached("sink.commit.end");
    std::erase_if(staging_->entries, [](const auto& entry) { return entry->finished; });
    staging_->ended = true;
    staging_->created = false;
    return published;
  }

  void abort() noexcept override { drop_stages(); }

 private:
  // Over a connection of its own: the unit's may be cancelled. What cannot be dropped is found as an orphan later.
  void drop_stages() noexcept {
    const std::lock_guard guard(staging_->mutex);
    staging_->ended = true;
    if (staging_->entries.empty() && !staging_->created) return;
    auto database = Database::open(staging_->options.path, {.busy_timeout = staging_->options.busy_timeout});
    if (!database) return;
    for (const auto& entry : staging_->entries)
      static_cast<void>(database->execute_script("DROP TABLE IF EXISTS " + quote_name(entry->stage)));
    // The entries stay, since staged tables refer to them; dropping them twice does no harm.
    if (staging_->created) remove_if_empty(*database);
  }

  std::shared_ptr<Staging> staging_;
};

}  // namespace

Result<std::unique_ptr<connector::PublishUnit>> begin_unit(Context& context, const ConnectionOptions& options,
                                                           const std::string& run_id) {
  std::error_code ignored;
  const bool created = !std::filesystem::exists(options.path, ignored);
  MS_ASSIGN(auto database, Database::open(options.path, {.create = true,
                                                         .busy_timeout = options.busy_timeout,
                                                         .cancellation = &context.cancellation}));
  // Renaming a staging table must leave the text of views and triggers alone.
  MS_TRY(database.execute_script("PRAGMA legacy_alter_table = ON"));
  MS_ASSIGN(auto live, io::FileLock::try_lock(live_mark(options.path, run_id)));
  if (!live) return Error(ErrorCode::conflict, "run " + run_id + " already writes into " + options.path);
  auto staging = std::make_shared<Staging>(options, run_id, *std::move(live), std::move(database));
  staging->created = created;
  return std::unique_ptr<connector::PublishUnit>(std::make_unique<SqliteUnit>(std::move(staging)));
}

}  // namespace mainstem::connectors::sqlite
