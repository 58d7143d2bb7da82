#include "connectors/duckdb/publish.h"

#include <charconv>
#include <fmt/format.h>

#include "connector/merge.h"

namespace mainstem::connectors::duckdb {
namespace {

using connector::PublishedTable;
using connector::quote_identifier;
using connector::quote_table;
using connector::WriteMode;

Result<int64_t> count(Connection& connection, const std::string& sql) {
  MS_ASSIGN(const auto rows, connection.texts(sql));
  int64_t number = 0;
  if (const auto& text = rows[0][0]) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

std::string column_list(const TableChange& change) {
  std::vector<std::string> names;
  for (const auto& column : change.staged) names.push_back(quote_identifier(column.name));
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string same_values(const std::vector<std::string>& columns, std::string_view comparison) {
  std::vector<std::string> items;
  for (const auto& name : columns)
    items.push_back(fmt::format("target.{0} {1} staged.{0}", quote_identifier(name), comparison));
  return fmt::format("{}", fmt::join(items, " AND "));
}

Result<void> insert_all(Connection& connection, const Staging& staging) {
  const auto columns = column_list(staging.change());
  MS_TRY(connection.execute(fmt::format("INSERT INTO {} ({}) SELECT {} FROM {}", quote_table(staging.target()), columns,
                                        columns, quote_table(staging.table()))));
  return {};
}

// Indexes of the user's own, as far as their columns are still there; not those that the request names anyway.
Result<void> create_indexes(Connection& connection, const Staging& staging, const std::vector<Index>& former) {
  const auto& target = staging.target();
  std::vector<std::string> names;
  for (const auto& columns : staging.request().indexes) {
    std::vector<std::string> quoted;
    for (const auto& column : columns) quoted.push_back(quote_identifier(column));
    names.push_back(fmt::format("{}_{}_index", target.name, fmt::join(columns, "_")));
    MS_TRY_DURING(
        connection.execute(fmt::format("CREATE INDEX IF NOT EXISTS {} ON {} ({})", quote_identifier(names.back()),
                                       quote_table(target), fmt::join(quoted, ", "))),
        "creating index " + names.back());
  }
  for (const auto& index : former)
    if (std::ranges::find(names, index.name) == names.end())
      MS_TRY_DURING(connection.execute(index.sql), "creating index " + index.name + " again");
  return {};
}

Result<PublishedTable> replace(Connection& connection, const Staging& staging) {
  PublishedTable published{.name = staging.request().name, .inserted = staging.rows(), .rows_after = staging.rows()};
  const auto& target = staging.target();
  MS_ASSIGN(const auto existing, find_table(connection, target));
  std::vector<Index> indexes;
  if (existing) {
    MS_ASSIGN(published.deleted, count(connection, "SELECT count(*) FROM " + quote_table(target)));
    MS_ASSIGN(indexes, indexes_of(connection, target));
    MS_TRY_DURING(connection.execute("DROP TABLE " + quote_table(target)), "replacing " + target.to_string());
  }
  if (staging.table().schema == target.schema) {
    MS_TRY(connection.execute(
        fmt::format("ALTER TABLE {} RENAME TO {}", quote_table(staging.table()), quote_identifier(target.name))));
  } else {
    std::vector<std::string> columns;
    for (const auto& column : staging.change().staged) columns.push_back(column.sql());
    MS_TRY(connection.execute(create_schema(target)));
    MS_TRY(connection.execute(fmt::format("CREATE TABLE {} ({})", quote_table(target), fmt::join(columns, ", "))));
    MS_TRY(insert_all(connection, staging));
    MS_TRY(connection.execute("DROP TABLE " + quote_table(staging.table())));
  }
  MS_TRY(create_indexes(connection, staging, indexes));
  return published;
}

// DuckDB alters no column of a table that has indexes, so these are made again afterwards.
Result<std::vector<Index>> alter(Connection& connection, const Staging& staging) {
  const auto& change = staging.change();
  const auto table = quote_table(staging.target());
  std::vector<Index> dropped;
  if (!change.widened.empty()) {
    MS_ASSIGN(dropped, indexes_of(connection, staging.target()));
    for (const auto& index : dropped)
      MS_TRY(connection.execute(
          "DROP INDEX " +
          quote_table({.schema = staging.target().schema, .name = index.name, .catalog = staging.target().catalog})));
  }
  for (const auto& column : change.widened)
    MS_TRY_DURING(connection.execute(fmt::format("ALTER TABLE {} ALTER COLUMN {} TYPE {}", table,
                                                 quote_identifier(column.name), column.sql_type)),
                  fmt::format("widening column {} to {}", column.name, column.sql_type));
  for (const auto& column : change.added)
    MS_TRY_DURING(connection.execute(fmt::format("ALTER TABLE {} ADD COLUMN {}", table, column.sql())),
                  "adding column " + column.name);
  return dropped;
}

Result<void> merge(Connection& connection, const Staging& staging, PublishedTable& published) {
  const auto& request = staging.request();
  const auto target = quote_table(staging.target());
  const auto stage = quote_table(staging.table());
  const auto on = same_values(request.key, "=");
  MS_ASSIGN(published.updated, count(connection, fmt::format("SELECT count(*) FROM {} AS target WHERE EXISTS (SELECT 1 "
                                                             "FROM {} AS staged WHERE {})",
                                                             target, stage, on)));
  std::vector<std::string> changes;
  std::vector<std::string> values;
  for (const auto& column : staging.change().staged) {
    const auto name = quote_identifier(column.name);
    values.push_back("staged." + name);
    const bool is_key = std::ranges::any_of(request.key, [&](const auto& key) { return same_name(key, column.name); });
    if (!is_key) changes.push_back(fmt::format("{0} = staged.{0}", name));
  }
  const auto matched =
      changes.empty() ? std::string("DO NOTHING") : fmt::format("UPDATE SET {}", fmt::join(changes, ", "));
  MS_TRY(connection.execute(
      fmt::format("MERGE INTO {} AS target USING {} AS staged ON ({}) WHEN MATCHED THEN {} "
                  "WHEN NOT MATCHED THEN INSERT ({}) VALUES ({})",
                  target, stage, on, matched, column_list(staging.change()), fmt::join(values, ", "))));
  return {};
}

Result<void> replace_partitions(Connection& connection, const Staging& staging, PublishedTable& published) {
  MS_ASSIGN(published.deleted, connection.execute(fmt::format(
                                   "DELETE FROM {} AS target WHERE EXISTS (SELECT 1 FROM {} AS staged WHERE {})",
                                   quote_table(staging.target()), quote_table(staging.table()),
                                   same_values(staging.request().partition_by, "IS NOT DISTINCT FROM"))));
  return insert_all(connection, staging);
}

}  // namespace

Result<PublishedTable> publish(Connection& connection, const Staging& staging) {
  if (staging.change().create) return replace(connection, staging);
  PublishedTable published{.name = staging.request().name};
  const auto rows = "SELECT count(*) FROM " + quote_table(staging.target());
  MS_ASSIGN(const auto dropped, alter(connection, staging));
  MS_ASSIGN(const int64_t before, count(connection, rows));
  switch (staging.request().mode) {
    case WriteMode::merge: MS_TRY(merge(connection, staging, published)); break;
    case WriteMode::partition: MS_TRY(replace_partitions(connection, staging, published)); break;
    default: MS_TRY(insert_all(connection, staging));
  }
  MS_ASSIGN(published.rows_after, count(connection, rows));
  published.inserted = published.rows_after - before + published.deleted;
  if (staging.request().mode == WriteMode::merge)
    MS_TRY(connector::check_merged(published, staging.rows(), staging.target(), staging.request().key));
  MS_TRY(create_indexes(connection, staging, dropped));
  MS_TRY(connection.execute("DROP TABLE " + quote_table(staging.table())));
  return published;
}

}  // namespace mainstem::connectors::duckdb
