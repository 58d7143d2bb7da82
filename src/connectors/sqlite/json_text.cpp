#include <arrow/api.h>
#include <cmath>
#include <fmt/format.h>

#include "base/json.h"
#include "columnar/status.h"
#include "connectors/sqlite/column_binder.h"

namespace mainstem::connectors::sqlite {
namespace {

Result<void> write(JsonWriter& json, const arrow::Array& array, int64_t row);

Result<void> write_items(JsonWriter& json, const arrow::Array& items, int64_t first, int64_t count) {
  json.begin_array();
  for (int64_t i = 0; i < count; ++i) MS_TRY(write(json, items, first + i));
  json.end_array();
  return {};
}

Result<void> write_struct(JsonWriter& json, const arrow::StructArray& array, int64_t row) {
  json.begin_object();
  for (int i = 0; i < array.num_fields(); ++i) {
    json.key(array.struct_type()->field(i)->name());
    MS_TRY(write(json, *array.field(i), row));
  }
  json.end_object();
  return {};
}

Result<void> write_real(JsonWriter& json, double value, const std::string& exact) {
  if (!std::isfinite(value)) return Error(ErrorCode::invalid_data, "JSON has no form for " + exact);
  json.value(value);
  return {};
}

std::string hexadecimal(std::string_view bytes) {
  std::string digits;
  for (const char byte : bytes) digits += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return digits;
}

Result<void> write_scalar(JsonWriter& json, const arrow::Array& array, int64_t row) {
  MS_ASSIGN(const auto scalar, columnar::from_arrow(array.GetScalar(row)));
  const auto& type = *array.type();
  if (type.id() == arrow::Type::DOUBLE)
    return write_real(json, static_cast<const arrow::DoubleScalar&>(*scalar).value, scalar->ToString());
  if (type.id() == arrow::Type::FLOAT)
    return write_real(json, static_cast<const arrow::FloatScalar&>(*scalar).value, scalar->ToString());
  if (arrow::is_integer(type.id()) || arrow::is_decimal(type.id()) || type.id() == arrow::Type::BOOL) {
    json.raw(scalar->ToString());
  } else if (arrow::is_string(type.id())) {
    json.value(static_cast<const arrow::BaseBinaryScalar&>(*scalar).view());
  } else if (arrow::is_base_binary_like(type.id()) || type.id() == arrow::Type::FIXED_SIZE_BINARY) {
    json.value(hexadecimal(static_cast<const arrow::BaseBinaryScalar&>(*scalar).view()));
  } else {
    json.value(scalar->ToString());
  }
  return {};
}

Result<void> write(JsonWriter& json, const arrow::Array& array, int64_t row) {
  if (array.IsNull(row)) {
    json.null();
    return {};
  }
  switch (array.type_id()) {
    case arrow::Type::STRUCT: return write_struct(json, static_cast<const arrow::StructArray&>(array), row);
    case arrow::Type::MAP:
    case arrow::Type::LIST: {
      const auto& list = static_cast<const arrow::ListArray&>(array);
      return write_items(json, *list.values(), list.value_offset(row), list.value_length(row));
    }
    case arrow::Type::LARGE_LIST: {
      const auto& list = static_cast<const arrow::LargeListArray&>(array);
      return write_items(json, *list.values(), list.value_offset(row), list.value_length(row));
    }
    case arrow::Type::FIXED_SIZE_LIST: {
      const auto& list = static_cast<const arrow::FixedSizeListArray&>(array);
      return write_items(json, *list.values(), list.value_offset(row), list.value_length(row));
    }
    case arrow::Type::DICTIONARY: {
      const auto& coded = static_cast<const arrow::DictionaryArray&>(array);
      return write(json, *coded.dictionary(), coded.GetValueIndex(row));
    }
    default: return write_scalar(json, array, row);
  }
}

}  // namespace

Result<std::string> json_text(const arrow::Array& array, int64_t row) {
  JsonWriter json;
  MS_TRY(write(json, array, row));
  return json.take();
}

}  // namespace mainstem::connectors::sqlite
