#include "connectors/postgres/target_table.h"

#include <algorithm>
#include <fmt/format.h>

namespace mainstem::connectors::postgres {
namespace {

using connector::TableRef;

// What another table in its place would not have. Indexes, keys, checks, defaults, comments and grants are carried
// over.
constexpr std::string_view kTable = R"(
SELECT c.oid, c.relkind, pg_has_role(c.relowner, 'USAGE'),
  concat_ws(' ',
    CASE WHEN NOT has_table_privilege(c.oid, 'SELECT') THEN 'SELECT' END,
    CASE WHEN NOT has_table_privilege(c.oid, 'INSERT') THEN 'INSERT' END,
    CASE WHEN NOT has_table_privilege(c.oid, 'UPDATE') THEN 'UPDATE' END,
    CASE WHEN NOT has_table_privilege(c.oid, 'DELETE') THEN 'DELETE' END,
    CASE WHEN NOT has_table_privilege(c.oid, 'TRUNCATE') THEN 'TRUNCATE' END),
  EXISTS (SELECT FROM pg_constraint f WHERE f.confrelid = c.oid AND f.conrelid <> c.oid),
  concat_ws(', ',
    CASE WHEN EXISTS (SELECT FROM pg_depend d WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid
                      AND d.deptype = 'n' AND NOT (d.classid = 'pg_constraint'::regclass AND EXISTS
                        (SELECT FROM pg_constraint o WHERE o.oid = d.objid AND o.conrelid = c.oid)))
           OR EXISTS (SELECT FROM pg_depend d WHERE d.refclassid = 'pg_type'::regclass
                      AND d.refobjid IN (c.reltype, (SELECT typarray FROM pg_type WHERE oid = c.reltype))
                      AND d.deptype = 'n')
      THEN 'views, foreign keys or functions that use it' END,
    CASE WHEN EXISTS (SELECT FROM pg_constraint f WHERE f.conrelid = c.oid AND f.contype NOT IN ('p', 'u', 'c', 'n'))
      THEN 'foreign keys or exclusions' END,
    CASE WHEN EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal) THEN 'triggers' END,
    CASE WHEN c.relrowsecurity OR EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid) THEN 'row security' END,
    CASE WHEN c.relhasrules THEN 'rules' END,
    CASE WHEN EXISTS (SELECT FROM pg_publication_rel p WHERE p.prrelid = c.oid) THEN 'its publication' END,
    CASE WHEN c.relkind <> 'r' OR c.relispartition OR c.reloftype <> 0
           OR EXISTS (SELECT FROM pg_inherits i WHERE c.oid IN (i.inhrelid, i.inhparent)) THEN 'partitioning' END,
    CASE WHEN EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL)
      THEN 'grants on columns' END,
    CASE WHEN c.relpersistence <> 'p' OR c.reloptions IS NOT NULL OR c.reltablespace <> 0 OR c.relreplident <> 'd' THEN 'storage settings' END,
    CASE WHEN EXISTS (SELECT FROM pg_depend d JOIN pg_class s ON s.oid = d.objid WHERE d.refobjid = c.oid
                      AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND s.relkind = 'S')
      THEN 'its sequences' END,
    CASE WHEN EXISTS (SELECT FROM pg_statistic_ext e WHERE e.stxrelid = c.oid) THEN 'extended statistics' END,
    CASE WHEN EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass
                      AND d.deptype = 'e') THEN 'its place in an extension' END)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2
)";

constexpr std::string_view kColumns = R"(
SELECT a.attname, format_type(a.atttypid, a.atttypmod), base.type, base.modifier, t.typcategory, a.attnotnull,
       a.atthasdef OR a.attidentity <> '' OR d.typdefault IS NOT NULL, a.attgenerated <> '' OR a.attidentity = 'a'
FROM pg_attribute a JOIN pg_type d ON d.oid = a.atttypid
CROSS JOIN LATERAL (
  WITH RECURSIVE steps(type, modifier, depth) AS (
    SELECT a.atttypid, a.atttypmod, 0
    UNION ALL
    SELECT s.typbasetype, CASE WHEN s.typtypmod >= 0 THEN s.typtypmod ELSE steps.modifier END, steps.depth + 1
    FROM steps JOIN pg_type s ON s.oid = steps.type WHERE s.typtype = 'd')
  SELECT type, modifier FROM steps ORDER BY depth DESC LIMIT 1) AS base
JOIN pg_type t ON t.oid = base.type
WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
)";

// One row for each key column of each index.
constexpr std::string_view kIndexes = R"(
SELECT i.indexrelid, i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL,
       coalesce(a.attname, '')
FROM pg_index i CROSS JOIN LATERAL generate_series(0, i.indnkeyatts - 1) AS k(position)
LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k.position] AND a.attnum > 0
WHERE i.indrelid = $1::oid AND i.indisvalid ORDER BY i.indexrelid, k.position
)";

Result<void> add_columns(Context& context, Connection& connection, TargetTable& table) {
  MS_ASSIGN(const auto rows, connection.query(context, std::string(kColumns), {fmt::format("{}", table.oid)}));
  for (int row = 0; row < rows.count(); ++row)
    table.columns.push_back({.name = rows.text(row, 0),
                             .declared = rows.text(row, 1),
                             .oid = static_cast<uint32_t>(rows.number(row, 2)),
                             .modifier = static_cast<int>(rows.number(row, 3)),
                             .category = rows.text(row, 4).front(),
                             .not_null = rows.truth(row, 5),
                             .has_default = rows.truth(row, 6),
                             .generated = rows.truth(row, 7)});
  return {};
}

Result<void> add_indexes(Context& context, Connection& connection, TargetTable& table) {
  MS_ASSIGN(const auto rows, connection.query(context, std::string(kIndexes), {fmt::format("{}", table.oid)}));
  int64_t last = 0;
  for (int row = 0; row < rows.count(); ++row) {
    if (rows.number(row, 0) != last) table.indexes.push_back({.columns = {}, .unique = rows.truth(row, 1)});
    last = rows.number(row, 0);
    table.indexes.back().columns.push_back(rows.text(row, 2));
  }
  return {};
}

}  // namespace

const TargetColumn* TargetTable::find(const std::string& name) const {
  const auto found = std::ranges::find(columns, name, &TargetColumn::name);
  return found == columns.end() ? nullptr : &*found;
}

Result<TableRef> resolve_target(Context& context, Connection& connection, const TableRef& name) {
  if (!name.schema.empty()) return name;
  MS_TRY(connection.run(context, "SET search_path TO DEFAULT"));
  MS_ASSIGN(
      const auto rows,
      connection.query(context,
                       "SELECT coalesce((SELECT n.nspname FROM pg_catalog.pg_class c JOIN "
                       "pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = "
                       "pg_catalog.to_regclass($1) AND n.nspname NOT LIKE 'pg\\_%'), pg_catalog.current_schema())",
                       {connector::quote_table(name)}));
  MS_TRY(connection.run(context, "SET search_path = ''"));
  if (rows.is_null(0, 0))
    return Error(ErrorCode::not_found,
                 "no schema for table " + name.to_string() + ": search_path names none that exists")
        .hint("write schema.table");
  return TableRef{.schema = rows.text(0, 0), .name = name.name};
}

Result<std::optional<TargetTable>> inspect_target(Context& context, Connection& connection, const TableRef& ref) {
  MS_ASSIGN(const auto rows, connection.query(context, std::string(kTable), {ref.schema, ref.name}));
  if (rows.count() == 0) return std::optional<TargetTable>();
  TargetTable table{.oid = static_cast<uint32_t>(rows.number(0, 0)),
                    .ref = ref,
                    .kind = rows.text(0, 1).front(),
                    .owned = rows.truth(0, 2),
                    .missing_rights = rows.text(0, 3),
                    .referenced = rows.truth(0, 4),
                    .lost_by_swap = rows.text(0, 5)};
  if (table.kind != 'r' && table.kind != 'p')
    return Error(ErrorCode::invalid_config, ref.to_string() + " is not a table that rows can be loaded into")
        .hint("choose another name, or drop it");
  MS_TRY(add_columns(context, connection, table));
  MS_TRY(add_indexes(context, connection, table));
  return std::optional(std::move(table));
}

}  // namespace mainstem::connectors::postgres
