// DuckDB alone: runs statements through its C API and prints the last one's rows, columns separated by tabs. It is the
// floor of some routes, and an eye on results that owes nothing to Mainstem.
//
//   benchmark_duckdb DATABASE STATEMENT...    DATABASE may be :memory:

#include <cstdio>
#include <duckdb.h>

namespace {

int fail(const char* message) {
  std::fprintf(stderr, "benchmark_duckdb: %s\n", message);
  return 1;
}

void print(duckdb_result* result) {
  for (idx_t row = 0; row < duckdb_row_count(result); ++row)
    for (idx_t column = 0; column < duckdb_column_count(result); ++column) {
      char* text = duckdb_value_varchar(result, column, row);
      std::printf("%s%c", text == nullptr ? "NULL" : text, column + 1 == duckdb_column_count(result) ? '\n' : '\t');
      duckdb_free(text);
    }
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) return fail("usage: benchmark_duckdb DATABASE STATEMENT...");
  duckdb_database database = nullptr;
  duckdb_connection connection = nullptr;
  char* problem = nullptr;
  if (duckdb_open_ext(arguments[1], &database, nullptr, &problem) != DuckDBSuccess) return fail(problem);
  if (duckdb_connect(database, &connection) != DuckDBSuccess) return fail("no connection");
  for (int i = 2; i < count; ++i) {
    duckdb_result result;
    if (duckdb_query(connection, arguments[i], &result) != DuckDBSuccess) return fail(duckdb_result_error(&result));
    if (i + 1 == count) print(&result);
    duckdb_destroy_result(&result);
  }
  duckdb_disconnect(&connection);
  duckdb_close(&database);
  return 0;
}
