#include "duckdb/sink_function.h"

#include <arrow/api.h>

#include "duckdb/callback.h"

namespace mainstem::duckdb {
namespace {

using TargetPointer = std::shared_ptr<SinkTarget>;

void on_call(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  auto& target = **static_cast<TargetPointer*>(api().scalar_function_get_extra_info(info));
  guard(
      target.errors(), [&] { return target.take(input); },
      [&](const char* text) { api().scalar_function_set_error(info, text); });
  auto* counts = static_cast<int64_t*>(api().vector_get_data(output));
  std::fill_n(counts, api().data_chunk_get_size(input), int64_t{1});
}

}  // namespace

void SinkTarget::open(std::shared_ptr<arrow::Schema> schema, duckdb_arrow_options options, BatchSize size,
                      BatchLaneOpener open_lane) {
  reset();
  schema_ = std::move(schema);
  options_ = options;
  size_ = size;
  open_lane_ = std::move(open_lane);
  rows_ = 0;
}

Result<std::unique_ptr<SinkTarget::Lane>> SinkTarget::borrow() {
  {
    const std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      auto lane = std::move(free_.back());
      free_.pop_back();
      return lane;
    }
  }
  if (!open_lane_) return Error(ErrorCode::invalid_config, "this function is not for queries");
  auto lane = std::make_unique<Lane>();
  MS_ASSIGN(lane->lane, open_lane_());
  lane->rows = std::make_unique<ChunkCollector>(schema_, options_, size_);
  return lane;
}

void SinkTarget::give_back(std::unique_ptr<Lane> lane) {
  const std::lock_guard lock(mutex_);
  free_.push_back(std::move(lane));
}

Result<void> SinkTarget::take(duckdb_data_chunk chunk) {
  MS_ASSIGN(auto lane, borrow());
  auto& out = *lane->lane;
  MS_TRY(lane->rows->append(chunk, [&](const auto& batch) { return out.write(batch); }));
  rows_ += static_cast<int64_t>(api().data_chunk_get_size(chunk));
  give_back(std::move(lane));
  return {};
}

Result<int64_t> SinkTarget::finish() {
  auto lanes = std::exchange(free_, {});
  for (auto& lane : lanes) {
    auto& out = *lane->lane;
    MS_TRY(lane->rows->flush([&](const auto& batch) { return out.write(batch); }));
  }
  for (auto& lane : lanes) MS_TRY(lane->lane->close());
  return rows_.load();
}

void SinkTarget::reset() {
  const std::lock_guard lock(mutex_);
  free_.clear();
  open_lane_ = nullptr;
}

Result<void> register_sink_function(duckdb_connection connection, const std::string& name,
                                    std::shared_ptr<SinkTarget> target) {
  const ScalarFunctionHandle function(api().create_scalar_function());
  const TypeHandle any(api().create_logical_type(DUCKDB_TYPE_ANY));
  const TypeHandle bigint(api().create_logical_type(DUCKDB_TYPE_BIGINT));
  api().scalar_function_set_name(function.get(), name.c_str());
  api().scalar_function_set_varargs(function.get(), any.get());
  api().scalar_function_set_return_type(function.get(), bigint.get());
  // Rows with nulls are rows too, and equal rows are not one.
  api().scalar_function_set_special_handling(function.get());
  api().scalar_function_set_volatile(function.get());
  api().scalar_function_set_extra_info(function.get(), new TargetPointer(std::move(target)), destroy<TargetPointer>);
  api().scalar_function_set_function(function.get(), on_call);
  if (api().register_scalar_function(connection, function.get()) != DuckDBSuccess)
    return Error(ErrorCode::internal, "the sink function cannot be registered");
  return {};
}

}  // namespace mainstem::duckdb
