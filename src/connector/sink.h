#pragma once

#include <array>
#include <arrow/type_fwd.h>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "columnar/batch.h"
#include "config/convert.h"
#include "config/node.h"
#include "connector/source.h"
#include "connector/table.h"

namespace mainstem::connector {

enum class WriteMode { append, replace, merge, partition };

/// What a sink can promise about a publish, best first.
enum class Delivery {
  transactional,  ///< rows and state become visible in one transaction of the target
  atomic_commit,  ///< one atomic step (manifest, catalog commit) that carries the state
  atomic_swap,    ///< rows appear at once, state directly after: a crash between repeats the run to the same result
  idempotent,     ///< rows appear while written, but writing them again changes nothing
  at_least_once,  ///< a repeated run may repeat rows
};
std::string_view to_string(Delivery delivery);

/// What to write into one table.
struct WriteRequest {
  std::string name;      ///< the target's name for messages
  std::string table;     ///< as the user wrote it; empty if `options` say where
  config::Node options;  ///< the connector's target options
  std::shared_ptr<arrow::Schema> schema;
  WriteMode mode = WriteMode::replace;
  std::vector<std::string> key;           ///< merge
  std::vector<std::string> partition_by;  ///< partition, and layout of file sets
  std::vector<std::vector<std::string>> indexes;
};

/// What the target itself says it holds in the staging table, before publishing.
struct Receipt {
  int64_t rows = 0;  ///< counted by the target, not by us
  int64_t bytes = -1;
};

/// What publishing changed.
struct PublishedTable {
  std::string name;  ///< WriteRequest::name
  int64_t inserted = 0;
  int64_t updated = 0;
  int64_t deleted = 0;      ///< also 0 where the target cannot count what `replace` took away
  int64_t rows_after = -1;  ///< rows the table holds now; -1 = unknown
};

/// One writer into a staged table. One thread each.
class Lane {
 public:
  virtual ~Lane() = default;
  virtual Result<void> write(Context& context, const arrow::RecordBatch& batch) = 0;
  /// Hands over what is buffered. A lane destroyed without `close` leaves nothing that `finish` would accept.
  virtual Result<void> close(Context& context) = 0;
};

/// Rows on their way into one table, invisible to its readers.
class StagedTable {
 public:
  virtual ~StagedTable() = default;
  /// Thread-safe. Lanes beyond `max_lanes` are refused.
  virtual Result<std::unique_ptr<Lane>> open_lane(Context& context) = 0;
  virtual int max_lanes() const { return 1; }
  /// All lanes are closed: the target counts what it has. Also checks what only the target can (a key that occurs
  /// twice).
  virtual Result<Receipt> finish(Context& context) = 0;
  /// Staged rows as the target reads them, for verification; empty pointer = the target cannot. Goes before `commit`.
  virtual Result<std::unique_ptr<BatchReader>> read_back(Context&) { return std::unique_ptr<BatchReader>(); }
};

/// One line of state that lives in the target: how far a source's rows were published into a table, and by which run.
/// Pipeline, source and target together are its key.
struct StateRecord {
  std::string pipeline;
  std::string source;
  std::string target;  ///< WriteRequest::name
  Position position;
  std::string run_id;
  std::string published_at;  ///< ISO 8601
};
using StateRecords = std::vector<StateRecord>;

/// Leftovers of a run that was killed.
struct Orphan {
  std::string name;
  std::string run_id;  ///< empty = unknown
};

/// Where quarantined rows stand beside a target ("_mainstem.quarantine", "flights.quarantine"), and how they are
/// written (always appended) and read again.
struct QuarantinePlace {
  std::string name;             ///< for people
  std::string table;            ///< as WriteRequest::table and ReadRequest::table; empty if the options say where
  config::Node target_options;  ///< WriteRequest::options
  config::Node source_options;  ///< ReadRequest::options
};

/// All staged tables of one connection: they become visible together with the state, or not at all.
/// Destroyed without commit = aborted.
class PublishUnit {
 public:
  virtual ~PublishUnit() = default;
  virtual Result<std::unique_ptr<StagedTable>> stage(Context& context, const WriteRequest& request) = 0;
  /// Publishes every finished table and the state in one step. After an error nothing is visible, except where the
  /// declared Delivery says otherwise; so too if a stop was requested before. Calls `context.reached` with
  /// "sink.commit.begin", "sink.commit.end".
  virtual Result<std::vector<PublishedTable>> commit(Context& context, const StateRecords& state) = 0;
  /// Removes everything staged.
  virtual void abort() noexcept = 0;
};

/// The writing side of one connection.
class Sink {
 public:
  virtual ~Sink() = default;
  /// What can be known of a request before any row is read: mode, key, existing columns, permissions. Touches nothing.
  virtual Result<void> check(Context& context, const WriteRequest& request) = 0;
  /// `run_id` tells the unit's leavings from those of others: a run's id, behind it "-1", "-2" for its further units
  /// with this connection, which are open at the same time.
  virtual Result<std::unique_ptr<PublishUnit>> begin(Context& context, const std::string& run_id) = 0;
  /// State published for a pipeline in the tables of `requests` (without schemas); empty if there is none yet.
  virtual Result<StateRecords> published_state(Context& context, const std::string& pipeline,
                                               const std::vector<WriteRequest>& requests) = 0;
  virtual Result<std::vector<Orphan>> find_orphans(Context&) { return std::vector<Orphan>{}; }
  virtual Result<void> remove_orphans(Context&, const std::vector<Orphan>&) { return {}; }
  /// Beside the table of `request`: one place for all targets of a connection where it has room for such a table.
  virtual QuarantinePlace quarantine_place(const WriteRequest& request) const = 0;
  /// "postgres://host:5432/db.schema.table": stable, without credentials, for lineage and results.
  virtual std::string uri(const WriteRequest& request) const = 0;
  virtual std::vector<Probe> probe(Context&) { return {}; }
  virtual std::vector<std::string> grants(const WriteRequest&) { return {}; }
};

}  // namespace mainstem::connector

namespace mainstem::config {

template <>
struct EnumNames<connector::WriteMode> {
  static constexpr std::array<std::pair<std::string_view, connector::WriteMode>, 4> names{
      {{"append", connector::WriteMode::append},
       {"replace", connector::WriteMode::replace},
       {"merge", connector::WriteMode::merge},
       {"partition", connector::WriteMode::partition}}};
};

}  // namespace mainstem::config
