#include "connectors/duckdb/source.h"

#include <arrow/api.h>
#include <charconv>
#include <fmt/format.h>

#include "columnar/schema_union.h"
#include "connectors/duckdb/catalog.h"
#include "connectors/duckdb/cursor.h"
#include "connectors/duckdb/pull_reader.h"
#include "observability/context.h"

namespace mainstem::connectors::duckdb {
namespace {

using connector::quote_identifier;

// Parts smaller than this are read faster by one thread than planned for several.
constexpr int64_t kPartRows = 1'000'000;

// All connections have begun their transactions while planning, on a file that nobody can write meanwhile or over one
// connection alone: every part sees the same rows.
class DuckdbRead final : public connector::PlannedRead {
 public:
  DuckdbRead(std::vector<Connection> connections, std::vector<std::string> statements, connector::ReadPlan plan)
      : connections_(std::move(connections)), statements_(std::move(statements)), plan_(std::move(plan)) {
    for (size_t i = 0; i < statements_.size(); ++i)
      plan_.partitions.push_back({.id = std::to_string(i), .bytes = std::to_string(i), .estimate = {}});
  }

  const connector::ReadPlan& plan() const override { return plan_; }

  Result<std::unique_ptr<connector::BatchReader>> open(Context& context,
                                                       const connector::Partition& partition) override {
    size_t index = 0;
    const auto& text = partition.bytes;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), index);
    if (code != std::errc() || end != text.data() + text.size() || index >= statements_.size())
      return Error(ErrorCode::invalid_data, fmt::format("there is no part '{}' of this read", partition.id));
    MS_ASSIGN(auto pull,
              connections_[index].read(statements_[index], {.rows = context.batch_rows, .bytes = context.batch_bytes}));
    return std::unique_ptr<connector::BatchReader>(std::make_unique<PullReader>(std::move(pull), plan_.schema));
  }

 private:
  std::vector<Connection> connections_;
  std::vector<std::string> statements_;
  connector::ReadPlan plan_;
};

// What to read, before it is cut into parts.
struct Selection {
  std::string from;                       // quoted table, or subquery
  std::shared_ptr<arrow::Schema> schema;  // of all columns
  std::optional<Table> table;
  std::vector<std::string> conditions;

  std::string where() const {
    return conditions.empty() ? "" : fmt::format(" WHERE {}", fmt::join(conditions, " AND "));
  }
};

Error no_such_table(const connector::TableRef& name, const std::vector<Table>& others) {
  std::vector<std::string> names;
  for (const auto& other : others) names.push_back(other.name.to_string());
  return Error(ErrorCode::not_found, fmt::format("there is no table {}", name.to_string()))
      .hint(names.empty() ? "the file has no tables" : fmt::format("tables: {}", fmt::join(names, ", ")));
}

Result<Selection> select_table(Connection& connection, const std::string& text) {
  MS_ASSIGN(const auto name, resolve(text));
  MS_ASSIGN(auto table, find_table(connection, name));
  if (!table) {
    MS_ASSIGN(const auto others, list_tables(connection, ""));
    return no_such_table(name, others);
  }
  Selection selection{.from = connector::quote_table(table->name), .schema = nullptr, .table = {}, .conditions = {}};
  arrow::FieldVector fields;
  const auto schema = table->schema();
  for (const auto& field : schema->fields()) fields.push_back(field->RemoveMetadata());
  selection.schema = arrow::schema(std::move(fields));
  selection.table = std::move(table);
  return selection;
}

Result<Selection> select_query(Connection& connection, const std::string& query) {
  MS_ASSIGN_DURING(const auto description, connection.describe(query), "reading option 'query'");
  if (!description.is_select)
    return Error(ErrorCode::invalid_config, "the option 'query' is not a SELECT")
        .hint("a source only reads; write to the file with a target");
  // The line break keeps a comment at the end of the query from swallowing the rest.
  auto from = fmt::format("({}\n) AS query", query);
  MS_ASSIGN(const auto renamed, connection.describe("SELECT * FROM " + from));
  return Selection{.from = std::move(from), .schema = renamed.schema, .table = {}, .conditions = {}};
}

Result<Selection> select(Connection& connection, const connector::ReadRequest& request) {
  MS_ASSIGN(const auto options, read_source(request.options));
  const auto& table = request.table.empty() ? options.table : request.table;
  if (table.empty() && options.query.empty())
    return Error(ErrorCode::invalid_config, "the source names neither a table nor a query")
        .at(request.options.position());
  auto selection = table.empty() ? select_query(connection, options.query) : select_table(connection, table);
  if (!selection) return selection;
  if (request.where.empty()) return selection;
  selection->conditions.push_back(fmt::format("({}\n)", request.where));
  MS_TRY_DURING(connection.describe("SELECT 1 FROM " + selection->from + selection->where()), "reading option 'where'");
  return selection;
}

// Ranges of row ids; none for what has no row ids or is small.
std::vector<std::string> cut(int64_t row_ids, int most) {
  const auto parts = std::min<int64_t>(most, row_ids / kPartRows);
  std::vector<std::string> ranges;
  for (int64_t part = 0; part < parts; ++part) {
    const auto first = fmt::format("rowid >= {}", row_ids / parts * part);
    const auto last = part + 1 == parts ? "" : fmt::format(" AND rowid < {}", row_ids / parts * (part + 1));
    ranges.push_back(fmt::format("({}{})", first, last));
  }
  return ranges;
}

class DuckdbSource final : public connector::Source {
 public:
  explicit DuckdbSource(File file) : file_(std::move(file)) {}

  Result<std::vector<connector::TableInfo>> discover(Context& context, const std::string& pattern) override {
    MS_ASSIGN(const auto database, file_.open_to_read(context));
    MS_ASSIGN(auto connection, database.connect(&context.cancellation));
    MS_ASSIGN(const auto tables, list_tables(connection, pattern));
    std::vector<connector::TableInfo> result;
    for (const auto& table : tables)
      result.push_back({.table = table.name,
                        .schema = table.schema(),
                        .primary_key = table.primary_key,
                        .estimate = {.rows = table.rows, .bytes = -1},
                        .kind = table.is_view ? "view" : "table",
                        .comment = table.comment});
    return result;
  }

  Result<std::unique_ptr<connector::PlannedRead>> plan_read(Context& context,
                                                            const connector::ReadRequest& request) override {
    auto planned = plan(context, request);
    if (!planned) return std::move(planned).error().during("planning to read " + request.name);
    return planned;
  }

  std::vector<connector::Probe> probe(Context& context) override {
    const auto database = file_.open_to_read(context);
    if (database) return {{.what = "open " + file_.path(), .ok = true, .detail = "", .fix = ""}};
    return {{.what = "open " + file_.path(),
             .ok = false,
             .detail = database.error().chain(),
             .fix = database.error().hint()}};
  }

 private:
  Result<std::unique_ptr<connector::PlannedRead>> plan(Context& context, const connector::ReadRequest& request) {
    MS_ASSIGN(const auto database, file_.open_to_read(context));
    std::vector<Connection> connections;
    const auto connect = [&]() -> Result<void> {
      MS_ASSIGN(auto connection, database.connect(&context.cancellation));
      MS_TRY(connection.execute("BEGIN TRANSACTION READ ONLY"));
      // A transaction sees the rows of the moment when it first looks at the file.
      MS_TRY(connection.texts("SELECT count(*) FROM duckdb_tables()"));
      connections.push_back(std::move(connection));
      return {};
    };
    MS_TRY(connect());
    auto& first = connections.front();
    MS_ASSIGN(auto selection, select(first, request));
    connector::ReadPlan plan;
    if (request.cursor) MS_TRY(add_cursor(first, *request.cursor, selection, plan));
    MS_TRY(settle_columns(request, selection, plan));
    MS_ASSIGN(const auto ranges, parts_of(context, first, selection));
    auto statements = statements_of(request, selection, ranges);
    if (request.where.empty() && !request.cursor && selection.table) plan.estimate.rows = selection.table->rows;
    plan.description = fmt::format("{} parts={}", selection.table ? "table" : "query", statements.size());
    while (connections.size() < statements.size()) MS_TRY(connect());
    return std::unique_ptr<connector::PlannedRead>(
        std::make_unique<DuckdbRead>(std::move(connections), std::move(statements), std::move(plan)));
  }

  static Result<void> add_cursor(Connection& connection, const connector::CursorRange& range, Selection& selection,
                                 connector::ReadPlan& plan) {
    const auto field = selection.schema->GetFieldByName(range.column);
    if (field == nullptr)
      return Error(ErrorCode::invalid_config, fmt::format("cursor column '{}' is not in the source", range.column))
          .hint(fmt::format("columns: {}", fmt::join(selection.schema->field_names(), ", ")));
    MS_ASSIGN(auto bound, bind_cursor(connection, selection.from + selection.where(), range, *field->type()));
    if (!bound.condition.empty()) selection.conditions.push_back(std::move(bound.condition));
    plan.upper = std::move(bound.upper);
    return {};
  }

  static Result<void> settle_columns(const connector::ReadRequest& request, const Selection& selection,
                                     connector::ReadPlan& plan) {
    columnar::SchemaUnion columns(request.declared);
    MS_TRY(columns.add(*selection.schema, request.name));
    MS_ASSIGN(plan.schema, columns.settle(request.columns));
    return {};
  }

  Result<std::vector<std::string>> parts_of(Context& context, Connection& connection,
                                            const Selection& selection) const {
    if (!selection.table || selection.table->is_view || context.threads < 2) return std::vector<std::string>();
    // Connections of a file that others in this process may write see different rows.
    MS_ASSIGN(const auto access, connection.texts("SELECT readonly FROM duckdb_databases() "
                                                  "WHERE database_name = current_database()"));
    if (access[0][0] != "true" || selection.table->rows < 2 * kPartRows) return std::vector<std::string>();
    MS_ASSIGN(const auto last, connection.texts("SELECT max(rowid) + 1 FROM " + selection.from));
    int64_t row_ids = 0;
    if (const auto& text = last[0][0]) std::from_chars(text->data(), text->data() + text->size(), row_ids);
    return cut(row_ids, context.threads);
  }

  static std::vector<std::string> statements_of(const connector::ReadRequest& request, const Selection& selection,
                                                const std::vector<std::string>& ranges) {
    std::vector<std::string> names;
    const auto& wanted = request.columns.empty() ? selection.schema->field_names() : request.columns;
    for (const auto& name : wanted) names.push_back(quote_identifier(name));
    std::vector<std::string> statements;
    for (const auto& range : ranges.empty() ? std::vector<std::string>{""} : ranges) {
      auto part = selection;
      if (!range.empty()) part.conditions.push_back(range);
      statements.push_back(fmt::format("SELECT {} FROM {}{}", fmt::join(names, ", "), part.from, part.where()));
    }
    return statements;
  }

  File file_;
};

}  // namespace

std::unique_ptr<connector::Source> make_source(File file) { return std::make_unique<DuckdbSource>(std::move(file)); }

}  // namespace mainstem::connectors::duckdb
