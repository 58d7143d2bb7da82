#pragma once

#include <arrow/type_fwd.h>
#include <memory>
#include <string>
#include <vector>

#include "base/cancellation.h"
#include "duckdb/connection.h"
#include "duckdb/error.h"
#include "duckdb/handle.h"

namespace mainstem::duckdb {

/// A result that is being read; owns DuckDB's handle.
class QueryResult {
 public:
  QueryResult() = default;
  QueryResult(QueryResult&& other) noexcept : result_(std::exchange(other.result_, {})) {}
  QueryResult& operator=(QueryResult&& other) noexcept {
    std::swap(result_, other.result_);
    return *this;
  }
  ~QueryResult() { api().destroy_result(&result_); }

  /// The next chunk, or an empty handle at the end. Errors of a running query are found at its end only.
  Result<ChunkHandle> next(const std::string& sql);
  /// Rows that the statement inserted, updated or deleted; also of CREATE TABLE AS, which DuckDB gives as a row.
  int64_t rows_changed(duckdb_statement_type type);
  duckdb_result* raw() { return &result_; }

 private:
  duckdb_result result_{};
};

/// Statements of a text, split by DuckDB's parser.
class Statements {
 public:
  static Result<Statements> parse(duckdb_connection connection, const std::string& sql);
  idx_t count() const { return count_; }
  /// Binds the statement at `index`.
  Result<PreparedHandle> prepare(duckdb_connection connection, idx_t index) const;

 private:
  ExtractedHandle handle_;
  std::string sql_;
  idx_t count_ = 0;
};

/// Runs a bound statement to its end, or until its first rows are there if `streaming`. Sleeps while DuckDB's threads
/// work and interrupts them when `cancellation` (may be null) says so.
Result<QueryResult> run(duckdb_connection connection, const PreparedHandle& statement, const std::string& sql,
                        const Cancellation* cancellation, bool streaming);

/// A result column: its name, and how it leaves.
struct ResultColumn {
  std::string name;
  std::shared_ptr<arrow::DataType> type;
  std::string cast;  ///< type to cast to in SQL first; empty = none
};
Result<std::vector<ResultColumn>> result_columns(const PreparedHandle& statement);
std::shared_ptr<arrow::Schema> result_schema(const std::vector<ResultColumn>& columns);

}  // namespace mainstem::duckdb
