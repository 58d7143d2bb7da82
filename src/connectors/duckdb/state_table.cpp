#include "connectors/duckdb/state_table.h"

#include <algorithm>
#include <arrow/util/string.h>
#include <fmt/format.h>

#include "columnar/status.h"
#include "connectors/duckdb/catalog.h"

namespace mainstem::connectors::duckdb {
namespace {

constexpr const char* kColumns =
    "(pipeline VARCHAR NOT NULL, source VARCHAR NOT NULL, target VARCHAR NOT NULL, position BLOB NOT NULL, "
    "printable VARCHAR NOT NULL, run_id VARCHAR NOT NULL, published_at VARCHAR NOT NULL)";

std::string hex(const std::string& bytes) {
  std::string text;
  for (const unsigned char byte : bytes) fmt::format_to(std::back_inserter(text), "{:02X}", byte);
  return text;
}

Result<std::string> bytes_of(const std::string& text) {
  std::string bytes(text.size() / 2, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) {
    uint8_t byte = 0;
    MS_TRY(columnar::from_arrow(arrow::ParseHexValue(text.data() + 2 * i, &byte), "reading a stored position"));
    bytes[i] = static_cast<char>(byte);
  }
  return bytes;
}

}  // namespace

Result<void> write_state(Connection& connection, const connector::StateRecords& records) {
  if (records.empty()) return {};
  MS_ASSIGN(const auto catalog, catalog_of(connection));
  const connector::TableRef state{.schema = kOwnSchema, .name = kStateTable, .catalog = catalog};
  const auto table = connector::quote_table(state);
  MS_TRY(connection.execute(create_schema(state)));
  MS_TRY(connection.execute(fmt::format("CREATE TABLE IF NOT EXISTS {} {}", table, kColumns)));
  for (const auto& record : records) {
    MS_TRY(connection.execute(fmt::format("DELETE FROM {} WHERE pipeline = $1 AND source = $2 AND target = $3", table),
                              {record.pipeline, record.source, record.target}));
    MS_TRY(connection.execute(fmt::format("INSERT INTO {} VALUES ($1, $2, $3, unhex($4), $5, $6, $7)", table),
                              {record.pipeline, record.source, record.target, hex(record.position.bytes),
                               record.position.printable, record.run_id, record.published_at}));
  }
  return {};
}

Result<connector::StateRecords> read_state(Connection& connection, const std::string& pipeline,
                                           const std::vector<std::string>& targets) {
  connector::StateRecords records;
  MS_ASSIGN(const auto table, find_table(connection, {.schema = kOwnSchema, .name = kStateTable}));
  if (!table) return records;
  MS_ASSIGN(
      const auto rows,
      connection.texts(fmt::format("SELECT source, target, hex(position), printable, run_id, published_at FROM {} "
                                   "WHERE pipeline = $1 ORDER BY ALL",
                                   connector::quote_table(table->name)),
                       {pipeline}));
  for (const auto& row : rows) {
    if (std::ranges::find(targets, *row[1]) == targets.end()) continue;
    MS_ASSIGN(auto bytes, bytes_of(*row[2]));
    records.push_back({.pipeline = pipeline,
                       .source = *row[0],
                       .target = *row[1],
                       .position = {.bytes = std::move(bytes), .printable = *row[3]},
                       .run_id = *row[4],
                       .published_at = *row[5]});
  }
  return records;
}

}  // namespace mainstem::connectors::duckdb
