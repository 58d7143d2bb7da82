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

namespace mainstem::duckdb {

/// A row of texts; no value = null.
using Texts = std::vector<std::optional<std::string>>;

/// How large record batches get. A single row may pass `bytes`.
struct BatchSize {
  int64_t rows = 65'536;
  int64_t bytes = 1 << 20;
};

/// Takes result batches, one thread at a time.
class BatchLane {
 public:
  virtual ~BatchLane() = default;
  virtual Result<void> write(const std::shared_ptr<arrow::RecordBatch>& batch) = 0;
  virtual Result<void> close() = 0;
};
using BatchLaneOpener = std::function<Result<std::unique_ptr<BatchLane>>()>;

/// Gives the next batch, or null at the end. One thread at a time.
using BatchPull = std::function<Result<std::shared_ptr<arrow::RecordBatch>>()>;

/// Arrow data that a query can read as a table, once.
struct StreamInput {
  std::shared_ptr<arrow::Schema> schema;
  int parallelism = 1;
  int64_t estimated_rows = -1;
  /// The next part; an empty function when all have been given out. Thread-safe.
  std::function<Result<BatchPull>()> open_next;
};

using TextFunction = std::function<std::optional<std::string>(std::string_view)>;

/// What a statement is, found out without running it.
struct Description {
  std::shared_ptr<arrow::Schema> schema;  ///< as its result leaves, see `read`
  bool is_select = false;
};

/// A connection: runs one query at a time, waiting without using the processor. Not thread-safe. Errors of a query:
/// invalid_config with line and column in its text where DuckDB says so, invalid_data, resource_exhausted, cancelled,
/// and whatever a stream, lane or text function in it has failed with, unchanged.
class Connection {
 public:
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  /// Runs statements one after the other. `parameters` are the texts of $1, $2, ... Returns the rows that the last one
  /// changed.
  Result<int64_t> execute(const std::string& sql, const Texts& parameters = {});
  /// All rows of a query as texts.
  Result<std::vector<Texts>> texts(const std::string& sql, const Texts& parameters = {});
  /// Binds exactly one statement. Errors: also invalid_config for several statements, none, or parameters.
  Result<Description> describe(const std::string& sql);

  /// Runs a SELECT, giving its batches in order while it runs. The connection is busy until the function is destroyed.
  /// HUGEINT leaves as decimal(38,0), which fails for values that do not fit; ENUM, UUID, BIT, ... as text.
  Result<BatchPull> read(const std::string& sql, BatchSize size);
  /// Runs a SELECT on all threads, their batches going to lanes in no particular order. Lanes are opened as needed,
  /// closed when the query has succeeded, and otherwise destroyed. Returns the rows.
  Result<int64_t> stream(const std::string& sql, const BatchLaneOpener& open_lane, BatchSize size);

  /// Makes the input readable in FROM by the text that `stream_table(id)` gives. Reading it twice fails.
  Result<void> add_stream(const std::string& id, StreamInput input);
  std::string stream_table(const std::string& id) const;
  void remove_stream(const std::string& id);
  /// Makes `name(text)` callable: null gives null without a call. Called from several threads.
  Result<void> add_text_function(const std::string& name, TextFunction function);

  struct State;
  explicit Connection(std::unique_ptr<State> state);

 private:
  std::unique_ptr<State> state_;
};

/// What the names of the functions begin with that connections add for themselves; not for SQL of users.
inline constexpr std::string_view kStreamFunction = "mainstem_stream_";
inline constexpr std::string_view kSinkFunction = "mainstem_sink_";

}  // namespace mainstem::duckdb
