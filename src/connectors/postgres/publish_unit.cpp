#include "connectors/postgres/publish_unit.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/check.h"
#include "connectors/postgres/publish.h"
#include "observability/context.h"

namespace mainstem::connectors::postgres {
namespace {

using connector::PublishedTable;
using connector::StateRecords;

// Cleaning up and COMMIT go on after a wish to stop; waiting for locks does not go on for long.
constexpr std::chrono::milliseconds kLockTime{2000};
constexpr std::chrono::milliseconds kCleanUpTime{3000};
constexpr std::chrono::milliseconds kReconnectTime{2000};

struct OwnContext {
  Cancellation cancellation;
  SystemClock clock;
  observability::NullLog log;
  observability::MemoryBudget memory{mebibytes(1)};
  Context context{.cancellation = cancellation,
                  .clock = clock,
                  .log = log,
                  .memory = memory,
                  .scratch_directory = "",
                  .on_point = {}};
};

// What the run holds of a staging table, which the unit owns.
class Handle final : public connector::StagedTable {
 public:
  Handle(PostgresUnit& unit, Staging& staging) : unit_(unit), staging_(staging) {}
  Result<std::unique_ptr<connector::Lane>> open_lane(Context& context) override { return staging_.open_lane(context); }
  int max_lanes() const override { return staging_.max_lanes(); }
  Result<connector::Receipt> finish(Context& context) override { return unit_.finish(context, staging_); }
  Result<std::unique_ptr<connector::BatchReader>> read_back(Context& context) override {
    return staging_.read_back(context);
  }

 private:
  PostgresUnit& unit_;
  Staging& staging_;
};

}  // namespace

PostgresUnit::PostgresUnit(const ConnectionOptions& options, std::unique_ptr<Connection> control, std::string run_id,
                           std::shared_ptr<const SeenState> seen)
    : options_(options), run_id_(std::move(run_id)), seen_(std::move(seen)), control_(std::move(control)) {}

PostgresUnit::~PostgresUnit() { abort(); }

Result<std::unique_ptr<connector::StagedTable>> PostgresUnit::stage(Context& context,
                                                                    const connector::WriteRequest& request) {
  const std::lock_guard lock(mutex_);
  CHECK(!ended_, "a unit that was committed or aborted takes no more tables");
  MS_ASSIGN(auto plan, plan_write(context, *control_, request));
  MS_ASSIGN_DURING(auto staging, Staging::create(context, *control_, options_, std::move(plan), run_id_),
                   "staging " + request.name);
  stagings_.push_back(std::move(staging));
  return std::unique_ptr<connector::StagedTable>(std::make_unique<Handle>(*this, *stagings_.back()));
}

Result<connector::Receipt> PostgresUnit::finish(Context& context, Staging& staging) {
  const std::lock_guard lock(mutex_);
  return staging.finish(context, *control_);
}

Result<std::vector<PublishedTable>> PostgresUnit::commit(Context& context, const StateRecords& state) {
  const std::lock_guard lock(mutex_);
  CHECK(!ended_, "a unit is committed once");
  context.reached("sink.commit.begin");
  MS_TRY(control_->run(context, "BEGIN"));
  auto tables = publish_all(context, state);
  if (!tables) {
    // Without its session the transaction is rolled back by the server itself.
    if (!control_->lost()) static_cast<void>(control_->run(context, "ROLLBACK"));
    return tables;
  }
  MS_TRY_DURING(commit_transaction(), "committing");
  context.reached("sink.commit.end");
  ended_ = true;
  control_.reset();
  return tables;
}

Result<std::vector<PublishedTable>> PostgresUnit::publish_all(Context& context, const StateRecords& state) {
  std::vector<Staging*> order;
  for (const auto& staging : stagings_)
    if (staging->finished()) order.push_back(staging.get());
  // Always in the same order, so that two runs cannot wait for each other.
  std::ranges::sort(order, {}, [](const Staging* staging) {
    return std::pair(staging->plan().target.schema, staging->plan().target.name);
  });
  std::vector<PublishedTable> tables;
  for (const auto* staging : order) {
    MS_ASSIGN(auto table, publish_table(context, *control_, *staging));
    tables.push_back(std::move(table));
    context.reached("sink.commit.table");
  }
  MS_TRY_DURING(write_records(context, state), "writing the cursors");
  context.reached("sink.commit.state");
  return tables;
}

Result<void> PostgresUnit::write_records(Context& context, const StateRecords& state) {
  StateStore store(context, *control_, options_.state_schema);
  for (const auto& record : state) {
    const auto staging = std::ranges::find_if(
        stagings_, [&](const auto& candidate) { return candidate->plan().request.name == record.target; });
    if (staging == stagings_.end())
      return Error(ErrorCode::internal, "a cursor names target '" + record.target + "', which was not staged");
    MS_TRY(store.write(record, (*staging)->plan().target, *seen_));
  }
  return {};
}

Result<void> PostgresUnit::commit_transaction() {
  // No wish to stop is heard from here on: whoever turns back at the door does not know on which side of it he is.
  OwnContext own;
  MS_ASSIGN(const auto id, control_->query(own.context, "SELECT txid_current()"));
  auto done = control_->run(own.context, "COMMIT");
  if (done || !control_->lost()) return done;
  // The session was lost between COMMIT and its answer: ask the server what became of the transaction.
  if (auto other = Connection::open(own.context, options_)) {
    const auto status = (*other)->query(own.context, "SELECT txid_status($1::int8)", {id.text(0, 0)});
    if (status && status->text(0, 0) == "committed") return {};
    if (status && status->text(0, 0) == "aborted") return done;
  }
  return Error(ErrorCode::unavailable, "the connection was lost during COMMIT, and whether it took effect is unknown")
      .hint("run again: the cursors in the target tell what was published");
}

void PostgresUnit::clean_up(Connection& connection) {
  OwnContext own;
  connection.answer_within(kCleanUpTime);
  // A COPY that goes on would hold its table.
  for (const auto& staging : stagings_)
    for (const int process : staging->open_lanes())
      static_cast<void>(
          connection.query(own.context, "SELECT pg_terminate_backend($1::int)", {fmt::format("{}", process)}));
  static_cast<void>(connection.run(own.context, fmt::format("SET lock_timeout = {}", kLockTime.count())));
  // What cannot be removed is found as an orphan later.
  for (const auto& staging : stagings_)
    static_cast<void>(connection.run(own.context, "DROP TABLE IF EXISTS " + staging->table()));
}

void PostgresUnit::abort() noexcept {
  const std::lock_guard lock(mutex_);
  if (std::exchange(ended_, true)) return;
  if (stagings_.empty()) return;
  // What cut a lane has often cut this session, too, which shows only when it is used.
  const bool usable = control_ != nullptr && control_->idle();
  if (usable) clean_up(*control_);
  const bool cleaned = usable && !control_->lost();
  control_.reset();
  if (cleaned) return;
  OwnContext own;
  auto options = options_;
  options.connect_timeout = std::min(options.connect_timeout, kReconnectTime);
  if (auto other = Connection::open(own.context, options)) clean_up(**other);
}

}  // namespace mainstem::connectors::postgres
