#include "connectors/postgres/staging.h"

#include <algorithm>
#include <arrow/api.h>
#include <fmt/format.h>
#include <random>

#include "connectors/postgres/copy_lane.h"
#include "connectors/postgres/source.h"
#include "observability/context.h"

namespace mainstem::connectors::postgres {
namespace {

using connector::quote_identifier;
using connector::quote_literal;
using connector::quote_table;

// "MSTG": the upper half of the keys of locks on staging tables.
constexpr uint32_t kStageLocks = 0x4D535447;
constexpr int kFirstWithCompression = 140'000;

std::string unique_name() {
  std::random_device random;
  const auto number = (uint64_t{random()} << 32) | random();
  return fmt::format("{}{:016x}", kStagePrefix, number);
}

std::vector<std::string> names_of(const WritePlan& plan) {
  std::vector<std::string> names;
  for (const auto& column : plan.columns) names.push_back(column.name);
  return names;
}

// Only one session may load into a table; the state schema's own table, where quarantined rows are added, is shared.
Result<void> lock_target(Context& context, Connection& control, const WritePlan& plan,
                         const std::string& state_schema) {
  const bool shared = plan.target.schema == state_schema && plan.request.mode == connector::WriteMode::append;
  const auto sql = fmt::format("SELECT pg_try_advisory_lock{}(hashtextextended($1, 0))", shared ? "_shared" : "");
  MS_ASSIGN(const auto rows, control.query(context, sql, {"mainstem target " + quote_table(plan.target)}));
  if (rows.truth(0, 0)) return {};
  return Error(ErrorCode::conflict, "another run is loading into " + plan.target.to_string())
      .hint("wait until it has ended");
}

std::string example_of(const Rows& rows, const std::vector<std::string>& key) {
  std::string text;
  for (int row = 0; row < rows.count(); ++row) {
    text += row == 0 ? "" : "; ";
    for (size_t i = 0; i < key.size(); ++i) {
      const auto column = static_cast<int>(i);
      text += fmt::format("{}{}={}", i == 0 ? "" : ", ", key[i],
                          rows.is_null(row, column) ? "null" : rows.text(row, column).substr(0, 100));
    }
  }
  return text;
}

}  // namespace

std::string stage_lock_key(std::string_view oid_sql) {
  return fmt::format("(({}::int8 << 32) | ({})::oid::int8)", kStageLocks, oid_sql);
}

std::string Staging::table() const { return quote_table({.schema = options_.state_schema, .name = name_}); }

Result<std::unique_ptr<Staging>> Staging::create(Context& context, Connection& control,
                                                 const ConnectionOptions& options, WritePlan plan,
                                                 const std::string& run_id) {
  MS_TRY(lock_target(context, control, plan, options.state_schema));
  std::unique_ptr<Staging> staging(new Staging(options, std::move(plan)));
  staging->name_ = unique_name();
  staging->max_lanes_ = options.connections > 0 ? options.connections : std::max(1, context.threads);
  MS_TRY_DURING(staging->make_table(context, control, run_id), "making a staging table");
  return staging;
}

std::string Staging::definition(Connection& control) const {
  if (plan_.way == PublishWay::swap) {
    std::string parts = "LIKE " + quote_table(plan_.target) +
                        " INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS INCLUDING STORAGE INCLUDING "
                        "GENERATED";
    if (control.version() >= kFirstWithCompression) parts += " INCLUDING COMPRESSION";
    for (const auto& column : plan_.columns)
      if (column.is_new) parts += ", " + quote_identifier(column.name) + " " + column.native;
    return parts;
  }
  std::string parts;
  for (const auto& column : plan_.columns) {
    parts += (parts.empty() ? "" : ", ") + quote_identifier(column.name) + " " + column.native;
    if (plan_.becomes_target() && column.not_null) parts += " NOT NULL";
  }
  return parts;
}

Result<void> Staging::make_table(Context& context, Connection& control, const std::string& run_id) {
  // Rows that only pass through need no protection from a crash, which ends the run anyway.
  const bool unlogged = plan_.options.unlogged || !plan_.becomes_target();
  return control.run(
      context,
      fmt::format("BEGIN; CREATE {}TABLE {} ({}); COMMENT ON TABLE {} IS {}; SELECT pg_advisory_lock({}); COMMIT",
                  unlogged ? "UNLOGGED " : "", table(), definition(control), table(),
                  quote_literal("mainstem run " + run_id), stage_lock_key(quote_literal(table()) + "::regclass")));
}

Result<std::unique_ptr<connector::Lane>> Staging::open_lane(Context& context) {
  {
    const std::lock_guard lock(mutex_);
    if (lanes_ >= max_lanes_)
      return Error(ErrorCode::resource_exhausted, fmt::format("no more than {} lanes into one table", max_lanes_));
    ++lanes_;
  }
  auto lane = start_lane(context);
  if (!lane) {
    const std::lock_guard lock(mutex_);
    --lanes_;
  }
  return lane;
}

Result<std::unique_ptr<connector::Lane>> Staging::start_lane(Context& context) {
  MS_ASSIGN(auto connection, Connection::open(context, options_));
  const int process = connection->process();
  {
    const std::lock_guard lock(mutex_);
    processes_.insert(process);
  }
  const auto copy = fmt::format("COPY {} ({}) FROM STDIN (FORMAT binary)", table(), column_list(names_of(plan_)));
  MS_ASSIGN(auto lane, CopyLane::start(context, std::move(connection), plan_.request.schema, copy,
                                       [this, process](int64_t rows) { lane_ended(process, rows); }));
  // Elsewhere `finish` looks for what does not fit.
  for (size_t i = 0; plan_.becomes_target() && i < plan_.columns.size(); ++i)
    if (const size_t most = plan_.columns[i].most_characters; most > 0)
      lane->limit_characters(static_cast<int>(i), most);
  return std::unique_ptr<connector::Lane>(std::move(lane));
}

void Staging::lane_ended(int process, int64_t rows) {
  const std::lock_guard lock(mutex_);
  processes_.erase(process);
  if (rows > 0) rows_taken_ += rows;
}

std::set<int> Staging::open_lanes() const {
  const std::lock_guard lock(mutex_);
  return processes_;
}

Result<connector::Receipt> Staging::finish(Context& context, Connection& control) {
  if (!open_lanes().empty()) return Error(ErrorCode::internal, "a lane was left open");
  MS_ASSIGN(const auto rows, control.query(context, fmt::format("SELECT count(*), pg_table_size({}::regclass) FROM {}",
                                                                quote_literal(table()), table())));
  rows_ = rows.number(0, 0);
  if (rows_ != rows_taken_)
    return Error(ErrorCode::internal, fmt::format("the server took {} rows and holds {}", rows_taken_, rows_));
  if (plan_.request.mode == connector::WriteMode::merge) MS_TRY(check_key(context, control));
  if (!plan_.becomes_target()) MS_TRY(check_fit(context, control));
  if (plan_.becomes_target()) {
    MS_TRY_DURING(carry_over(context, control), "building keys and indexes");
  }
  // The planner must know what a join or a delete by it is in for.
  const bool joined = !plan_.becomes_target() && plan_.way != PublishWay::insert;
  if (joined || (plan_.options.analyze && plan_.becomes_target())) MS_TRY(control.run(context, "ANALYZE " + table()));
  finished_ = true;
  return connector::Receipt{.rows = rows_, .bytes = rows.number(0, 1)};
}

Result<void> Staging::check_key(Context& context, Connection& control) {
  const auto& key = plan_.request.key;
  const auto columns = column_list(key);
  std::string any_null;
  for (const auto& name : key) any_null += (any_null.empty() ? "" : " OR ") + quote_identifier(name) + " IS NULL";
  MS_ASSIGN(const auto nulls,
            control.query(context, fmt::format("SELECT {} FROM {} WHERE {} LIMIT 3", columns, table(), any_null)));
  if (nulls.count() > 0)
    return Error(ErrorCode::invalid_data,
                 fmt::format("a key of {} is null: {}", plan_.request.name, example_of(nulls, key)))
        .hint("leave such rows out, or give them a key");
  MS_ASSIGN(const auto doubles,
            control.query(context, fmt::format("SELECT {0} FROM {1} GROUP BY {0} HAVING count(*) > 1 LIMIT 3", columns,
                                               table())));
  if (doubles.count() > 0)
    return Error(ErrorCode::invalid_data,
                 fmt::format("a key of {} occurs more than once: {}", plan_.request.name, example_of(doubles, key)))
        .hint("keep one row of each key, for example the newest");
  return {};
}

// One pass over all columns that could hold too much; a second one only to show what was found.
Result<void> Staging::check_fit(Context& context, Connection& control) {
  std::vector<const WriteColumn*> narrow;
  std::string counts;
  for (const auto& column : plan_.columns) {
    if (column.misfit.empty()) continue;
    counts += fmt::format("{}count(*) FILTER (WHERE {})", narrow.empty() ? "" : ", ", column.misfit);
    narrow.push_back(&column);
  }
  if (narrow.empty()) return {};
  MS_ASSIGN(const auto found, control.query(context, fmt::format("SELECT {} FROM {}", counts, table())));
  for (size_t i = 0; i < narrow.size(); ++i)
    if (const auto rows = found.number(0, static_cast<int>(i)); rows > 0)
      return does_not_fit(context, control, *narrow[i], rows);
  return {};
}

Error Staging::does_not_fit(Context& context, Connection& control, const WriteColumn& column, int64_t rows) {
  auto shown = plan_.request.key;
  if (std::ranges::find(shown, column.name) == shown.end()) shown.push_back(column.name);
  const auto example = control.query(
      context, fmt::format("SELECT {} FROM {} WHERE {} LIMIT 3", column_list(shown), table(), column.misfit));
  if (!example) return example.error();
  return Error(ErrorCode::invalid_data, fmt::format("column '{}' of {} is {}, and the values of {} do not fit: {}",
                                                    column.name, plan_.target.to_string(), column.declared,
                                                    rows == 1 ? std::string("1 row") : fmt::format("{} rows", rows),
                                                    example_of(*example, shown)))
      .hint(fmt::format("nothing was published. ALTER TABLE {} ALTER COLUMN {} TYPE {}, or set such rows aside with a "
                        "check (range, length; on_fail: quarantine)",
                        quote_table(plan_.target), quote_identifier(column.name), column.native));
}

Result<void> Staging::carry_over(Context& context, Connection& control) {
  if (plan_.way == PublishWay::move && plan_.request.mode == connector::WriteMode::merge)
    MS_TRY(control.run(context,
                       fmt::format("ALTER TABLE {} ADD PRIMARY KEY ({})", table(), column_list(plan_.request.key))));
  if (plan_.way == PublishWay::swap) MS_TRY(carry_over_indexes(context, control));
  return add_indexes(context, control);
}

Result<void> Staging::carry_over_indexes(Context& context, Connection& control) {
  const auto old = fmt::format("{}", plan_.existing->oid);
  MS_ASSIGN(const auto keys,
            control.query(context,
                          "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid "
                          "= $1::oid AND contype IN ('p', 'u') ORDER BY oid",
                          {old}));
  for (int row = 0; row < keys.count(); ++row) {
    const auto name = fmt::format("{}_key{}", name_, row);
    MS_TRY(
        control.query(context, fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {}", table(), name, keys.text(row, 1))));
    renames_.push_back({.constraint = true, .from = name, .to = keys.text(row, 0)});
  }
  MS_ASSIGN(
      const auto indexes,
      control.query(context,
                    "SELECT c.relname, pg_get_indexdef(c.oid), format('CREATE %sINDEX %I ON %I.%I USING ', CASE WHEN "
                    "i.indisunique THEN 'UNIQUE ' ELSE '' END, c.relname, n.nspname, t.relname), i.indisunique FROM "
                    "pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid JOIN "
                    "pg_namespace n ON n.oid = t.relnamespace WHERE i.indrelid = $1::oid AND NOT EXISTS (SELECT FROM "
                    "pg_constraint k WHERE k.conindid = c.oid AND k.conrelid = i.indrelid) ORDER BY c.oid",
                    {old}));
  for (int row = 0; row < indexes.count(); ++row) {
    const auto text = indexes.text(row, 1);
    const auto front = indexes.text(row, 2);
    if (!text.starts_with(front))
      return Error(ErrorCode::unsupported, "cannot carry over index " + indexes.text(row, 0));
    const auto name = fmt::format("{}_index{}", name_, row);
    MS_TRY(
        control.query(context, fmt::format("CREATE {}INDEX {} ON {} USING {}", indexes.truth(row, 3) ? "UNIQUE " : "",
                                           name, table(), text.substr(front.size()))));
    renames_.push_back({.constraint = false, .from = name, .to = indexes.text(row, 0)});
  }
  return {};
}

Result<void> Staging::add_indexes(Context& context, Connection& control) {
  for (size_t i = 0; i < plan_.missing_indexes.size(); ++i) {
    const auto name = fmt::format("{}_new{}", name_, i);
    const auto& columns = plan_.missing_indexes[i];
    MS_TRY(control.query(context, fmt::format("CREATE INDEX {} ON {} ({})", name, table(), column_list(columns))));
    renames_.push_back({.constraint = false, .from = name, .to = ""});
  }
  return {};
}

Result<std::unique_ptr<connector::BatchReader>> Staging::read_back(Context& context) {
  // Reading holds the connection and snapshot; both live as long as the reader.
  class Reader final : public connector::BatchReader {
   public:
    Reader(std::unique_ptr<connector::PlannedRead> read, std::unique_ptr<connector::BatchReader> reader)
        : read_(std::move(read)), reader_(std::move(reader)) {}
    Result<std::optional<columnar::Batch>> next(Context& context) override { return reader_->next(context); }

   private:
    std::unique_ptr<connector::PlannedRead> read_;
    std::unique_ptr<connector::BatchReader> reader_;
  };
  connector::ReadRequest request;
  request.name = plan_.request.name;
  request.table = table();
  request.columns = names_of(plan_);
  request.options.set("split", config::Node::scalar("none"));
  MS_ASSIGN(auto read, make_source(options_)->plan_read(context, request));
  MS_ASSIGN(auto reader, read->open(context, read->plan().partitions.front()));
  return std::unique_ptr<connector::BatchReader>(std::make_unique<Reader>(std::move(read), std::move(reader)));
}

}  // namespace mainstem::connectors::postgres
