#include "duckdb/text_function.h"

#include <fmt/format.h>

#include "duckdb/callback.h"

namespace mainstem::duckdb {
namespace {

struct Registered {
  TextFunction function;
  std::shared_ptr<ErrorSlot> errors;
};

std::string_view text_of(const duckdb_string_t& slot) {
  const auto size = slot.value.inlined.length;
  return {size <= sizeof slot.value.inlined.inlined ? slot.value.inlined.inlined : slot.value.pointer.ptr, size};
}

bool is_valid(const uint64_t* mask, idx_t row) { return mask == nullptr || (mask[row >> 6] >> (row & 63) & 1) != 0; }

Result<void> call(const TextFunction& function, duckdb_data_chunk input, duckdb_vector output) {
  const auto vector = api().data_chunk_get_vector(input, 0);
  const auto* texts = static_cast<const duckdb_string_t*>(api().vector_get_data(vector));
  const auto* mask = api().vector_get_validity(vector);
  const idx_t rows = api().data_chunk_get_size(input);
  api().vector_ensure_validity_writable(output);
  auto* valid = api().vector_get_validity(output);
  for (idx_t row = 0; row < rows; ++row) {
    std::optional<std::string> text;
    if (is_valid(mask, row)) text = function(text_of(texts[row]));
    if (text)
      api().vector_assign_string_element_len(output, row, text->data(), text->size());
    else
      valid[row >> 6] &= ~(uint64_t{1} << (row & 63));
  }
  return {};
}

void on_call(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const auto& registered = *static_cast<Registered*>(api().scalar_function_get_extra_info(info));
  guard(
      *registered.errors, [&] { return call(registered.function, input, output); },
      [&](const char* text) { api().scalar_function_set_error(info, text); });
}

}  // namespace

Result<void> register_text_function(duckdb_connection connection, const std::string& name, TextFunction function,
                                    std::shared_ptr<ErrorSlot> errors) {
  const ScalarFunctionHandle scalar(api().create_scalar_function());
  const TypeHandle text(api().create_logical_type(DUCKDB_TYPE_VARCHAR));
  api().scalar_function_set_name(scalar.get(), name.c_str());
  api().scalar_function_add_parameter(scalar.get(), text.get());
  api().scalar_function_set_return_type(scalar.get(), text.get());
  api().scalar_function_set_special_handling(scalar.get());
  api().scalar_function_set_extra_info(scalar.get(), new Registered{std::move(function), std::move(errors)},
                                       destroy<Registered>);
  api().scalar_function_set_function(scalar.get(), on_call);
  if (api().register_scalar_function(connection, scalar.get()) != DuckDBSuccess)
    return Error(ErrorCode::already_exists, fmt::format("the function {} cannot be registered", name));
  return {};
}

}  // namespace mainstem::duckdb
