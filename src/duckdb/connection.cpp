#include "duckdb/connection.h"

#include <arrow/api.h>
#include <fmt/format.h>

#include "duckdb/connection_state.h"
#include "duckdb/identifier.h"
#include "duckdb/statement.h"
#include "duckdb/text_function.h"

namespace mainstem::duckdb {
namespace {

// The error that our own code has kept says more than DuckDB's copy of its text.
Error better(ErrorSlot& slot, Error reported) {
  if (auto kept = slot.take()) return *std::move(kept);
  return reported;
}

Result<void> bind_parameters(const PreparedHandle& statement, const Texts& parameters) {
  for (size_t i = 0; i < parameters.size(); ++i) {
    const auto& text = parameters[i];
    const auto state = text ? api().bind_varchar_length(statement.get(), i + 1, text->data(), text->size())
                            : api().bind_null(statement.get(), i + 1);
    if (state != DuckDBSuccess) return Error(ErrorCode::internal, fmt::format("there is no parameter {}", i + 1));
  }
  return {};
}

// Column names of a query need be neither unique nor known here: positions get names of their own.
std::string position_name(size_t index) { return fmt::format("c{}", index); }

std::string cast_list(const std::vector<ResultColumn>& columns) {
  std::vector<std::string> items;
  for (size_t i = 0; i < columns.size(); ++i) {
    const auto name = position_name(i);
    items.push_back(columns[i].cast.empty() ? name : fmt::format("CAST({} AS {})", name, columns[i].cast));
  }
  return fmt::format("{}", fmt::join(items, ", "));
}

// The line break keeps a comment at the end of `sql` from swallowing the rest.
std::string as_subquery(const std::string& sql, const std::vector<ResultColumn>& columns) {
  std::vector<std::string> names;
  for (size_t i = 0; i < columns.size(); ++i) names.push_back(position_name(i));
  return fmt::format("({}\n) AS q({})", sql, fmt::join(names, ", "));
}

}  // namespace

Connection::Connection(std::unique_ptr<State> state) : state_(std::move(state)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

Result<int64_t> Connection::execute(const std::string& sql, const Texts& parameters) {
  auto connection = state_->handle.get();
  state_->errors->take();
  MS_ASSIGN(const auto statements, Statements::parse(connection, sql));
  int64_t changed = 0;
  for (idx_t i = 0; i < statements.count(); ++i) {
    auto prepared = statements.prepare(connection, i);
    if (!prepared) return better(*state_->errors, std::move(prepared).error());
    MS_TRY(bind_parameters(*prepared, parameters));
    auto result = run(connection, *prepared, sql, state_->cancellation, false);
    if (!result) return better(*state_->errors, std::move(result).error());
    changed = result->rows_changed(api().prepared_statement_type(prepared->get()));
  }
  return changed;
}

Result<std::vector<Texts>> Connection::texts(const std::string& sql, const Texts& parameters) {
  auto connection = state_->handle.get();
  const auto as_texts = fmt::format("SELECT CAST(COLUMNS(*) AS VARCHAR) FROM ({}\n)", sql);
  MS_ASSIGN(const auto statements, Statements::parse(connection, as_texts));
  MS_ASSIGN(const auto prepared, statements.prepare(connection, 0));
  MS_TRY(bind_parameters(prepared, parameters));
  MS_ASSIGN(auto result, run(connection, prepared, as_texts, state_->cancellation, false));
  const auto columns = static_cast<int>(api().column_count(result.raw()));
  const auto schema = arrow::schema(arrow::FieldVector(static_cast<size_t>(columns), arrow::field("", arrow::utf8())));
  ChunkCollector collector(schema, state_->arrow_options.get(), {});
  std::vector<Texts> rows;
  const auto take = [&](const std::shared_ptr<arrow::RecordBatch>& batch) -> Result<void> {
    for (int64_t row = 0; row < batch->num_rows(); ++row) {
      auto& texts = rows.emplace_back();
      for (int column = 0; column < columns; ++column) {
        const auto& values = static_cast<const arrow::StringArray&>(*batch->column(column));
        texts.push_back(values.IsNull(row) ? std::nullopt : std::optional(values.GetString(row)));
      }
    }
    return {};
  };
  for (;;) {
    MS_ASSIGN(const auto chunk, result.next(as_texts));
    if (chunk.get() == nullptr) break;
    MS_TRY(collector.append(chunk.get(), take));
  }
  MS_TRY(collector.flush(take));
  return rows;
}

namespace {

Result<PreparedHandle> prepare_one(Connection::State& state, const std::string& sql) {
  auto connection = state.handle.get();
  state.errors->take();
  MS_ASSIGN(const auto statements, Statements::parse(connection, sql));
  if (statements.count() != 1)
    return Error(ErrorCode::invalid_config, fmt::format("the query consists of {} statements", statements.count()))
        .hint("write one SELECT");
  auto prepared = statements.prepare(connection, 0);
  if (!prepared) return better(*state.errors, std::move(prepared).error());
  if (api().nparams(prepared->get()) > 0)
    return Error(ErrorCode::invalid_config, "the query has parameters without values")
        .hint("write the values into the query, or quote the $ or ? as text");
  return prepared;
}

struct Planned {
  PreparedHandle statement;
  std::string sql;
  std::shared_ptr<arrow::Schema> schema;
};

// A SELECT whose columns leave as the schema says, `wrap` being told the list of columns and the subquery.
template <class Wrap>
Result<Planned> plan(Connection::State& state, const std::string& sql, bool always, Wrap wrap) {
  Planned planned{.statement = {}, .sql = sql, .schema = nullptr};
  MS_ASSIGN(planned.statement, prepare_one(state, sql));
  MS_ASSIGN(const auto columns, result_columns(planned.statement));
  planned.schema = result_schema(columns);
  const bool casts =
      std::any_of(columns.begin(), columns.end(), [](const auto& column) { return !column.cast.empty(); });
  if (!always && !casts) return planned;
  planned.sql = wrap(cast_list(columns), as_subquery(sql, columns));
  MS_ASSIGN(planned.statement, prepare_one(state, planned.sql));
  return planned;
}

// A running query that is pulled from.
struct Reading {
  Reading(Connection::State& of, Planned query, QueryResult rows, BatchSize size)
      : state(of),
        planned(std::move(query)),
        result(std::move(rows)),
        collector(planned.schema, of.arrow_options.get(), size) {}

  Result<std::shared_ptr<arrow::RecordBatch>> next() {
    const auto keep = [this](const std::shared_ptr<arrow::RecordBatch>& batch) -> Result<void> {
      ready.push_back(batch);
      return {};
    };
    while (ready.empty() && !ended) {
      if (state.cancellation != nullptr) MS_TRY(state.cancellation->check());
      auto chunk = result.next(planned.sql);
      if (!chunk) return better(*state.errors, std::move(chunk).error());
      ended = chunk->get() == nullptr;
      MS_TRY(ended ? collector.flush(keep) : collector.append(chunk->get(), keep));
    }
    if (ready.empty()) return std::shared_ptr<arrow::RecordBatch>();
    auto batch = std::move(ready.front());
    ready.erase(ready.begin());
    return batch;
  }

  Connection::State& state;
  Planned planned;
  QueryResult result;
  ChunkCollector collector;
  std::vector<std::shared_ptr<arrow::RecordBatch>> ready;
  bool ended = false;
};

}  // namespace

Result<Description> Connection::describe(const std::string& sql) {
  MS_ASSIGN(const auto statement, prepare_one(*state_, sql));
  MS_ASSIGN(const auto columns, result_columns(statement));
  return Description{.schema = result_schema(columns),
                     .is_select = api().prepared_statement_type(statement.get()) == DUCKDB_STATEMENT_TYPE_SELECT};
}

Result<BatchPull> Connection::read(const std::string& sql, BatchSize size) {
  MS_ASSIGN(auto planned, plan(*state_, sql, false, [](const std::string& columns, const std::string& from) {
              return fmt::format("SELECT {} FROM {}", columns, from);
            }));
  auto result = run(state_->handle.get(), planned.statement, planned.sql, state_->cancellation, true);
  if (!result) return better(*state_->errors, std::move(result).error());
  const auto reading = std::make_shared<Reading>(*state_, std::move(planned), *std::move(result), size);
  return BatchPull([reading] { return reading->next(); });
}

Result<int64_t> Connection::stream(const std::string& sql, const BatchLaneOpener& open_lane, BatchSize size) {
  const auto name = fmt::format("{}{}", kSinkFunction, state_->number);
  if (state_->sink == nullptr) {
    state_->sink = std::make_shared<SinkTarget>(state_->errors);
    MS_TRY(register_sink_function(state_->handle.get(), name, state_->sink));
  }
  MS_ASSIGN(const auto planned, plan(*state_, sql, true, [&](const std::string& columns, const std::string& from) {
              return fmt::format("SELECT sum({}({})) FROM {}", name, columns, from);
            }));
  auto& sink = *state_->sink;
  sink.open(planned.schema, state_->arrow_options.get(), size, open_lane);
  const auto result = run(state_->handle.get(), planned.statement, planned.sql, state_->cancellation, false);
  if (!result) {
    sink.reset();
    return better(*state_->errors, result.error());
  }
  auto rows = sink.finish();
  sink.reset();
  return rows;
}

Result<void> Connection::add_stream(const std::string& id, StreamInput input) {
  if (state_->streams == nullptr) {
    state_->streams = std::make_shared<StreamRegistry>(state_->errors);
    MS_TRY(register_stream_function(state_->handle.get(), fmt::format("{}{}", kStreamFunction, state_->number),
                                    state_->streams));
  }
  return state_->streams->add(id, std::move(input));
}

std::string Connection::stream_table(const std::string& id) const {
  return fmt::format("{}{}({})", kStreamFunction, state_->number, quote_text(id));
}

void Connection::remove_stream(const std::string& id) {
  if (state_->streams != nullptr) state_->streams->remove(id);
}

Result<void> Connection::add_text_function(const std::string& name, TextFunction function) {
  return register_text_function(state_->handle.get(), name, std::move(function), state_->errors);
}

}  // namespace mainstem::duckdb
