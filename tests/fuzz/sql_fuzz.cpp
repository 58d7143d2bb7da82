// Arbitrary text as the SQL of a model: what it reads, its columns and their lineage, and the places of what is wrong
// in it. Nothing is run. The tables stand empty in one analyzer, since DuckDB takes longer to start than to look at a
// query.
#include <algorithm>
#include <arrow/api.h>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "duckdb/database.h"
#include "duckdb/identifier.h"
#include "engines/duckdb/analyzer.h"
#include "pipeline/sql_text.h"

namespace mainstem::engines::duckdb {
namespace {

// What the examples' models read, and columns of other kinds of types.
std::vector<engine::KnownTable> make_tables() {
  using arrow::field;
  using arrow::utf8;
  const auto price = arrow::decimal128(12, 2);
  const auto time = arrow::timestamp(arrow::TimeUnit::MICRO);
  const auto zoned = arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
  return {
      {.name = "orders",
       .schema = arrow::schema({field("order_id", utf8()), field("customer_id", utf8()), field("sku", utf8()),
                                field("ordered_at", time), field("quantity", arrow::int64()), field("amount", price),
                                field("status", utf8()), field("updated_at", time)})},
      {.name = "order_values",
       .schema =
           arrow::schema({field("order_id", utf8()), field("customer_id", utf8()), field("ordered_at", zoned),
                          field("category", utf8()), field("quantity", arrow::int32()), field("revenue", price)})},
      {.name = "products",
       .schema = arrow::schema(
           {field("sku", utf8()), field("title", utf8()), field("category", utf8()), field("price", utf8())})},
      {.name = "customers",
       .schema = arrow::schema({field("id", utf8()), field("customer_id", utf8()), field("name", utf8()),
                                field("email", utf8()), field("phone", utf8()), field("country", utf8()),
                                field("created_on", arrow::date32()), field("customer_since", arrow::date32()),
                                field("updated_at", time)})},
      {.name = "customer_ids", .schema = arrow::schema({field("id", utf8()), field("customer_id", utf8())})},
      {.name = "Odd \"name\"",
       .schema = arrow::schema({field("l", arrow::list(arrow::int32())), field("b", arrow::binary()),
                                field("s", arrow::struct_({field("p", arrow::int32())})), field("t", arrow::boolean()),
                                field("f", arrow::float64())})},
  };
}

// A place within the text, or just behind its end.
void expect_place_inside(const std::string& sql, const Error& error) {
  if (!error.position()) return;
  const auto place = *error.position();
  const auto lines = std::ranges::count(sql, '\n') + 1;
  CHECK(place.line >= 1 && place.line <= lines, "a mistake in SQL is in a line of it");
  CHECK(place.column >= 1 && static_cast<size_t>(place.column) <= sql.size() + 1, "and in a column of it");
  const pipeline::SqlText text{.text = sql, .place = {.first = {.file = "f", .line = 7, .column = 3}}};
  const auto placed = pipeline::placed(text, error);
  CHECK(placed.position() && placed.position()->line >= 7, "a mistake in SQL is placed in its file");
}

// DuckDB's own parser finds none of the functions that a model must not call.
void expect_harmless(const std::string& sql) {
  static auto connection = [] { return *mainstem::duckdb::Database::open({.path = ""})->connect(); }();
  const auto tree = connection.texts("SELECT lower(json_serialize_sql(" + mainstem::duckdb::quote_text(sql) + "))");
  if (!tree) return;  // a comment at the end that is no UTF-8, which the analyzer leaves out
  for (const char* name : {"query", "glob", "read_csv", "read_text", "write_log", "nextval"})
    CHECK(tree->at(0).at(0)->find(fmt::format(R"("function_name":"{}")", name)) == std::string::npos,
          "a model calls no function that looks outside");
}

void look_at(const std::string& sql) {
  static const auto analyzer = open_analyzer();
  static const bool loaded = analyzer->describe("select 1", {}).has_value();
  CHECK(loaded, "DuckDB can be loaded; name its library in MAINSTEM_DUCKDB_LIBRARY");
  static const auto tables = make_tables();

  const auto references = analyzer->references(sql);
  if (!references) return expect_place_inside(sql, references.error());
  expect_harmless(sql);
  const pipeline::SqlText text{.text = sql, .place = {.first = {.file = "f", .line = 1, .column = 1}}};
  for (const auto& reference : *references) {
    CHECK(reference.uses >= 1, "what a query reads it reads once at least");
    pipeline::place_of_name(text, reference.name);
  }
  const auto schema = analyzer->describe(sql, tables);
  if (!schema) return expect_place_inside(sql, schema.error());
  const auto lineage = analyzer->lineage(sql, tables);
  if (!lineage) return expect_place_inside(sql, lineage.error());
  CHECK(lineage->size() == static_cast<size_t>((*schema)->num_fields()), "each column has its lineage");
  for (const auto& column : *lineage) {
    CHECK((*schema)->GetFieldIndex(column.column) >= 0, "lineage is of the query's columns");
    for (const auto& origin : column.origins) {
      const auto table = std::ranges::find(tables, origin.table, &engine::KnownTable::name);
      CHECK(table != tables.end() && table->schema->GetFieldIndex(origin.column) >= 0, "an origin exists");
    }
  }
  const auto inner = pipeline::without_end(sql);
  CHECK(analyzer->describe("select * from (" + inner + "\n) as inner_query", tables).has_value(),
        "SQL without its end can stand inside other SQL");
}

}  // namespace
}  // namespace mainstem::engines::duckdb

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  mainstem::engines::duckdb::look_at(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
