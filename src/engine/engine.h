#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace mainstem {
struct Context;
}

namespace mainstem::engine {

/// Batches of one schema, one thread at a time. A null batch is the end.
class BatchStream {
 public:
  virtual ~BatchStream() = default;
  virtual Result<std::shared_ptr<arrow::RecordBatch>> next() = 0;
};

/// A table that arrives: its parts are taken by the engine's threads as they get free. Each part is read once.
struct InputStreams {
  std::shared_ptr<arrow::Schema> schema;
  int parallelism = 1;          ///< parts that may be open at once
  int64_t estimated_rows = -1;  ///< -1 = unknown
  /// The next part, or null when all have been given out. Thread-safe.
  std::function<Result<std::unique_ptr<BatchStream>>()> open_next;
};

/// Where an engine's thread puts result batches. One thread each.
class OutputLane {
 public:
  virtual ~OutputLane() = default;
  virtual Result<void> write(const std::shared_ptr<arrow::RecordBatch>& batch) = 0;
  virtual Result<void> close() = 0;
};

/// Gives each of the engine's threads its lane. Thread-safe. The engine closes every lane that it opened when the query
/// has succeeded, and destroys them unclosed when it failed.
using LaneOpener = std::function<Result<std::unique_ptr<OutputLane>>()>;

/// A function of one text, for use in SQL.
using TextFunction = std::function<std::optional<std::string>(std::string_view)>;

struct SessionLimits {
  ByteCount memory = mebibytes(1024);
  ByteCount spill = gibibytes(1024);  ///< on disk, in the context's scratch directory
  int threads = 1;
};

/// SQL over named inputs. User SQL sees nothing else: no files, no network, no settings. One thread at a time, except
/// `interrupt`.
class Session {
 public:
  virtual ~Session() = default;

  /// Makes `name` readable by exactly one query, which pulls the rows as it goes; a second read is an error, never an
  /// empty table.
  virtual Result<void> add_stream(const std::string& name, InputStreams input) = 0;
  /// Makes `name` stand for a query over what is already there; nothing is computed yet.
  virtual Result<void> add_view(const std::string& name, const std::string& sql) = 0;
  /// Makes `function(value)` callable in queries that follow: text to text, no value = null; null stays null. For
  /// masks, whose keys must not stand in SQL. The function is called from several threads.
  virtual Result<void> add_text_function(const std::string& name, TextFunction function) = 0;
  /// Computes a query into a table `name` that may be read any number of times. Returns its rows.
  virtual Result<int64_t> land(const std::string& name, const std::string& sql) = 0;
  virtual Result<void> drop(const std::string& name) = 0;

  /// Columns of a query's result. Errors of the user's SQL (invalid_config) carry line and column within `sql`.
  virtual Result<std::shared_ptr<arrow::Schema>> describe(const std::string& sql) = 0;
  /// Runs a query to its end, batches going to the lanes in no particular order. Returns the rows given out.
  virtual Result<int64_t> stream(const std::string& sql, const LaneOpener& open_lane) = 0;
  /// The first `max_rows` of a query, in order.
  virtual Result<std::shared_ptr<arrow::Table>> fetch(const std::string& sql, int64_t max_rows) = 0;
};

/// A name in the FROM part of a query that no CTE of the query defines.
struct Reference {
  std::string schema;  ///< empty if written without
  std::string name;
  int uses = 1;  ///< how often the query reads it: a self-join twice, inside a CTE as often as the CTE is read
};

/// Where one output column's values come from.
struct ColumnOrigin {
  std::string table;
  std::string column;
  auto operator<=>(const ColumnOrigin&) const = default;
};

struct ColumnLineage {
  std::string column;
  std::vector<ColumnOrigin> origins;  ///< sorted, without doubles; empty for constants
};

/// Names and shapes of the tables a query may read.
struct KnownTable {
  std::string name;
  std::shared_ptr<arrow::Schema> schema;
};

/// Looks into SQL without data.
class Analyzer {
 public:
  virtual ~Analyzer() = default;
  /// Tables that a SELECT reads, sorted, without doubles. Errors: invalid_config with line and column within `sql`.
  virtual Result<std::vector<Reference>> references(const std::string& sql) = 0;
  /// Result columns of a query over tables of the given shapes.
  virtual Result<std::shared_ptr<arrow::Schema>> describe(const std::string& sql,
                                                          const std::vector<KnownTable>& tables) = 0;
  virtual Result<std::vector<ColumnLineage>> lineage(const std::string& sql, const std::vector<KnownTable>& tables) = 0;
  /// A cast of the text to the type succeeds. Errors: invalid_config with the engine's reason.
  virtual Result<void> check_value(const std::string& text, const arrow::DataType& type) = 0;
  /// The text is a regular expression. Errors: invalid_config with the engine's reason.
  virtual Result<void> check_pattern(const std::string& pattern) = 0;
};

/// An SQL engine, in process or elsewhere.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual std::string name() const = 0;
  virtual Result<std::unique_ptr<Session>> open(Context& context, const SessionLimits& limits) = 0;
  virtual Result<std::unique_ptr<Analyzer>> open_analyzer() = 0;
};

}  // namespace mainstem::engine
