#include "columnar/conform.h"

#include <arrow/api.h>
#include <arrow/compute/api.h>
#include <arrow/compute/initialize.h>
#include <arrow/extension_type.h>
#include <fmt/format.h>

#include "columnar/status.h"
#include "columnar/type_name.h"
#include "columnar/wider_type.h"

namespace mainstem::columnar {
namespace {

namespace compute = arrow::compute;
using ArrayPointer = std::shared_ptr<arrow::Array>;
using TypePointer = std::shared_ptr<arrow::DataType>;

Result<void> load_casts() {
  static const arrow::Status kLoaded = compute::Initialize();
  return from_arrow(kLoaded, "loading Arrow's conversions");
}

bool is_textual(const arrow::DataType& type) {
  return arrow::is_base_binary_like(type.id()) || arrow::is_binary_view_like(type.id());
}

Result<ArrayPointer> cast(const ArrayPointer& array, const TypePointer& type) {
  auto result = compute::Cast(*array, type, compute::CastOptions::Safe());
  if (result.ok()) return *std::move(result);
  if (result.status().IsNotImplemented())
    return Error(ErrorCode::unsupported,
                 fmt::format("{} cannot be read as {}", type_name(*array->type()), type_name(*type)));
  return Error(ErrorCode::invalid_data, result.status().message());
}

// Some of Arrow's casts round or cut without a word: a value must be the same after the way there and back.
Result<void> check_same(const ArrayPointer& array, const ArrayPointer& converted) {
  MS_ASSIGN(const auto back, cast(converted, array->type()));
  if (array->Equals(back, arrow::EqualOptions::Defaults().nans_equal(true))) return {};
  for (int64_t row = 0; row < array->length(); ++row) {
    if (array->RangeEquals(row, row + 1, row, back, arrow::EqualOptions::Defaults().nans_equal(true))) continue;
    MS_ASSIGN(const auto value, from_arrow(array->GetScalar(row)));
    return Error(ErrorCode::invalid_data, fmt::format("value {} does not fit {} without loss", value->ToString(),
                                                      type_name(*converted->type())));
  }
  return {};
}

Result<ArrayPointer> convert_value(const ArrayPointer& array, const TypePointer& type) {
  MS_ASSIGN(auto converted, cast(array, type));
  if (is_textual(*array->type()) || is_textual(*type)) return converted;
  const auto wider = wider_type(array->type(), type);
  if (wider != nullptr && wider->Equals(*type)) return converted;
  MS_TRY(check_same(array, converted));
  return converted;
}

// RFC 4122: 8-4-4-4-12 hexadecimal digits.
Result<ArrayPointer> uuid_texts(const ArrayPointer& storage) {
  const auto& values = static_cast<const arrow::FixedSizeBinaryArray&>(*storage);
  arrow::StringBuilder builder;
  MS_TRY(from_arrow(builder.Reserve(values.length())));
  MS_TRY(from_arrow(builder.ReserveData(36 * values.length())));
  std::string text;
  for (int64_t row = 0; row < values.length(); ++row) {
    if (values.IsNull(row)) {
      builder.UnsafeAppendNull();
      continue;
    }
    text.clear();
    const uint8_t* bytes = values.GetValue(row);
    for (int i = 0; i < 16; ++i) {
      if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
      fmt::format_to(std::back_inserter(text), "{:02x}", bytes[i]);
    }
    builder.UnsafeAppend(text);
  }
  return from_arrow(builder.Finish());
}

Result<ArrayPointer> convert_extension(const ArrayPointer& array, const TypePointer& type) {
  const auto& extension = static_cast<const arrow::ExtensionArray&>(*array);
  const auto& name = static_cast<const arrow::ExtensionType&>(*array->type()).extension_name();
  if (name != "arrow.uuid" || !is_textual(*type)) return convert_without_loss(extension.storage(), type);
  MS_ASSIGN(const auto texts, uuid_texts(extension.storage()));
  return convert_without_loss(texts, type);
}

bool has_same_layout(arrow::Type::type from, arrow::Type::type to) {
  return from == to && (from == arrow::Type::LIST || from == arrow::Type::LARGE_LIST ||
                        from == arrow::Type::FIXED_SIZE_LIST || from == arrow::Type::MAP);
}

// Offsets and nulls stay; the values inside are converted.
Result<ArrayPointer> convert_items(const ArrayPointer& array, const TypePointer& type) {
  auto data = array->data()->Copy();
  const auto items = arrow::MakeArray(data->child_data[0]);
  MS_ASSIGN(const auto converted, convert_without_loss(items, type->field(0)->type()));
  data->child_data[0] = converted->data();
  data->type = type;
  return arrow::MakeArray(data);
}

Result<ArrayPointer> convert_struct(const ArrayPointer& array, const TypePointer& type) {
  const auto& source = static_cast<const arrow::StructArray&>(*array);
  arrow::ArrayVector members;
  for (const auto& field : type->fields()) {
    auto member = source.GetFieldByName(field->name());
    if (member == nullptr) {
      MS_ASSIGN(member, from_arrow(arrow::MakeArrayOfNull(field->type(), array->length())));
    }
    auto converted = convert_without_loss(member, field->type());
    if (!converted) return std::move(converted).error().during("converting member " + field->name());
    members.push_back(*std::move(converted));
  }
  // GetFieldByName has applied the array's own offset; its nulls still have one.
  std::shared_ptr<arrow::Buffer> nulls;
  if (array->null_count() > 0) {
    MS_ASSIGN(nulls, from_arrow(arrow::internal::CopyBitmap(arrow::default_memory_pool(), array->null_bitmap_data(),
                                                            array->offset(), array->length())));
  }
  return ArrayPointer(std::make_shared<arrow::StructArray>(type, array->length(), members, nulls, array->null_count()));
}

}  // namespace

Result<ArrayPointer> convert_without_loss(const ArrayPointer& array, const TypePointer& type) {
  const auto from = array->type_id();
  if (array->type()->Equals(*type)) return array;
  MS_TRY(load_casts());
  if (from == arrow::Type::NA) return from_arrow(arrow::MakeArrayOfNull(type, array->length()));
  if (from == arrow::Type::EXTENSION) return convert_extension(array, type);
  if (from == arrow::Type::DICTIONARY || from == arrow::Type::RUN_END_ENCODED) {
    const auto plain = plain_type(array->type());
    MS_ASSIGN(const auto values,
              from == arrow::Type::DICTIONARY
                  ? cast(array, plain)
                  : from_arrow(compute::RunEndDecode(array)).transform([](const arrow::Datum& datum) {
                      return datum.make_array();
                    }));
    return convert_without_loss(values, type);
  }
  if (from == arrow::Type::STRUCT && type->id() == from) return convert_struct(array, type);
  if (has_same_layout(from, type->id()) &&
      (from != arrow::Type::FIXED_SIZE_LIST || array->type()->num_fields() == type->num_fields()))
    return convert_items(array, type);
  return convert_value(array, type);
}

Result<std::shared_ptr<arrow::RecordBatch>> conform(const std::shared_ptr<arrow::RecordBatch>& batch,
                                                    const std::shared_ptr<arrow::Schema>& schema) {
  arrow::ArrayVector columns;
  for (const auto& field : schema->fields()) {
    auto column = batch->GetColumnByName(field->name());
    if (column == nullptr) {
      MS_ASSIGN(column, from_arrow(arrow::MakeArrayOfNull(field->type(), batch->num_rows())));
    }
    auto converted = convert_without_loss(column, field->type());
    if (!converted) return std::move(converted).error().during("converting column " + field->name());
    columns.push_back(*std::move(converted));
  }
  return arrow::RecordBatch::Make(schema, batch->num_rows(), std::move(columns));
}

}  // namespace mainstem::columnar
