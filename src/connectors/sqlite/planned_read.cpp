#include <algorithm>
#include <arrow/api.h>
#include <charconv>
#include <fmt/format.h>

#include "base/nearest.h"
#include "connectors/sqlite/catalog.h"
#include "connectors/sqlite/cursor.h"
#include "connectors/sqlite/snapshot.h"
#include "connectors/sqlite/source.h"
#include "connectors/sqlite/table_reader.h"
#include "observability/context.h"
#include "sqlite/identifier.h"

namespace mainstem::connectors::sqlite {
namespace {

using mainstem::sqlite::Database;
using mainstem::sqlite::quote_name;

constexpr int64_t kRowsPerPart = 20'000;  // fewer are not worth a connection
constexpr int64_t kMostParts = 16;

// What is read, put together from a request.
struct Selection {
  Table table;        // of a query: its columns alone
  std::string from;   // what follows FROM
  std::string where;  // the user's predicate in parentheses, or "1"
  CursorCondition cursor;
  std::shared_ptr<arrow::Schema> schema;

  std::string sql(bool part) const {
    std::string columns = table.rowid.empty() ? "NULL" : table.rowid;
    for (const auto& name : schema->field_names()) columns += ", " + quote_name(name);
    std::string text = fmt::format("SELECT {} FROM {} WHERE {}", columns, from, where);
    if (!cursor.sql.empty()) text += " AND " + cursor.sql;
    if (part) text += fmt::format(" AND {} BETWEEN ?3 AND ?4", table.rowid);
    return text;
  }
};

// The reader of one part, and the connection that it keeps busy.
class PartReader final : public columnar::BatchReader {
 public:
  PartReader(Snapshot::Loan loan, std::unique_ptr<TableReader> reader)
      : loan_(std::move(loan)), reader_(std::move(reader)) {}
  Result<std::optional<columnar::Batch>> next(Context& context) override { return reader_->next(context); }

 private:
  Snapshot::Loan loan_;
  std::unique_ptr<TableReader> reader_;  // destroyed before its connection is given back
};

struct RowIds {
  int64_t first = 0;
  int64_t last = 0;
};

Result<RowIds> read_part(const connector::Partition& partition) {
  RowIds ids;
  const char* at = partition.bytes.data();
  const char* end = at + partition.bytes.size();
  auto read = std::from_chars(at, end, ids.first);
  if (read.ec == std::errc() && read.ptr != end && *read.ptr == ':')
    read = std::from_chars(read.ptr + 1, end, ids.last);
  if (read.ec != std::errc() || read.ptr != end)
    return Error(ErrorCode::invalid_data, "not a part of a SQLite read: '" + partition.id + "'");
  return ids;
}

class SqliteRead final : public connector::PlannedRead {
 public:
  SqliteRead(std::unique_ptr<Snapshot> snapshot, Selection selection, connector::ReadPlan plan)
      : snapshot_(std::move(snapshot)), selection_(std::move(selection)), plan_(std::move(plan)) {}

  const connector::ReadPlan& plan() const override { return plan_; }

  Result<std::unique_ptr<columnar::BatchReader>> open(Context&, const connector::Partition& partition) override {
    const bool part = !partition.bytes.empty();
    MS_ASSIGN(auto loan, snapshot_->lend());
    MS_ASSIGN(auto statement, (*loan).prepare(selection_.sql(part)));
    MS_TRY(selection_.cursor.bind(statement));
    if (part) {
      MS_ASSIGN(const auto ids, read_part(partition));
      MS_TRY(statement.bind(3, ids.first));
      MS_TRY(statement.bind(4, ids.last));
    }
    MS_ASSIGN(auto reader, TableReader::make(std::move(statement), plan_.schema, selection_.table.name));
    return std::unique_ptr<columnar::BatchReader>(std::make_unique<PartReader>(std::move(loan), std::move(reader)));
  }

 private:
  std::unique_ptr<Snapshot> snapshot_;
  Selection selection_;
  connector::ReadPlan plan_;
};

Error no_column(const std::string& name, const Table& table) {
  const auto names = table.column_names();
  Error error(ErrorCode::not_found, fmt::format("no column '{}' in {}", name, table.name));
  if (const auto meant = nearest(name, names)) return std::move(error).hint("did you mean '" + *meant + "'?");
  return std::move(error).hint(fmt::format("there are: {}", fmt::join(names, ", ")));
}

Result<Selection> find_what_to_read(Database& database, const connector::ReadRequest& request) {
  MS_ASSIGN(const auto options, read_source(request.options));
  Selection selection;
  if (!options.query.empty() && request.table.empty()) {
    MS_ASSIGN(auto subquery, read_query(database, options.query));
    selection.table.name = request.name.empty() ? "query" : request.name;
    selection.table.kind = "query";
    selection.table.columns = std::move(subquery.columns);
    selection.from = std::move(subquery.sql);
  } else {
    MS_ASSIGN(const auto name, table_name(request.table, options.table));
    MS_ASSIGN(selection.table, get_table(database, name));
    selection.from = quote_name(selection.table.name);
  }
  selection.where = request.where.empty() ? "1" : "(" + request.where + "\n)";
  MS_TRY_DURING(database.prepare(fmt::format("SELECT 1 FROM {} WHERE {}", selection.from, selection.where)),
                "reading the predicate '" + request.where + "'");
  return selection;
}

Result<std::vector<Column>> choose_columns(const Table& table, const std::vector<std::string>& names) {
  if (names.empty()) return table.columns;
  std::vector<Column> chosen;
  for (const auto& name : names) {
    const Column* column = table.find(name);
    if (column == nullptr || column->name != name) return no_column(name, table);
    chosen.push_back(*column);
  }
  return chosen;
}

Result<std::shared_ptr<arrow::Schema>> make_schema(Database& database, const Selection& selection,
                                                   const connector::ReadRequest& request) {
  MS_ASSIGN(auto columns, choose_columns(selection.table, request.columns));
  // What the user declares need not be found out; any declared name will do for it.
  const auto declared = [&request](const Column& column) {
    return request.declared == nullptr ? nullptr : request.declared->GetFieldByName(column.name);
  };
  auto asked = columns;
  for (auto& column : asked)
    if (declared(column) != nullptr) column.declared = "TEXT";
  MS_ASSIGN(const auto types, column_types(database, selection.from, asked));
  arrow::FieldVector fields;
  for (size_t i = 0; i < columns.size(); ++i) {
    const auto field = declared(columns[i]);
    fields.push_back(arrow::field(columns[i].name, field != nullptr ? field->type() : types[i], !columns[i].not_null));
  }
  return arrow::schema(std::move(fields));
}

// Row ids are split evenly; a table with gaps gives uneven parts, which threads take as they come.
Result<std::vector<connector::Partition>> make_parts(Snapshot& snapshot, const Selection& selection, int threads) {
  std::vector<connector::Partition> whole{{.id = "all", .bytes = "", .estimate = {}}};
  if (selection.table.rowid.empty() || threads < 2) return whole;
  MS_ASSIGN(auto range,
            snapshot.first().prepare(fmt::format("SELECT (SELECT min({0}) FROM {1}), (SELECT max({0}) FROM {1})",
                                                 selection.table.rowid, selection.from)));
  MS_TRY(range.step());
  if (range.is_null(0)) return whole;
  const int64_t first = range.integer(0);
  const int64_t last = range.integer(1);
  const uint64_t span = static_cast<uint64_t>(last) - static_cast<uint64_t>(first);
  const auto wanted =
      std::min<uint64_t>(span / kRowsPerPart, static_cast<uint64_t>(std::min(int64_t{2} * threads, kMostParts)));
  if (wanted < 2) return whole;
  range.reset();
  MS_ASSIGN(const size_t count, snapshot.extend(wanted));
  if (count < wanted) return whole;
  std::vector<connector::Partition> parts;
  const uint64_t width = span / wanted + 1;
  for (uint64_t i = 0; i < wanted; ++i) {
    const auto begin = static_cast<int64_t>(static_cast<uint64_t>(first) + i * width);
    const auto end = i + 1 == wanted ? last : static_cast<int64_t>(static_cast<uint64_t>(begin) + width - 1);
    parts.push_back({.id = fmt::format("rows {} to {}", begin, end),
                     .bytes = fmt::format("{}:{}", begin, end),
                     .estimate = {.rows = static_cast<int64_t>(std::min<uint64_t>(width, INT64_MAX))}});
  }
  return parts;
}

Result<int64_t> estimate_rows(Database& database, const Selection& selection) {
  if (selection.table.rowid.empty()) return -1;
  return database.integer(
      fmt::format("SELECT coalesce(max({0}) - min({0}) + 1, 0) FROM {1}", selection.table.rowid, selection.from));
}

}  // namespace

Result<std::unique_ptr<connector::PlannedRead>> plan_sqlite_read(Context& context, const ConnectionOptions& options,
                                                                 const connector::ReadRequest& request) {
  MS_ASSIGN(auto snapshot, Snapshot::begin(options.path, {.busy_timeout = options.busy_timeout,
                                                          .cancellation = &context.cancellation}));
  auto& database = snapshot->first();
  MS_ASSIGN(auto selection, find_what_to_read(database, request));
  MS_ASSIGN(selection.schema, make_schema(database, selection, request));
  connector::ReadPlan plan{.schema = selection.schema};
  if (request.cursor) {
    if (selection.table.find(request.cursor->column) == nullptr)
      return no_column(request.cursor->column, selection.table).during("planning the cursor");
    const auto rows = request.where.empty()
                          ? selection.from
                          : fmt::format("(SELECT * FROM {} WHERE {})", selection.from, selection.where);
    MS_ASSIGN(selection.cursor, plan_cursor(database, rows, *request.cursor));
    plan.upper = selection.cursor.upper;
  }
  MS_ASSIGN(plan.estimate.rows, estimate_rows(database, selection));
  // A cursor's few new rows are found by an index, if there is one, not by row id.
  MS_ASSIGN(plan.partitions, make_parts(*snapshot, selection, request.cursor ? 1 : context.threads));
  plan.description = fmt::format("{} {} of {}, {}", selection.table.kind, selection.table.name, options.path,
                                 plan.partitions.size() == 1
                                     ? "read by one thread"
                                     : fmt::format("{} parts by row id under one snapshot", plan.partitions.size()));
  return std::unique_ptr<connector::PlannedRead>(
      std::make_unique<SqliteRead>(std::move(snapshot), std::move(selection), std::move(plan)));
}

}  // namespace mainstem::connectors::sqlite
