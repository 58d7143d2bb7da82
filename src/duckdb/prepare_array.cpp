#include <arrow/api.h>
#include <fmt/format.h>

#include "base/utf8.h"
#include "columnar/conform.h"
#include "columnar/status.h"
#include "duckdb/vector_fill.h"

namespace mainstem::duckdb {
namespace {

using columnar::from_arrow;

Error not_utf8() {
  return Error(ErrorCode::invalid_data, "a text is not valid UTF-8")
      .hint("give the source's encoding, or read the column as binary");
}

bool starts_inside_character(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

// One pass over all texts together; then they are valid one by one if none begins in the middle of a character.
template <class ArrayType>
bool valid_together(const ArrayType& array) {
  const auto begin = array.value_offset(0);
  const auto end = array.value_offset(array.length());
  if (begin == end) return true;
  const auto* text = array.value_data()->data();
  if (!is_utf8({reinterpret_cast<const char*>(text) + begin, static_cast<size_t>(end - begin)})) return false;
  for (int64_t i = 0; i < array.length(); ++i) {
    const auto at = array.value_offset(i);
    if (at < end && starts_inside_character(static_cast<char>(text[at]))) return false;
  }
  return true;
}

template <class ArrayType>
Result<void> check_each(const ArrayType& array) {
  for (int64_t i = 0; i < array.length(); ++i) {
    if (array.IsNull(i)) continue;
    if (!is_utf8(array.GetView(i))) return not_utf8();
  }
  return {};
}

template <class ArrayType>
Result<void> check_texts(const arrow::Array& array) {
  const auto& texts = static_cast<const ArrayType&>(array);
  if (valid_together(texts)) return {};
  return check_each(texts);
}

Result<std::shared_ptr<arrow::Array>> decode(const arrow::DictionaryArray& array) {
  const auto& indices = *array.indices();
  std::unique_ptr<arrow::ArrayBuilder> builder;
  MS_TRY(from_arrow(arrow::MakeBuilder(arrow::default_memory_pool(), array.dictionary()->type(), &builder)));
  MS_TRY(from_arrow(builder->Reserve(array.length())));
  const arrow::ArraySpan values(*array.dictionary()->data());
  for (int64_t i = 0; i < array.length(); ++i) {
    if (indices.IsNull(i)) {
      MS_TRY(from_arrow(builder->AppendNull()));
      continue;
    }
    const int64_t index = array.GetValueIndex(i);
    if (index < 0 || index >= values.length)
      return Error(ErrorCode::invalid_data, "an index points outside its dictionary");
    MS_TRY(from_arrow(builder->AppendArraySlice(values, index, 1)));
  }
  return from_arrow(builder->Finish());
}

// Parts of a nested array are prepared in place: a copy of its data with other children.
Result<std::shared_ptr<arrow::Array>> prepare_nested(const std::shared_ptr<arrow::Array>& array) {
  bool changed = false;
  auto copy = array->data()->Copy();
  arrow::FieldVector fields = array->type()->fields();
  for (size_t i = 0; i < copy->child_data.size(); ++i) {
    const auto child = arrow::MakeArray(copy->child_data[i]);
    MS_ASSIGN(const auto prepared, prepare_array(child));
    if (prepared == child) continue;
    changed = true;
    copy->child_data[i] = prepared->data();
    fields[i] = fields[i]->WithType(prepared->type());
  }
  if (!changed) return array;
  switch (array->type_id()) {
    case arrow::Type::STRUCT: copy->type = arrow::struct_(fields); break;
    case arrow::Type::LIST: copy->type = arrow::list(fields[0]); break;
    case arrow::Type::LARGE_LIST: copy->type = arrow::large_list(fields[0]); break;
    case arrow::Type::MAP: copy->type = std::make_shared<arrow::MapType>(fields[0]); break;
    default:
      copy->type =
          arrow::fixed_size_list(fields[0], static_cast<const arrow::FixedSizeListType&>(*array->type()).list_size());
  }
  return arrow::MakeArray(copy);
}

}  // namespace

Result<std::shared_ptr<arrow::Array>> prepare_array(const std::shared_ptr<arrow::Array>& array) {
  switch (array->type_id()) {
    case arrow::Type::STRING: MS_TRY(check_texts<arrow::StringArray>(*array)); return array;
    case arrow::Type::LARGE_STRING: MS_TRY(check_texts<arrow::LargeStringArray>(*array)); return array;
    case arrow::Type::STRING_VIEW: MS_TRY(check_each(static_cast<const arrow::StringViewArray&>(*array))); return array;
    case arrow::Type::DICTIONARY: {
      MS_ASSIGN(const auto values, decode(static_cast<const arrow::DictionaryArray&>(*array)));
      return prepare_array(values);
    }
    case arrow::Type::DECIMAL256: {
      // input_type has refused more than 38 digits.
      const auto& type = static_cast<const arrow::DecimalType&>(*array->type());
      return columnar::convert_without_loss(array, arrow::decimal128(type.precision(), type.scale()));
    }
    case arrow::Type::EXTENSION: return prepare_array(static_cast<const arrow::ExtensionArray&>(*array).storage());
    case arrow::Type::STRUCT:
    case arrow::Type::LIST:
    case arrow::Type::LARGE_LIST:
    case arrow::Type::MAP:
    case arrow::Type::FIXED_SIZE_LIST: return prepare_nested(array);
    default: return array;
  }
}

}  // namespace mainstem::duckdb
