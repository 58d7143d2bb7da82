#include "connectors/postgres/catalog.h"

#include <arrow/api.h>
#include <fmt/format.h>
#include <map>

#include "config/option.h"

namespace mainstem::connectors::postgres {
namespace {

using connector::TableInfo;
using connector::TableRef;

// Columns of `input(relation, position, name, type, modifier, not_null, dimensions)` with domains followed to their
// base. The order of what it gives is that of Field.
constexpr std::string_view kDescribe = R"(
SELECT input.name, pg_catalog.format_type(input.type, input.modifier), input.not_null, t.oid, base.modifier, t.typtype,
       coalesce(e.oid, 0), coalesce(e.typtype, 'b'), input.dimensions, input.relation
FROM input
CROSS JOIN LATERAL (
  WITH RECURSIVE steps(type, modifier, depth) AS (
    SELECT input.type, input.modifier, 0
    UNION ALL
    SELECT d.typbasetype, CASE WHEN d.typtypmod >= 0 THEN d.typtypmod ELSE steps.modifier END, steps.depth + 1
    FROM steps JOIN pg_catalog.pg_type d ON d.oid = steps.type WHERE d.typtype = 'd')
  SELECT type, modifier FROM steps ORDER BY depth DESC LIMIT 1) AS base
JOIN pg_catalog.pg_type t ON t.oid = base.type
LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
)";

RemoteColumn column_at(const Rows& rows, int row) {
  return {.name = rows.text(row, 0),
          .type = {.name = rows.text(row, 1),
                   .oid = static_cast<uint32_t>(rows.number(row, 3)),
                   .modifier = static_cast<int>(rows.number(row, 4)),
                   .kind = rows.text(row, 5).front(),
                   .element_oid = static_cast<uint32_t>(rows.number(row, 6)),
                   .element_kind = rows.text(row, 7).front(),
                   .dimensions = static_cast<int>(rows.number(row, 8))},
          .not_null = rows.truth(row, 2)};
}

using ColumnsByTable = std::map<int64_t, std::vector<RemoteColumn>>;

Result<ColumnsByTable> table_columns(Context& context, Connection& connection, const std::string& oids) {
  const std::string sql = fmt::format(
      "WITH input AS (SELECT attrelid AS relation, attnum AS position, attname AS name, atttypid AS type, atttypmod AS "
      "modifier, attnotnull AS not_null, attndims AS dimensions FROM pg_catalog.pg_attribute WHERE attrelid = ANY "
      "($1::pg_catalog.oid[]) AND attnum > 0 AND NOT attisdropped) {} ORDER BY input.relation, input.position",
      kDescribe);
  MS_ASSIGN(const auto rows, connection.query(context, sql, {oids}));
  ColumnsByTable columns;
  for (int row = 0; row < rows.count(); ++row) columns[rows.number(row, 9)].push_back(column_at(rows, row));
  return columns;
}

Result<uint32_t> find_oid(Context& context, Connection& connection, const TableRef& name) {
  const bool search = name.schema.empty();
  if (search) MS_TRY(connection.run(context, "SET search_path TO DEFAULT"));
  MS_ASSIGN(const auto rows, connection.query(context, "SELECT pg_catalog.to_regclass($1)::pg_catalog.oid",
                                              {connector::quote_table(name)}));
  if (search) MS_TRY(connection.run(context, "SET search_path = ''"));
  return static_cast<uint32_t>(rows.number(0, 0));
}

Result<Error> no_such_table(Context& context, Connection& connection, const TableRef& name) {
  MS_ASSIGN(const auto rows,
            connection.query(context,
                             "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN "
                             "pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN "
                             "('r','p','v','m','f') AND n.nspname NOT IN ('pg_catalog', 'information_schema') "
                             "AND n.nspname NOT LIKE 'pg\\_%' ORDER BY 1, 2 LIMIT 5000"));
  std::vector<std::string> known;
  for (int row = 0; row < rows.count(); ++row) {
    const TableRef other{.schema = rows.text(row, 0), .name = rows.text(row, 1)};
    // The same name in another schema is the likeliest slip.
    if (other.name == name.name)
      return Error(ErrorCode::not_found, "no table " + name.to_string())
          .hint("did you mean " + other.to_string() + "?");
    known.push_back(name.schema.empty() ? other.name : other.to_string());
  }
  const auto near = config::nearest(name.to_string(), known);
  return Error(ErrorCode::not_found, "no table " + name.to_string())
      .hint(near ? "did you mean " + *near + "?" : "check the name, its schema and that you may use that schema");
}

// * and ? as LIKE has them.
std::string like_pattern(std::string_view pattern) {
  std::string like;
  for (const char c : pattern) {
    if (c == '*') {
      like += '%';
    } else if (c == '?') {
      like += '_';
    } else {
      if (c == '%' || c == '_' || c == '\\') like += '\\';
      like += c;
    }
  }
  return like.empty() ? "%" : like;
}

std::string kind_name(char kind) {
  switch (kind) {
    case 'v': return "view";
    case 'm': return "materialized view";
    case 'f': return "foreign table";
    case 'p': return "partitioned table";
    default: return "table";
  }
}

constexpr std::string_view kList = R"(
SELECT n.nspname, c.relname, c.relkind, c.reltuples::int8, pg_catalog.pg_table_size(c.oid), c.oid,
       coalesce(pg_catalog.obj_description(c.oid, 'pg_class'), '')
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', $2) AND n.nspname NOT LIKE 'pg\_%'
  AND (n.nspname || '.' || c.relname LIKE $1 OR (strpos($1, '.') = 0 AND c.relname LIKE $1))
  AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
  AND (pg_catalog.has_table_privilege(c.oid, 'SELECT') OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT'))
ORDER BY 1, 2
)";

constexpr std::string_view kKeys = R"(
SELECT i.indrelid, a.attname FROM pg_catalog.pg_index i
CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, position)
JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE i.indisprimary AND i.indrelid = ANY ($1::oid[]) ORDER BY i.indrelid, k.position
)";

std::shared_ptr<arrow::Schema> schema_of(const std::vector<RemoteColumn>& columns) {
  const SourceOptions options;
  arrow::FieldVector fields;
  for (const auto& column : columns) fields.push_back(read_field(column, read_type(column.type, options), options));
  return arrow::schema(std::move(fields));
}

Result<void> add_details(Context& context, Connection& connection, const std::string& oids,
                         const std::map<int64_t, TableInfo*>& tables) {
  MS_ASSIGN(const auto keys, connection.query(context, std::string(kKeys), {oids}));
  for (int row = 0; row < keys.count(); ++row) tables.at(keys.number(row, 0))->primary_key.push_back(keys.text(row, 1));
  MS_ASSIGN(const auto columns, table_columns(context, connection, oids));
  for (const auto& [table, info] : tables) {
    const auto found = columns.find(table);
    info->schema = schema_of(found == columns.end() ? std::vector<RemoteColumn>() : found->second);
  }
  return {};
}

}  // namespace

Result<RemoteTable> find_table(Context& context, Connection& connection, const TableRef& name) {
  MS_ASSIGN(const auto table, find_oid(context, connection, name));
  MS_ASSIGN(
      const auto rows,
      connection.query(
          context,
          fmt::format("SELECT n.nspname, c.relname, c.relkind, coalesce(a.amname = 'heap', false), "
                      "coalesce(pg_catalog.pg_relation_size(c.oid), 0) / "
                      "pg_catalog.current_setting('block_size')::int8, c.reltuples::int8 FROM pg_catalog.pg_class "
                      "c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_catalog.pg_am a ON "
                      "a.oid = c.relam WHERE c.oid = {} AND c.relkind IN ('r','p','v','m','f')",
                      table)));
  if (rows.count() == 0) {
    MS_ASSIGN(auto error, no_such_table(context, connection, name));
    return error;
  }
  RemoteTable found{.oid = table,
                    .ref = {.schema = rows.text(0, 0), .name = rows.text(0, 1)},
                    .kind = rows.text(0, 2).front(),
                    .heap = rows.truth(0, 3),
                    .pages = rows.number(0, 4),
                    .rows = rows.number(0, 5),
                    .columns = {}};
  MS_ASSIGN(auto columns, table_columns(context, connection, fmt::format("{{{}}}", table)));
  found.columns = std::move(columns[table]);
  return found;
}

Result<std::vector<RemoteColumn>> query_columns(Context& context, Connection& connection, const std::string& sql) {
  MS_ASSIGN(const auto described, connection.describe(context, sql));
  std::string types;
  std::string modifiers;
  for (const auto& column : described) {
    types += fmt::format("{}{}", types.empty() ? "" : ",", column.type);
    modifiers += fmt::format("{}{}", modifiers.empty() ? "" : ",", column.modifier);
  }
  const std::string input =
      "WITH input AS (SELECT 0 AS relation, position, ''::pg_catalog.text AS name, type, modifier, false AS not_null, "
      "0 AS dimensions "
      "FROM unnest($1::pg_catalog.oid[], $2::pg_catalog.int4[]) WITH ORDINALITY AS given(type, modifier, "
      "position))";
  MS_ASSIGN(const auto rows, connection.query(context, fmt::format("{} {} ORDER BY input.position", input, kDescribe),
                                              {"{" + types + "}", "{" + modifiers + "}"}));
  std::vector<RemoteColumn> columns;
  for (int row = 0; row < rows.count(); ++row) {
    columns.push_back(column_at(rows, row));
    columns.back().name = described[static_cast<size_t>(row)].name;
  }
  return columns;
}

Result<std::vector<TableInfo>> list_tables(Context& context, Connection& connection, const std::string& pattern,
                                           const std::string& hidden_schema) {
  MS_ASSIGN(const auto rows, connection.query(context, std::string(kList), {like_pattern(pattern), hidden_schema}));
  std::vector<TableInfo> tables(static_cast<size_t>(rows.count()));
  std::map<int64_t, TableInfo*> by_oid;
  std::string oids;
  for (int row = 0; row < rows.count(); ++row) {
    auto& info = tables[static_cast<size_t>(row)];
    const char kind = rows.text(row, 2).front();
    info.table = {.schema = rows.text(row, 0), .name = rows.text(row, 1)};
    info.kind = kind_name(kind);
    if (kind == 'r' || kind == 'm') info.estimate = {.rows = rows.number(row, 3), .bytes = rows.number(row, 4)};
    info.comment = rows.text(row, 6);
    oids += (oids.empty() ? "" : ",") + rows.text(row, 5);
    by_oid[rows.number(row, 5)] = &info;
  }
  MS_TRY(add_details(context, connection, "{" + oids + "}", by_oid));
  return tables;
}

}  // namespace mainstem::connectors::postgres
