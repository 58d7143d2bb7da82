#pragma once

#include <memory>
#include <utility>

#include "duckdb/api.h"

namespace mainstem::duckdb {

/// Owns one of DuckDB's handles and gives it back with the function that `destroy` names in the Api.
template <class T, auto destroy>
class Handle {
 public:
  Handle() = default;
  explicit Handle(T value) : value_(value) {}
  Handle(Handle&& other) noexcept : value_(std::exchange(other.value_, T{})) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Handle() {
    if (value_ != T{}) (api().*destroy)(&value_);
  }

  T get() const { return value_; }
  T* out() { return &value_; }

 private:
  T value_{};
};

using DatabaseHandle = Handle<duckdb_database, &Api::close>;
using ConnectionHandle = Handle<duckdb_connection, &Api::disconnect>;
using ConfigHandle = Handle<duckdb_config, &Api::destroy_config>;
using PreparedHandle = Handle<duckdb_prepared_statement, &Api::destroy_prepare>;
using ExtractedHandle = Handle<duckdb_extracted_statements, &Api::destroy_extracted>;
using PendingHandle = Handle<duckdb_pending_result, &Api::destroy_pending>;
using TypeHandle = Handle<duckdb_logical_type, &Api::destroy_logical_type>;
using ChunkHandle = Handle<duckdb_data_chunk, &Api::destroy_data_chunk>;
using ErrorHandle = Handle<duckdb_error_data, &Api::destroy_error_data>;
using ArrowOptionsHandle = Handle<duckdb_arrow_options, &Api::destroy_arrow_options>;
using ValueHandle = Handle<duckdb_value, &Api::destroy_value>;
using TableFunctionHandle = Handle<duckdb_table_function, &Api::destroy_table_function>;
using ScalarFunctionHandle = Handle<duckdb_scalar_function, &Api::destroy_scalar_function>;

/// A text that DuckDB allocated.
struct FreeText {
  void operator()(char* text) const { api().free(text); }
};
using OwnedText = std::unique_ptr<char, FreeText>;

}  // namespace mainstem::duckdb
