#include "connectors/sqlite/publish_table.h"

#include <algorithm>
#include <arrow/api.h>
#include <fmt/format.h>

#include "connectors/sqlite/target_table.h"
#include "connectors/sqlite/types.h"
#include "sqlite/identifier.h"

namespace mainstem::connectors::sqlite {
namespace {

using connector::PublishedTable;
using connector::WriteMode;
using mainstem::sqlite::Database;
using mainstem::sqlite::quote_name;
using Names = std::vector<std::string>;

// "s.a = t.a AND s.b = t.b"
std::string equal_columns(const Names& names, const char* comparison) {
  std::string condition;
  for (const auto& name : names)
    condition +=
        fmt::format("{}s.{} {} t.{}", condition.empty() ? "" : " AND ", quote_name(name), comparison, quote_name(name));
  return condition;
}

Result<void> create_index(Database& database, const std::string& target, const Names& columns, bool unique) {
  MS_ASSIGN(const auto table, get_table(database, target));
  MS_ASSIGN(const bool known, has_index(database, table, columns, unique));
  if (known) return {};
  const auto name = fmt::format("{}_{}_{}", target, fmt::join(columns, "_"), unique ? "key" : "index");
  return database.execute_script(fmt::format("CREATE {} {} ON {}({})", unique ? "UNIQUE INDEX" : "INDEX",
                                             quote_name(name), quote_name(target), column_list(columns)));
}

Result<void> create_indexes(Database& database, const StageEntry& entry) {
  if (entry.request.mode == WriteMode::merge)
    MS_TRY_DURING(create_index(database, entry.target, entry.request.key, true), "indexing the key");
  for (const auto& columns : entry.request.indexes)
    MS_TRY_DURING(create_index(database, entry.target, columns, false), "creating an index");
  return {};
}

Result<Names> index_statements(Database& database, const std::string& table) {
  MS_ASSIGN(auto rows, database.prepare("SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? COLLATE "
                                        "NOCASE AND sql IS NOT NULL"));
  MS_TRY(rows.bind(1, table));
  Names statements;
  while (true) {
    MS_ASSIGN(const bool row, rows.step());
    if (!row) return statements;
    statements.emplace_back(rows.text(0));
  }
}

Result<void> rename_stage(Database& database, const StageEntry& entry) {
  return database.execute_script(
      fmt::format("ALTER TABLE {} RENAME TO {}", quote_name(entry.stage), quote_name(entry.target)));
}

Result<void> swap(Database& database, const StageEntry& entry, const Table& table) {
  MS_ASSIGN(const auto indexes, index_statements(database, table.name));
  MS_TRY(database.execute_script("DROP TABLE " + quote_name(table.name)));
  MS_TRY(rename_stage(database, entry));
  for (const auto& index : indexes) MS_TRY_DURING(database.execute_script(index), "creating its indexes again");
  return {};
}

Result<void> add_columns(Database& database, const StageEntry& entry, const Table& table) {
  for (const auto& field : entry.request.schema->fields()) {
    if (table.find(field->name()) != nullptr) continue;
    MS_ASSIGN(const auto declared, declared_for(*field->type()));
    MS_TRY(database.execute_script(
        fmt::format("ALTER TABLE {} ADD COLUMN {} {}", quote_name(table.name), quote_name(field->name()), declared)));
  }
  return {};
}

Result<void> insert_stage(Database& database, const StageEntry& entry, const std::string& conflict = "") {
  const auto columns = column_list(entry.request.schema->field_names());
  // WHERE keeps ON CONFLICT from being read as a join's ON.
  MS_TRY(database.execute_script(fmt::format("INSERT INTO {}({}) SELECT {} FROM {} WHERE 1{}", quote_name(entry.target),
                                             columns, columns, quote_name(entry.stage), conflict)));
  return database.execute_script("DROP TABLE " + quote_name(entry.stage));
}

Result<int64_t> count_rows(Database& database, const std::string& table) {
  return database.integer("SELECT count(*) FROM " + quote_name(table));
}

Result<void> merge(Database& database, const StageEntry& entry, PublishedTable& published) {
  const auto& key = entry.request.key;
  MS_ASSIGN(published.updated,
            database.integer(fmt::format("SELECT count(*) FROM {} AS s WHERE EXISTS (SELECT 1 FROM {} AS t WHERE {})",
                                         quote_name(entry.stage), quote_name(entry.target), equal_columns(key, "="))));
  published.inserted = entry.rows - published.updated;
  std::string changes;
  for (const auto& name : entry.request.schema->field_names())
    if (std::ranges::find(key, name) == key.end())
      changes += fmt::format("{}{} = excluded.{}", changes.empty() ? "" : ", ", quote_name(name), quote_name(name));
  return insert_stage(
      database, entry,
      fmt::format(" ON CONFLICT({}) DO {}", column_list(key), changes.empty() ? "NOTHING" : "UPDATE SET " + changes));
}

// Takes out every partition that the stage has rows of; null is a partition too.
Result<int64_t> delete_partitions(Database& database, const StageEntry& entry) {
  const auto& columns = entry.request.partition_by;
  MS_TRY(database.execute_script(fmt::format("CREATE INDEX {} ON {}({})", quote_name(entry.stage + "_partition"),
                                             quote_name(entry.stage), column_list(columns))));
  return database.execute(fmt::format("DELETE FROM {} AS t WHERE EXISTS (SELECT 1 FROM {} AS s WHERE {})",
                                      quote_name(entry.target), quote_name(entry.stage), equal_columns(columns, "IS")));
}

Result<void> replace(Database& database, const StageEntry& entry, const Table& table, PublishedTable& published) {
  MS_ASSIGN(published.deleted, count_rows(database, table.name));
  published.inserted = entry.rows;
  MS_ASSIGN(const bool plain, is_plain(database, table));
  if (plain) return swap(database, entry, table);
  MS_TRY(add_columns(database, entry, table));
  MS_TRY(database.execute_script("DELETE FROM " + quote_name(table.name)));
  return insert_stage(database, entry);
}

Result<void> change_existing(Database& database, const StageEntry& entry, const Table& table,
                             PublishedTable& published) {
  MS_TRY(check_existing(database, entry.request, table));
  if (entry.request.mode == WriteMode::replace) return replace(database, entry, table, published);
  MS_TRY(add_columns(database, entry, table));
  if (entry.request.mode == WriteMode::merge) return merge(database, entry, published);
  published.inserted = entry.rows;
  if (entry.request.mode == WriteMode::partition) {
    MS_ASSIGN(published.deleted, delete_partitions(database, entry));
  }
  return insert_stage(database, entry);
}

}  // namespace

Result<PublishedTable> publish_table(Database& database, const StageEntry& entry) {
  PublishedTable published{.name = entry.request.name};
  MS_ASSIGN(const auto table, find_table(database, entry.target));
  if (table) {
    MS_TRY(change_existing(database, entry, *table, published));
  } else {
    MS_TRY(rename_stage(database, entry));
    published.inserted = entry.rows;
  }
  MS_TRY(create_indexes(database, entry));
  MS_ASSIGN(published.rows_after, count_rows(database, entry.target));
  return published;
}

}  // namespace mainstem::connectors::sqlite
