#include "duckdb/stream_function.h"

#include <arrow/api.h>
#include <fmt/format.h>

#include "duckdb/callback.h"
#include "duckdb/logical_type.h"
#include "duckdb/vector_fill.h"

namespace mainstem::duckdb {
namespace {

using StreamPointer = std::shared_ptr<RegisteredStream>;
using RegistryPointer = std::shared_ptr<StreamRegistry>;

// What one bound use of the function needs; DuckDB owns it.
struct Bound {
  RegistryPointer registry;
  StreamPointer stream;
};

// The columns a running query reads, as indices into the schema.
struct Scan {
  const Bound* bound = nullptr;
  std::vector<idx_t> columns;
};

// One thread's part. The batch stays until the next call, since vectors point into it.
struct Part {
  BatchPull pull;
  std::shared_ptr<arrow::RecordBatch> batch;
  arrow::ArrayVector columns;  // prepared, by position in Scan::columns
  int64_t offset = 0;
};

Result<void> bind(duckdb_bind_info info, const RegistryPointer& registry) {
  const ValueHandle value(api().bind_get_parameter(info, 0));
  if (api().is_null_value(value.get())) return Error(ErrorCode::invalid_config, "the name of a stream is null");
  const OwnedText id(api().get_varchar(value.get()));
  auto stream = registry->find(id.get());
  if (stream == nullptr) return Error(ErrorCode::not_found, fmt::format("there is no stream {}", id.get()));
  for (const auto& field : stream->input.schema->fields()) {
    auto type = input_type(*field->type());
    if (!type) return std::move(type).error().during(fmt::format("reading column {} of {}", field->name(), id.get()));
    api().bind_add_result_column(info, field->name().c_str(), type->get());
  }
  if (stream->input.estimated_rows >= 0)
    api().bind_set_cardinality(info, static_cast<idx_t>(stream->input.estimated_rows), false);
  api().bind_set_bind_data(info, new Bound{registry, std::move(stream)}, destroy<Bound>);
  return {};
}

Result<void> start(duckdb_init_info info, const Bound& bound) {
  auto& stream = *bound.stream;
  if (stream.taken.exchange(true))
    return Error(ErrorCode::internal, fmt::format("{} has been read before", stream.id))
        .hint("a stream can be read once; land it to read it again");
  auto scan = std::make_unique<Scan>();
  scan->bound = &bound;
  const idx_t count = api().init_get_column_count(info);
  for (idx_t i = 0; i < count; ++i) scan->columns.push_back(api().init_get_column_index(info, i));
  api().init_set_max_threads(info, static_cast<idx_t>(std::max(1, stream.input.parallelism)));
  api().init_set_init_data(info, scan.release(), destroy<Scan>);
  return {};
}

Result<void> take_batch(Part& part, const Scan& scan, std::shared_ptr<arrow::RecordBatch> batch) {
  const auto& stream = *scan.bound->stream;
  const auto& schema = *stream.input.schema;
  if (batch->num_columns() != schema.num_fields())
    return Error(ErrorCode::internal, fmt::format("{}: a batch has {} columns instead of {}", stream.id,
                                                  batch->num_columns(), schema.num_fields()));
  part.columns.clear();
  for (const idx_t index : scan.columns) {
    // count(*) asks for a column that is none of ours and whose values nobody reads.
    if (index >= static_cast<idx_t>(schema.num_fields())) {
      part.columns.emplace_back();
      continue;
    }
    const auto& field = *schema.field(static_cast<int>(index));
    const auto& column = batch->column(static_cast<int>(index));
    const auto activity = [&] { return fmt::format("reading column {} of {}", field.name(), stream.id); };
    if (!column->type()->Equals(*field.type()))
      return Error(ErrorCode::internal, fmt::format("a batch has type {} instead of {}", column->type()->ToString(),
                                                    field.type()->ToString()))
          .during(activity());
    auto prepared = prepare_array(column);
    if (!prepared) return std::move(prepared).error().during(activity());
    part.columns.push_back(*std::move(prepared));
  }
  part.batch = std::move(batch);
  part.offset = 0;
  return {};
}

// Makes `part` hold unread rows; false at the end of all parts.
Result<bool> advance(Part& part, const Scan& scan) {
  while (part.batch == nullptr || part.offset >= part.batch->num_rows()) {
    part.batch.reset();
    if (!part.pull) {
      MS_ASSIGN(part.pull, scan.bound->stream->input.open_next());
      if (!part.pull) return false;
    }
    MS_ASSIGN(auto batch, part.pull());
    if (batch == nullptr) {
      part.pull = nullptr;
      continue;
    }
    if (batch->num_rows() > 0) MS_TRY(take_batch(part, scan, std::move(batch)));
  }
  return true;
}

Result<void> fill_chunk(Part& part, const Scan& scan, duckdb_data_chunk output) {
  MS_ASSIGN(const bool more, advance(part, scan));
  if (!more) {
    api().data_chunk_set_size(output, 0);
    return {};
  }
  const auto rows = std::min(static_cast<int64_t>(api().vector_size()), part.batch->num_rows() - part.offset);
  for (size_t i = 0; i < part.columns.size(); ++i) {
    if (part.columns[i] == nullptr) continue;
    auto filled = fill_vector(api().data_chunk_get_vector(output, i), *part.columns[i], part.offset, rows);
    if (!filled)
      return std::move(filled).error().during(fmt::format("reading column {} of {}",
                                                          part.batch->column_name(static_cast<int>(scan.columns[i])),
                                                          scan.bound->stream->id));
  }
  part.offset += rows;
  api().data_chunk_set_size(output, static_cast<idx_t>(rows));
  return {};
}

void on_bind(duckdb_bind_info info) {
  const auto& registry = *static_cast<RegistryPointer*>(api().bind_get_extra_info(info));
  guard(
      registry->errors(), [&] { return bind(info, registry); },
      [&](const char* text) { api().bind_set_error(info, text); });
}

void on_init(duckdb_init_info info) {
  const auto& bound = *static_cast<Bound*>(api().init_get_bind_data(info));
  guard(
      bound.registry->errors(), [&] { return start(info, bound); },
      [&](const char* text) { api().init_set_error(info, text); });
}

void on_local_init(duckdb_init_info info) { api().init_set_init_data(info, new Part, destroy<Part>); }

void on_call(duckdb_function_info info, duckdb_data_chunk output) {
  const auto& scan = *static_cast<Scan*>(api().function_get_init_data(info));
  auto& part = *static_cast<Part*>(api().function_get_local_init_data(info));
  guard(
      scan.bound->registry->errors(), [&] { return fill_chunk(part, scan, output); },
      [&](const char* text) { api().function_set_error(info, text); });
}

}  // namespace

Result<void> StreamRegistry::add(const std::string& id, StreamInput input) {
  const std::lock_guard lock(mutex_);
  auto& slot = streams_[id];
  if (slot != nullptr) return Error(ErrorCode::already_exists, fmt::format("there is already a stream {}", id));
  slot = std::make_shared<RegisteredStream>();
  slot->id = id;
  slot->input = std::move(input);
  return {};
}

void StreamRegistry::remove(const std::string& id) {
  const std::lock_guard lock(mutex_);
  streams_.erase(id);
}

std::shared_ptr<RegisteredStream> StreamRegistry::find(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto it = streams_.find(id);
  return it == streams_.end() ? nullptr : it->second;
}

Result<void> register_stream_function(duckdb_connection connection, const std::string& name,
                                      std::shared_ptr<StreamRegistry> registry) {
  const TableFunctionHandle function(api().create_table_function());
  const TypeHandle text(api().create_logical_type(DUCKDB_TYPE_VARCHAR));
  api().table_function_set_name(function.get(), name.c_str());
  api().table_function_add_parameter(function.get(), text.get());
  api().table_function_set_extra_info(function.get(), new RegistryPointer(std::move(registry)),
                                      destroy<RegistryPointer>);
  api().table_function_set_bind(function.get(), on_bind);
  api().table_function_set_init(function.get(), on_init);
  api().table_function_set_local_init(function.get(), on_local_init);
  api().table_function_set_function(function.get(), on_call);
  api().table_function_supports_projection_pushdown(function.get(), true);
  if (api().register_table_function(connection, function.get()) != DuckDBSuccess)
    return Error(ErrorCode::internal, "the stream function cannot be registered");
  return {};
}

}  // namespace mainstem::duckdb
