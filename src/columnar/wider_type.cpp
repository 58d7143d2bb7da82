#include "columnar/wider_type.h"

#include <algorithm>
#include <arrow/api.h>
#include <arrow/extension_type.h>

namespace mainstem::columnar {
namespace {

using TypePointer = std::shared_ptr<arrow::DataType>;

int bits(const arrow::DataType& type) { return static_cast<const arrow::FixedWidthType&>(type).bit_width(); }

// Decimal digits that hold every value of an integer type.
int digits_of_integer(const arrow::DataType& type) {
  switch (bits(type)) {
    case 8: return 3;
    case 16: return 5;
    case 32: return 10;
    default: return arrow::is_signed_integer(type.id()) ? 19 : 20;
  }
}

TypePointer decimal(int whole_digits, int scale) {
  const int precision = std::max(1, whole_digits + scale);
  if (precision <= arrow::Decimal128Type::kMaxPrecision) return arrow::decimal128(precision, scale);
  if (precision <= arrow::Decimal256Type::kMaxPrecision) return arrow::decimal256(precision, scale);
  return nullptr;
}

TypePointer wider_integer(const TypePointer& left, const TypePointer& right) {
  const bool left_signed = arrow::is_signed_integer(left->id());
  if (left_signed == arrow::is_signed_integer(right->id())) return bits(*left) >= bits(*right) ? left : right;
  const int unsigned_bits = bits(left_signed ? *right : *left);
  const int signed_bits = bits(left_signed ? *left : *right);
  switch (std::max(signed_bits, 2 * unsigned_bits)) {
    case 16: return arrow::int16();
    case 32: return arrow::int32();
    case 64: return arrow::int64();
    default: return arrow::decimal128(20, 0);
  }
}

TypePointer wider_decimal(const arrow::DataType& left, const arrow::DataType& right) {
  struct Digits {
    int whole;
    int scale;
  };
  const auto digits = [](const arrow::DataType& type) {
    if (arrow::is_integer(type.id())) return Digits{digits_of_integer(type), 0};
    const auto& decimal = static_cast<const arrow::DecimalType&>(type);
    return Digits{decimal.precision() - decimal.scale(), decimal.scale()};
  };
  const auto a = digits(left);
  const auto b = digits(right);
  return decimal(std::max(a.whole, b.whole), std::max(a.scale, b.scale));
}

// The significand has 11, 24 or 53 bits.
TypePointer wider_number(const TypePointer& left, const TypePointer& right) {
  const bool left_floats = arrow::is_floating(left->id());
  const bool right_floats = arrow::is_floating(right->id());
  if (left_floats && right_floats) return bits(*left) >= bits(*right) ? left : right;
  if (!left_floats && !right_floats) {
    if (arrow::is_integer(left->id()) && arrow::is_integer(right->id())) return wider_integer(left, right);
    return wider_decimal(*left, *right);
  }
  const auto& exact = left_floats ? right : left;
  const auto& floating = left_floats ? left : right;
  if (!arrow::is_integer(exact->id()) || bits(*exact) > 32) return nullptr;
  if (bits(*exact) == 32) return arrow::float64();
  return bits(*floating) == 16 ? arrow::float32() : floating;
}

bool is_any_number(const arrow::DataType& type) {
  return arrow::is_integer(type.id()) || arrow::is_floating(type.id()) || arrow::is_decimal(type.id());
}

TypePointer wider_timestamp(const arrow::DataType& left, const arrow::DataType& right) {
  const auto& a = static_cast<const arrow::TimestampType&>(left);
  const auto& b = static_cast<const arrow::TimestampType&>(right);
  if (a.timezone().empty() != b.timezone().empty()) return nullptr;
  return arrow::timestamp(std::max(a.unit(), b.unit()), a.timezone() == b.timezone() ? a.timezone() : "UTC");
}

TypePointer wider_time(const arrow::DataType& left, const arrow::DataType& right) {
  const auto unit =
      std::max(static_cast<const arrow::TimeType&>(left).unit(), static_cast<const arrow::TimeType&>(right).unit());
  return unit >= arrow::TimeUnit::MICRO ? arrow::time64(unit) : arrow::time32(unit);
}

bool is_any_text(arrow::Type::type id) { return arrow::is_string(id) || id == arrow::Type::STRING_VIEW; }
bool is_any_binary(arrow::Type::type id) {
  return id == arrow::Type::BINARY || id == arrow::Type::LARGE_BINARY || id == arrow::Type::BINARY_VIEW ||
         id == arrow::Type::FIXED_SIZE_BINARY;
}
bool is_any_list(arrow::Type::type id) {
  return id == arrow::Type::LIST || id == arrow::Type::LARGE_LIST || id == arrow::Type::FIXED_SIZE_LIST;
}

std::shared_ptr<arrow::Field> wider_field(const arrow::Field& left, const arrow::Field& right) {
  auto type = wider_type(left.type(), right.type());
  if (type == nullptr) return nullptr;
  return arrow::field(left.name(), std::move(type), left.nullable() || right.nullable());
}

TypePointer wider_list(const arrow::DataType& left, const arrow::DataType& right) {
  auto item = wider_field(*left.field(0), *right.field(0));
  if (item == nullptr) return nullptr;
  if (left.id() == arrow::Type::FIXED_SIZE_LIST && right.id() == left.id()) {
    const int size = static_cast<const arrow::FixedSizeListType&>(left).list_size();
    if (size == static_cast<const arrow::FixedSizeListType&>(right).list_size())
      return arrow::fixed_size_list(std::move(item), size);
  }
  const bool large = left.id() == arrow::Type::LARGE_LIST || right.id() == arrow::Type::LARGE_LIST;
  return large ? arrow::large_list(std::move(item)) : arrow::list(std::move(item));
}

// Members of both, in the order of the left one; a member that one of them lacks may be null.
TypePointer wider_struct(const arrow::StructType& left, const arrow::StructType& right) {
  arrow::FieldVector fields;
  for (const auto& field : left.fields()) {
    const auto other = right.GetFieldByName(field->name());
    fields.push_back(other == nullptr ? field->WithNullable(true) : wider_field(*field, *other));
    if (fields.back() == nullptr) return nullptr;
  }
  for (const auto& field : right.fields())
    if (left.GetFieldByName(field->name()) == nullptr) fields.push_back(field->WithNullable(true));
  return arrow::struct_(fields);
}

TypePointer wider_map(const arrow::MapType& left, const arrow::MapType& right) {
  auto key = wider_type(left.key_type(), right.key_type());
  const auto item = wider_field(*left.item_field(), *right.item_field());
  if (key == nullptr || item == nullptr) return nullptr;
  return arrow::map(std::move(key), item);
}

TypePointer wider_same_kind(const TypePointer& left, const TypePointer& right) {
  switch (left->id()) {
    case arrow::Type::TIMESTAMP: return wider_timestamp(*left, *right);
    case arrow::Type::DURATION:
      return arrow::duration(std::max(static_cast<const arrow::DurationType&>(*left).unit(),
                                      static_cast<const arrow::DurationType&>(*right).unit()));
    case arrow::Type::STRUCT:
      return wider_struct(static_cast<const arrow::StructType&>(*left), static_cast<const arrow::StructType&>(*right));
    case arrow::Type::MAP:
      return wider_map(static_cast<const arrow::MapType&>(*left), static_cast<const arrow::MapType&>(*right));
    default: return nullptr;
  }
}

TypePointer plain_list(const arrow::DataType& type) {
  auto item = type.field(0)->WithType(plain_type(type.field(0)->type()));
  switch (type.id()) {
    case arrow::Type::LARGE_LIST:
    case arrow::Type::LARGE_LIST_VIEW: return arrow::large_list(std::move(item));
    case arrow::Type::FIXED_SIZE_LIST:
      return arrow::fixed_size_list(std::move(item), static_cast<const arrow::FixedSizeListType&>(type).list_size());
    default: return arrow::list(std::move(item));
  }
}

TypePointer plain_struct(const arrow::DataType& type) {
  arrow::FieldVector fields;
  for (const auto& field : type.fields()) fields.push_back(field->WithType(plain_type(field->type())));
  return arrow::struct_(fields);
}

TypePointer plain_extension(const arrow::ExtensionType& type) {
  if (type.extension_name() == "arrow.uuid") return arrow::utf8();
  return plain_type(type.storage_type());
}

}  // namespace

TypePointer wider_type(const TypePointer& left, const TypePointer& right) {
  if (left->Equals(*right)) return left;
  if (left->id() == arrow::Type::NA) return right;
  if (right->id() == arrow::Type::NA) return left;
  if (is_any_number(*left) && is_any_number(*right)) return wider_number(left, right);
  const auto a = left->id();
  const auto b = right->id();
  if (is_any_text(a) && is_any_text(b)) return arrow::large_utf8();
  if (is_any_binary(a) && is_any_binary(b)) {
    const bool large = a == arrow::Type::LARGE_BINARY || b == arrow::Type::LARGE_BINARY;
    return large ? arrow::large_binary() : arrow::binary();
  }
  if (arrow::is_date(a) && arrow::is_date(b)) return arrow::date64();
  if (arrow::is_time(a) && arrow::is_time(b)) return wider_time(*left, *right);
  if (is_any_list(a) && is_any_list(b)) return wider_list(*left, *right);
  return a == b ? wider_same_kind(left, right) : nullptr;
}

TypePointer plain_type(const TypePointer& type) {
  switch (type->id()) {
    case arrow::Type::DICTIONARY: return plain_type(static_cast<const arrow::DictionaryType&>(*type).value_type());
    case arrow::Type::RUN_END_ENCODED:
      return plain_type(static_cast<const arrow::RunEndEncodedType&>(*type).value_type());
    case arrow::Type::EXTENSION: return plain_extension(static_cast<const arrow::ExtensionType&>(*type));
    case arrow::Type::STRING_VIEW: return arrow::utf8();
    case arrow::Type::BINARY_VIEW: return arrow::binary();
    case arrow::Type::LIST:
    case arrow::Type::LIST_VIEW:
    case arrow::Type::LARGE_LIST:
    case arrow::Type::LARGE_LIST_VIEW:
    case arrow::Type::FIXED_SIZE_LIST: return plain_list(*type);
    case arrow::Type::STRUCT: return plain_struct(*type);
    case arrow::Type::MAP: {
      const auto& map = static_cast<const arrow::MapType&>(*type);
      return arrow::map(plain_type(map.key_type()), map.item_field()->WithType(plain_type(map.item_type())));
    }
    default: return type;
  }
}

bool is_number(const arrow::DataType& type) {
  return arrow::is_integer(type.id()) || arrow::is_floating(type.id()) || arrow::is_decimal(type.id());
}

}  // namespace mainstem::columnar
