#pragma once

#include <duckdb.h>
#include <string>

#include "base/result.h"

namespace mainstem::duckdb {

// The functions of DuckDB's C interface that this folder calls, without their prefix. `duckdb.h` declares them.
// clang-format off
#define MS_DUCKDB_FUNCTIONS(X) \
  X(library_version) X(create_config) X(set_config) X(destroy_config) X(open_ext) X(close) X(connect) X(disconnect) \
  X(interrupt) X(connection_get_arrow_options) X(destroy_arrow_options) X(extract_statements) \
  X(extract_statements_error) X(destroy_extracted) X(prepare_extracted_statement) X(prepare_error) \
  X(destroy_prepare) X(nparams) X(prepared_statement_type) X(prepared_statement_column_count) \
  X(prepared_statement_column_name) X(prepared_statement_column_logical_type) X(bind_varchar_length) X(bind_null) \
  X(pending_prepared) X(pending_prepared_streaming) X(pending_error) X(pending_execute_check_state) \
  X(execute_pending) X(destroy_pending) X(result_error) X(fetch_chunk) X(destroy_result) X(rows_changed) \
  X(column_count) X(create_logical_type) X(create_list_type) X(create_array_type) X(create_map_type) \
  X(create_struct_type) X(create_decimal_type) X(destroy_logical_type) X(get_type_id) X(decimal_width) \
  X(decimal_scale) X(decimal_internal_type) X(list_type_child_type) X(array_type_child_type) \
  X(map_type_key_type) X(map_type_value_type) X(struct_type_child_count) \
  X(struct_type_child_name) X(struct_type_child_type) X(free) X(create_data_chunk) X(destroy_data_chunk) \
  X(data_chunk_get_size) X(data_chunk_set_size) X(data_chunk_get_vector) X(vector_size) X(vector_get_data) \
  X(vector_get_validity) X(vector_ensure_validity_writable) X(list_vector_get_child) X(list_vector_reserve) \
  X(list_vector_set_size) X(struct_vector_get_child) X(array_vector_get_child) X(vector_reference_vector) \
  X(vector_assign_string_element_len) X(vector_get_column_type) X(data_chunk_to_arrow) X(error_data_message) \
  X(error_data_has_error) X(destroy_error_data) X(create_table_function) X(destroy_table_function) \
  X(table_function_set_name) X(table_function_add_parameter) X(table_function_set_extra_info) \
  X(table_function_set_bind) X(table_function_set_init) X(table_function_set_local_init) \
  X(table_function_set_function) X(table_function_supports_projection_pushdown) X(register_table_function) \
  X(bind_get_extra_info) X(bind_get_parameter) X(bind_add_result_column) X(bind_set_bind_data) \
  X(bind_set_cardinality) X(bind_set_error) X(init_get_bind_data) X(init_set_init_data) X(init_get_column_count) \
  X(init_get_column_index) X(init_set_max_threads) X(init_set_error) X(function_get_init_data) \
  X(function_get_local_init_data) X(function_set_error) X(is_null_value) X(get_varchar) X(destroy_value) \
  X(create_scalar_function) X(destroy_scalar_function) X(scalar_function_set_name) X(scalar_function_set_varargs) \
  X(scalar_function_set_special_handling) X(scalar_function_set_volatile) X(scalar_function_add_parameter) \
  X(scalar_function_set_return_type) X(scalar_function_set_extra_info) X(scalar_function_set_function) \
  X(scalar_function_get_extra_info) X(scalar_function_set_error) X(register_scalar_function)
// clang-format on

/// DuckDB's functions as found in the shared library.
struct Api {
#define MS_DUCKDB_MEMBER(name) decltype(&::duckdb_##name) name = nullptr;
  MS_DUCKDB_FUNCTIONS(MS_DUCKDB_MEMBER)
#undef MS_DUCKDB_MEMBER
};

/// Opens the library at `path`, which stays open. Errors: not_found, unsupported (another version).
Result<Api> load(const std::string& path);

/// The functions of the library that `load_library` has found. A bug if it has not been called with success.
const Api& api();

}  // namespace mainstem::duckdb
