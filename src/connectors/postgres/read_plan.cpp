#include "connectors/postgres/read_plan.h"

#include <algorithm>
#include <arrow/api.h>
#include <cctype>
#include <charconv>
#include <fmt/format.h>
#include <set>

#include "config/option.h"
#include "observability/context.h"

namespace mainstem::connectors::postgres {
namespace {

using connector::Estimate;
using connector::Partition;
using connector::quote_identifier;
using connector::ReadRequest;

// Below this (8 MiB), a connection of its own costs more than it saves.
constexpr int64_t kMinPages = 1000;
// Parts for each thread, so that none waits long for the slowest.
constexpr int kPartsPerThread = 4;
constexpr int kFirstWithTidRanges = 140'000;
// A cursor's range that holds less of the table than this is left to an index.
constexpr double kIndexShare = 0.25;

// What is read: a table of the catalog, or a query.
struct Relation {
  std::optional<RemoteTable> table;
  std::string from;
  std::string name;
  std::vector<RemoteColumn> columns;
  bool user_text = false;
};

std::string trimmed_query(std::string query) {
  while (!query.empty() && (query.back() == ';' || std::isspace(static_cast<unsigned char>(query.back())) != 0))
    query.pop_back();
  return query;
}

Result<void> use_search_path(Context& context, Connection& connection) {
  return connection.run(context, "SET LOCAL search_path TO DEFAULT");
}

Result<Relation> find_query(Context& context, Connection& connection, const std::string& query) {
  // A comment at the query's end must not swallow the parenthesis.
  const std::string from = "(" + trimmed_query(query) + "\n) AS query";
  MS_TRY(use_search_path(context, connection));
  MS_ASSIGN_DURING(auto columns, query_columns(context, connection, "SELECT * FROM " + from), "preparing the query");
  std::set<std::string> names;
  for (const auto& column : columns)
    if (!names.insert(column.name).second)
      return Error(ErrorCode::invalid_config, "the query gives two columns named '" + column.name + "'")
          .hint("name them apart with AS");
  return Relation{.table = {}, .from = from, .name = "query", .columns = std::move(columns), .user_text = true};
}

Result<Relation> find_relation(Context& context, Connection& connection, const ReadRequest& request,
                               const SourceOptions& options) {
  if (!options.query.empty()) return find_query(context, connection, options.query);
  const auto& text = request.table.empty() ? options.table : request.table;
  if (text.empty())
    return Error(ErrorCode::invalid_config, "source '" + request.name + "' names neither a table nor a query");
  MS_ASSIGN(const auto ref, connector::parse_table_ref(text));
  MS_ASSIGN(auto table, find_table(context, connection, ref));
  Relation relation{.table = table,
                    .from = connector::quote_table(table.ref),
                    .name = table.ref.to_string(),
                    .columns = table.columns,
                    .user_text = !request.where.empty()};
  if (relation.user_text) MS_TRY(use_search_path(context, connection));
  return relation;
}

Result<const RemoteColumn*> column_named(const Relation& relation, const std::string& name) {
  const auto found = std::ranges::find(relation.columns, name, &RemoteColumn::name);
  if (found != relation.columns.end()) return &*found;
  std::vector<std::string> known;
  for (const auto& column : relation.columns) known.push_back(column.name);
  const auto near = config::nearest(name, known);
  return Error(ErrorCode::not_found, fmt::format("no column '{}' in {}", name, relation.name))
      .hint(near ? "did you mean '" + *near + "'?" : fmt::format("columns: {}", fmt::join(known, ", ")));
}

Result<std::vector<const RemoteColumn*>> wanted_columns(const Relation& relation, const ReadRequest& request) {
  std::vector<const RemoteColumn*> columns;
  if (request.columns.empty())
    for (const auto& column : relation.columns) columns.push_back(&column);
  for (const auto& name : request.columns) {
    MS_ASSIGN(const auto* column, column_named(relation, name));
    columns.push_back(column);
  }
  if (columns.empty()) return Error(ErrorCode::unsupported, relation.name + " has no columns");
  return columns;
}

// "Seq Scan on t  (cost=0.00..1.01 rows=1 width=4)"
int64_t number_behind(std::string_view text, std::string_view key) {
  const auto at = text.find(key);
  if (at == std::string_view::npos) return -1;
  int64_t number = -1;
  std::from_chars(text.data() + at + key.size(), text.data() + text.size(), number);
  return number;
}

Result<Estimate> estimate(Context& context, Connection& connection, const ReadSql& sql) {
  MS_ASSIGN(const auto rows, connection.query(context, "EXPLAIN " + sql.statement("")));
  const auto line = rows.text(0, 0);
  const int64_t count = number_behind(line, " rows=");
  const int64_t width = number_behind(line, " width=");
  int64_t bytes = -1;
  if (count < 0 || width < 0 || __builtin_mul_overflow(count, width, &bytes)) bytes = -1;
  return Estimate{.rows = count, .bytes = bytes};
}

// Whether policies hide rows from this user, in whatever table or view below the statement: with row_security off the
// server refuses to plan it.
Result<bool> is_filtered(Context& context, Connection& connection, const ReadSql& sql) {
  MS_TRY(connection.run(context, "SAVEPOINT look; SET LOCAL row_security = off"));
  const auto planned = connection.query(context, "EXPLAIN " + sql.statement(""));
  MS_TRY(context.cancellation.check());
  MS_TRY(connection.run(context, "ROLLBACK TO SAVEPOINT look; RELEASE SAVEPOINT look"));
  return !planned && planned.error().code() == ErrorCode::permission_denied;
}

std::vector<Partition> split(int64_t pages, int64_t parts, const Estimate& whole) {
  std::vector<Partition> partitions;
  for (int64_t i = 0; i < parts; ++i) {
    const int64_t first = pages * i / parts;
    const int64_t end = pages * (i + 1) / parts;
    const bool last = i + 1 == parts;
    const auto share = [&](int64_t value) { return value < 0 ? -1 : value / parts; };
    partitions.push_back({.id = last ? fmt::format("pages-{}-end", first) : fmt::format("pages-{}-{}", first, end),
                          .bytes = last ? fmt::format("ctid {} end", first) : fmt::format("ctid {} {}", first, end),
                          .estimate = {.rows = share(whole.rows), .bytes = share(whole.bytes)}});
  }
  return partitions;
}

// Puts a read together, step by step, in one transaction.
class Planner {
 public:
  Planner(Context& context, Connection& connection, const ReadRequest& request, const ConnectionOptions& limits)
      : context_(context), connection_(connection), request_(request), limits_(limits) {}

  Result<PreparedRead> prepare();

 private:
  Result<void> shape_columns();
  Result<void> add_conditions();
  Result<void> add_cursor(const connector::CursorRange& range);
  bool is_splittable() const;
  int64_t parts() const;
  void add_partitions();

  Context& context_;
  Connection& connection_;
  const ReadRequest& request_;
  const ConnectionOptions& limits_;
  SourceOptions options_;
  Relation relation_;
  PreparedRead read_;
};

Result<void> Planner::shape_columns() {
  MS_ASSIGN(const auto columns, wanted_columns(relation_, request_));
  arrow::FieldVector fields;
  for (const auto* column : columns) {
    const auto declared = request_.declared == nullptr ? nullptr : request_.declared->GetFieldByName(column->name);
    auto type = read_type(column->type, options_);
    if (declared != nullptr) {
      MS_ASSIGN_DURING(type, read_type_as(column->type, declared->type(), options_), "reading column " + column->name);
    }
    fields.push_back(read_field(*column, type, options_));
    read_.sql.select += (read_.sql.select.empty() ? "" : ", ") + quote_identifier(column->name);
    if (type.as_text) read_.sql.select += "::pg_catalog.text";
    read_.shape.types.push_back(std::move(type));
  }
  read_.shape.schema = arrow::schema(std::move(fields));
  return {};
}

Result<void> Planner::add_cursor(const connector::CursorRange& range) {
  MS_ASSIGN(const auto* column, column_named(relation_, range.column));
  MS_ASSIGN(const auto cursor, CursorSql::make(*column, range));
  const std::string where = fmt::format("{}", fmt::join(read_.sql.conditions, " AND "));
  MS_ASSIGN_DURING(const auto rows, connection_.query(context_, cursor.greatest(read_.sql.from, where)),
                   "finding the end of cursor " + range.column);
  auto& upper = read_.plan.upper;
  upper = range.after;
  if (rows.count() > 0 && !rows.is_null(0, 0)) {
    std::string end = rows.text(0, 0);
    if (range.after) {
      MS_ASSIGN_DURING(const auto later, connection_.query(context_, cursor.later_of_stored_and(end)),
                       fmt::format("comparing with the stored position '{}'", range.after->printable));
      end = later.text(0, 0);
    }
    upper = connector::Position{.bytes = end, .printable = end};
  }
  const auto predicate = cursor.predicate(upper);
  if (!predicate.empty()) read_.sql.conditions.push_back(predicate);
  return {};
}

Result<void> Planner::add_conditions() {
  // On lines of its own, so that a comment in it hides nothing of ours.
  if (!request_.where.empty()) read_.sql.conditions.push_back("(" + request_.where + "\n)");
  if (request_.cursor) MS_TRY(add_cursor(*request_.cursor));
  return {};
}

bool Planner::is_splittable() const {
  if (options_.split == Split::none || !relation_.table || connection_.version() < kFirstWithTidRanges) return false;
  const auto& table = *relation_.table;
  if (!table.heap || (table.kind != 'r' && table.kind != 'm')) return false;
  const bool continued = request_.cursor && request_.cursor->after;
  const double share =
      static_cast<double>(read_.plan.estimate.rows) / static_cast<double>(std::max<int64_t>(table.rows, 1));
  return !continued || share > kIndexShare;
}

int64_t Planner::parts() const {
  if (!is_splittable()) return 1;
  // With a limit on connections, as many parts as connections: then no reader has to wait for another.
  const int64_t most = limits_.connections > 0 ? limits_.connections : int64_t{context_.threads} * kPartsPerThread;
  return std::clamp(relation_.table->pages / kMinPages, int64_t{1}, std::max<int64_t>(most, 1));
}

void Planner::add_partitions() {
  auto& plan = read_.plan;
  const int64_t parts = this->parts();
  plan.partitions = parts == 1 ? std::vector<Partition>{{.id = "all", .bytes = "all", .estimate = plan.estimate}}
                               : split(relation_.table->pages, parts, plan.estimate);
  plan.description = fmt::format(
      "{} by binary COPY, {}", relation_.name,
      parts == 1 ? "over one connection" : fmt::format("in {} parts of its {} pages", parts, relation_.table->pages));
}

Result<PreparedRead> Planner::prepare() {
  MS_ASSIGN(options_, read_source(request_.options));
  MS_ASSIGN(relation_, find_relation(context_, connection_, request_, options_));
  read_.sql.from = relation_.from;
  read_.sql.user_text = relation_.user_text;
  read_.shape.object = relation_.name;
  read_.shape.decode = {.infinity = options_.infinity,
                        .check_utf8 = connection_.parameter("server_encoding") == "SQL_ASCII"};
  MS_TRY(shape_columns());
  MS_TRY(add_conditions());
  read_.plan.schema = read_.shape.schema;
  MS_ASSIGN(read_.plan.estimate, estimate(context_, connection_, read_.sql));
  MS_ASSIGN(const bool filtered, is_filtered(context_, connection_, read_.sql));
  if (filtered)
    context_.log.warn(
        "row-level security hides rows of a source from this user; only what its policies show is read. Use a user "
        "with "
        "BYPASSRLS to read all",
        {{"source", relation_.name}});
  add_partitions();
  return std::move(read_);
}

}  // namespace

std::string ReadSql::statement(const std::string& bounds) const {
  std::string text = "SELECT " + select + " FROM " + from;
  const char* word = " WHERE ";
  for (const auto& condition : conditions) {
    text += word + condition;
    word = " AND ";
  }
  if (!bounds.empty()) text += word + bounds;
  return text;
}

Result<PreparedRead> prepare_read(Context& context, Connection& connection, const ReadRequest& request,
                                  const ConnectionOptions& limits) {
  return Planner(context, connection, request, limits).prepare();
}

Result<std::string> partition_bounds(const Partition& partition) {
  if (partition.bytes == "all") return std::string();
  const auto bad = [&] {
    return Error(ErrorCode::invalid_data, "not a partition of a PostgreSQL read: '" + partition.id + "'");
  };
  std::string_view rest = partition.bytes;
  const auto page = [&rest](uint32_t& value) {
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    rest.remove_prefix(static_cast<size_t>(end - rest.data()));
    return error == std::errc();
  };
  uint32_t first = 0;
  uint32_t end = 0;
  if (!rest.starts_with("ctid ")) return bad();
  rest.remove_prefix(5);
  if (!page(first) || !rest.starts_with(' ')) return bad();
  rest.remove_prefix(1);
  // The last part has no end, so that pages added in the meantime are read, too.
  if (rest == "end") return fmt::format("ctid >= '({},0)'::pg_catalog.tid", first);
  if (!page(end) || !rest.empty()) return bad();
  return fmt::format("ctid >= '({},0)'::pg_catalog.tid AND ctid < '({},0)'::pg_catalog.tid", first, end);
}

Result<void> begin_reading(Context& context, Connection& connection, const std::optional<std::string>& snapshot) {
  std::string sql = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
  if (snapshot) sql += "; SET TRANSACTION SNAPSHOT " + connector::quote_literal(*snapshot);
  return connection.run(context, sql);
}

}  // namespace mainstem::connectors::postgres
