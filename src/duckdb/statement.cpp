#include "duckdb/statement.h"

#include <arrow/api.h>
#include <exception>
#include <fmt/format.h>
#include <thread>

#include "duckdb/logical_type.h"

namespace mainstem::duckdb {
namespace {

using namespace std::chrono_literals;

Error stopped() { return Error(ErrorCode::cancelled, "stopped on request"); }

// DuckDB's threads do all the work; this one only looks. (Letting it work too makes it spin when there is nothing to
// do, and a source that blocks would keep it from noticing a cancellation.)
Result<void> wait(duckdb_connection connection, duckdb_pending_result pending, const std::string& sql,
                  const Cancellation* cancellation) {
  auto pause = 20us;
  bool interrupted = false;
  for (;;) {
    const auto state = api().pending_execute_check_state(pending);
    if (state == DUCKDB_PENDING_RESULT_READY) return {};
    if (state == DUCKDB_PENDING_ERROR) {
      // A finished statement is reported like a failed one, but has no text.
      const char* text = api().pending_error(pending);
      if (text == nullptr || *text == '\0') return {};
      if (interrupted) return stopped();
      return to_error(text, sql);
    }
    if (cancellation != nullptr && cancellation->requested()) {
      interrupted = true;
      api().interrupt(connection);
    }
    std::this_thread::sleep_for(pause);
    pause = std::min<std::chrono::microseconds>(pause * 2, 2ms);
  }
}

}  // namespace

Result<ChunkHandle> QueryResult::next(const std::string& sql) {
  try {
    ChunkHandle chunk(api().fetch_chunk(result_));
    if (chunk.get() != nullptr) return chunk;
    if (const char* text = api().result_error(&result_); text != nullptr && *text != '\0') return to_error(text, sql);
    return chunk;
  } catch (const std::exception& error) {
    return to_error(error.what(), sql);
  }
}

int64_t QueryResult::rows_changed(duckdb_statement_type type) {
  if (type != DUCKDB_STATEMENT_TYPE_CREATE) return static_cast<int64_t>(api().rows_changed(&result_));
  const ChunkHandle chunk(api().fetch_chunk(result_));
  if (chunk.get() == nullptr || api().data_chunk_get_size(chunk.get()) != 1) return 0;
  return *static_cast<const int64_t*>(api().vector_get_data(api().data_chunk_get_vector(chunk.get(), 0)));
}

Result<Statements> Statements::parse(duckdb_connection connection, const std::string& sql) {
  // The C interface ends a text at its first zero byte, silently.
  if (sql.find('\0') != std::string::npos) return Error(ErrorCode::invalid_config, "the query holds a zero byte");
  Statements statements;
  statements.sql_ = sql;
  statements.count_ = api().extract_statements(connection, sql.c_str(), statements.handle_.out());
  if (statements.count_ > 0) return statements;
  const char* text = api().extract_statements_error(statements.handle_.get());
  if (text != nullptr && *text != '\0') return to_error(text, sql);
  return Error(ErrorCode::invalid_config, "the query is empty");
}

Result<PreparedHandle> Statements::prepare(duckdb_connection connection, idx_t index) const {
  PreparedHandle prepared;
  if (api().prepare_extracted_statement(connection, handle_.get(), index, prepared.out()) == DuckDBSuccess)
    return prepared;
  const char* text = api().prepare_error(prepared.get());
  return to_error(text == nullptr ? "" : text, sql_);
}

Result<QueryResult> run(duckdb_connection connection, const PreparedHandle& statement, const std::string& sql,
                        const Cancellation* cancellation, bool streaming) {
  if (cancellation != nullptr && cancellation->requested()) return stopped();
  try {
    PendingHandle pending;
    const auto make = streaming ? api().pending_prepared_streaming : api().pending_prepared;
    if (make(statement.get(), pending.out()) != DuckDBSuccess) return to_error(api().pending_error(pending.get()), sql);
    MS_TRY(wait(connection, pending.get(), sql, cancellation));
    QueryResult result;
    if (api().execute_pending(pending.get(), result.raw()) != DuckDBSuccess) {
      const char* text = api().result_error(result.raw());
      return to_error(text == nullptr ? "" : text, sql);
    }
    return result;
  } catch (const std::exception& error) {
    return to_error(error.what(), sql);
  }
}

Result<std::vector<ResultColumn>> result_columns(const PreparedHandle& statement) {
  std::vector<ResultColumn> columns;
  const idx_t count = api().prepared_statement_column_count(statement.get());
  for (idx_t i = 0; i < count; ++i) {
    const OwnedText name(const_cast<char*>(api().prepared_statement_column_name(statement.get(), i)));
    const TypeHandle type(api().prepared_statement_column_logical_type(statement.get(), i));
    ResultColumn column{.name = name == nullptr ? "" : name.get(), .type = nullptr, .cast = ""};
    auto output = output_type(type.get());
    if (!output) return std::move(output).error().during(fmt::format("describing column {}", column.name));
    column.type = output->arrow;
    if (output->needs_cast) column.cast = output->sql;
    columns.push_back(std::move(column));
  }
  return columns;
}

std::shared_ptr<arrow::Schema> result_schema(const std::vector<ResultColumn>& columns) {
  arrow::FieldVector fields;
  for (const auto& column : columns) fields.push_back(arrow::field(column.name, column.type));
  return arrow::schema(fields);
}

}  // namespace mainstem::duckdb
