#include "duckdb/vector_fill.h"

#include <arrow/api.h>
#include <arrow/util/bit_util.h>
#include <arrow/util/bitmap_ops.h>
#include <arrow/util/float16.h>
#include <cstring>
#include <fmt/format.h>

#include "base/check.h"
#include "columnar/status.h"

namespace mainstem::duckdb {
namespace {

__extension__ typedef __int128 Int128;

constexpr int64_t kMicrosPerDay = 86'400'000'000;
constexpr int64_t kMillisPerDay = 86'400'000;

template <class T>
T* data_of(duckdb_vector vector) {
  return static_cast<T*>(api().vector_get_data(vector));
}

// Values of a fixed-width array, its own offset included.
template <class T>
const T* values_of(const arrow::Array& array, int64_t offset) {
  return array.data()->GetValues<T>(1) + offset;
}

void fill_validity(duckdb_vector vector, const arrow::Array& array, int64_t offset, int64_t count) {
  if (array.null_count() == 0) return;
  api().vector_ensure_validity_writable(vector);
  auto* mask = reinterpret_cast<uint8_t*>(api().vector_get_validity(vector));
  if (array.null_bitmap_data() == nullptr)
    std::memset(mask, 0, static_cast<size_t>((count + 7) / 8));
  else
    arrow::internal::CopyBitmap(array.null_bitmap_data(), array.offset() + offset, count, mask, 0);
}

template <class T>
void copy_values(duckdb_vector vector, const arrow::Array& array, int64_t offset, int64_t count) {
  std::memcpy(data_of<T>(vector), values_of<T>(array, offset), static_cast<size_t>(count) * sizeof(T));
}

// Values through a conversion that can fail; slots of nulls may hold anything and are left out.
template <class From, class To, class Convert>
Result<void> convert_values(duckdb_vector vector, const arrow::Array& array, int64_t offset, int64_t count,
                            Convert convert) {
  const auto* from = values_of<From>(array, offset);
  auto* to = data_of<To>(vector);
  bool exact = true;
  for (int64_t i = 0; i < count; ++i)
    if (!convert(from[i], to[i])) exact = false;
  if (exact) return {};
  for (int64_t i = 0; i < count; ++i) {
    if (array.IsNull(offset + i) || convert(from[i], to[i])) continue;
    return Error(ErrorCode::invalid_data,
                 fmt::format("a value of type {} does not fit the SQL engine's type", array.type()->ToString()))
        .hint("declare a wider or coarser type for the column");
  }
  return {};
}

template <int64_t factor>
bool multiply(int64_t from, int64_t& to) {
  return !__builtin_mul_overflow(from, factor, &to);
}

template <int64_t divisor>
bool divide(int64_t from, int64_t& to) {
  to = from / divisor;
  return from % divisor == 0;
}

template <class T>
Result<void> narrow_decimal(duckdb_vector vector, const arrow::Array& array, int64_t offset, int64_t count) {
  return convert_values<Int128, T>(vector, array, offset, count, [](const Int128& from, T& to) {
    to = static_cast<T>(from);
    return to == from;
  });
}

template <class From>
Result<void> fill_small_decimal(duckdb_vector vector, const arrow::Array& array, int64_t offset, int64_t count) {
  const auto width = static_cast<const arrow::DecimalType&>(*array.type()).precision();
  auto fill = [&]<class To>(To) {
    return convert_values<From, To>(vector, array, offset, count, [](From from, To& to) {
      to = static_cast<To>(from);
      return static_cast<From>(to) == from;
    });
  };
  if (width <= 4) return fill(int16_t{});
  if (width <= 9) return fill(int32_t{});
  return fill(int64_t{});
}

Result<void> fill_decimal(duckdb_vector vector, const arrow::Array& array, int64_t offset, int64_t count) {
  const auto& type = static_cast<const arrow::DecimalType&>(*array.type());
  if (type.id() == arrow::Type::DECIMAL32) return fill_small_decimal<int32_t>(vector, array, offset, count);
  if (type.id() == arrow::Type::DECIMAL64) return fill_small_decimal<int64_t>(vector, array, offset, count);
  const int width = std::max(type.precision(), type.scale());
  if (width <= 4) return narrow_decimal<int16_t>(vector, array, offset, count);
  if (width <= 9) return narrow_decimal<int32_t>(vector, array, offset, count);
  if (width <= 18) return narrow_decimal<int64_t>(vector, array, offset, count);
  if (type.id() == arrow::Type::DECIMAL128) {
    copy_values<Int128>(vector, array, offset, count);
    return {};
  }
  return Error(ErrorCode::unsupported, fmt::format("{} does not fit the SQL engine", type.ToString()))
      .hint("declare the column as decimal128");
}

Result<void> fill_timestamp(duckdb_vector vector, const arrow::Array& array, int64_t offset, int64_t count) {
  const auto& type = static_cast<const arrow::TimestampType&>(*array.type());
  if (!type.timezone().empty()) {
    if (type.unit() == arrow::TimeUnit::SECOND)
      return convert_values<int64_t, int64_t>(vector, array, offset, count, multiply<1'000'000>);
    if (type.unit() == arrow::TimeUnit::MILLI)
      return convert_values<int64_t, int64_t>(vector, array, offset, count, multiply<1'000>);
    if (type.unit() == arrow::TimeUnit::NANO)
      return convert_values<int64_t, int64_t>(vector, array, offset, count, divide<1'000>);
  }
  copy_values<int64_t>(vector, array, offset, count);
  return {};
}

Result<void> fill_time32(duckdb_vector vector, const arrow::Array& array, int64_t offset, int64_t count) {
  const bool seconds = static_cast<const arrow::TimeType&>(*array.type()).unit() == arrow::TimeUnit::SECOND;
  const int64_t factor = seconds ? 1'000'000 : 1'000;
  return convert_values<int32_t, int64_t>(vector, array, offset, count, [factor](int32_t from, int64_t& to) {
    to = from * factor;
    return true;
  });
}

Result<void> fill_date64(duckdb_vector vector, const arrow::Array& array, int64_t offset, int64_t count) {
  return convert_values<int64_t, int32_t>(vector, array, offset, count, [](int64_t from, int32_t& to) {
    to = static_cast<int32_t>(from / kMillisPerDay);
    return from % kMillisPerDay == 0 && std::in_range<int32_t>(from / kMillisPerDay);
  });
}

template <int64_t multiplier, int64_t divisor>
Result<void> fill_duration(duckdb_vector vector, const arrow::Array& array, int64_t offset, int64_t count) {
  return convert_values<int64_t, duckdb_interval>(vector, array, offset, count, [](int64_t from, duckdb_interval& to) {
    int64_t micros = 0;
    if (from % divisor != 0 || __builtin_mul_overflow(from / divisor, multiplier, &micros)) return false;
    if (!std::in_range<int32_t>(micros / kMicrosPerDay)) return false;
    to = {.months = 0, .days = static_cast<int32_t>(micros / kMicrosPerDay), .micros = micros % kMicrosPerDay};
    return true;
  });
}

Result<void> fill_interval(duckdb_vector vector, const arrow::Array& array, int64_t offset, int64_t count) {
  switch (array.type_id()) {
    case arrow::Type::INTERVAL_MONTHS:
      return convert_values<int32_t, duckdb_interval>(vector, array, offset, count, [](int32_t from, auto& to) {
        to = {.months = from, .days = 0, .micros = 0};
        return true;
      });
    case arrow::Type::INTERVAL_DAY_TIME:
      using DayTime = arrow::DayTimeIntervalType::DayMilliseconds;
      return convert_values<DayTime, duckdb_interval>(vector, array, offset, count, [](const DayTime& from, auto& to) {
        to = {.months = 0, .days = from.days, .micros = int64_t{from.milliseconds} * 1'000};
        return true;
      });
    case arrow::Type::INTERVAL_MONTH_DAY_NANO:
      using Full = arrow::MonthDayNanoIntervalType::MonthDayNanos;
      return convert_values<Full, duckdb_interval>(vector, array, offset, count, [](const Full& from, auto& to) {
        to = {.months = from.months, .days = from.days, .micros = from.nanoseconds / 1'000};
        return from.nanoseconds % 1'000 == 0;
      });
    default: break;
  }
  switch (static_cast<const arrow::DurationType&>(*array.type()).unit()) {
    case arrow::TimeUnit::SECOND: return fill_duration<1'000'000, 1>(vector, array, offset, count);
    case arrow::TimeUnit::MILLI: return fill_duration<1'000, 1>(vector, array, offset, count);
    case arrow::TimeUnit::MICRO: return fill_duration<1, 1>(vector, array, offset, count);
    case arrow::TimeUnit::NANO: return fill_duration<1, 1'000>(vector, array, offset, count);
  }
  return {};
}

// DuckDB keeps up to 12 bytes in the slot itself, the rest behind a pointer.
void set_text(duckdb_string_t& slot, const char* text, size_t size) {
  constexpr size_t kInlined = sizeof(slot.value.inlined.inlined);
  if (size <= kInlined) {
    std::memset(&slot, 0, sizeof slot);
    slot.value.inlined.length = static_cast<uint32_t>(size);
    if (size > 0) std::memcpy(slot.value.inlined.inlined, text, size);
    return;
  }
  slot.value.pointer.length = static_cast<uint32_t>(size);
  std::memcpy(slot.value.pointer.prefix, text, sizeof slot.value.pointer.prefix);
  slot.value.pointer.ptr = const_cast<char*>(text);
}

template <class Offset>
Result<void> fill_text(duckdb_vector vector, const arrow::Array& array, int64_t offset, int64_t count) {
  const auto* offsets = values_of<Offset>(array, offset);
  const auto& buffer = array.data()->buffers[2];
  const auto* text = buffer == nullptr ? "" : reinterpret_cast<const char*>(buffer->data());
  auto* slots = data_of<duckdb_string_t>(vector);
  for (int64_t i = 0; i < count; ++i) {
    const auto size = static_cast<uint64_t>(offsets[i + 1] - offsets[i]);
    if (size > UINT32_MAX) return Error(ErrorCode::resource_exhausted, "a value is longer than 4 GiB");
    set_text(slots[i], text + offsets[i], size);
  }
  return {};
}

// Arrays whose values are found one by one.
template <class ArrayType>
void fill_views(duckdb_vector vector, const arrow::Array& array, int64_t offset, int64_t count) {
  const auto& typed = static_cast<const ArrayType&>(array);
  auto* slots = data_of<duckdb_string_t>(vector);
  for (int64_t i = 0; i < count; ++i) {
    const std::string_view view = array.IsNull(offset + i) ? std::string_view() : typed.GetView(offset + i);
    set_text(slots[i], view.data(), view.size());
  }
}

template <class ListArray>
Result<void> fill_list(duckdb_vector vector, const arrow::Array& array, int64_t offset, int64_t count) {
  const auto& list = static_cast<const ListArray&>(array);
  auto* entries = data_of<duckdb_list_entry>(vector);
  const int64_t begin = list.value_offset(offset);
  const int64_t end = list.value_offset(offset + count);
  for (int64_t i = 0; i < count; ++i) {
    entries[i].offset = static_cast<uint64_t>(list.value_offset(offset + i) - begin);
    entries[i].length = static_cast<uint64_t>(list.value_length(offset + i));
  }
  const auto items = static_cast<idx_t>(end - begin);
  if (api().list_vector_reserve(vector, items) != DuckDBSuccess ||
      api().list_vector_set_size(vector, items) != DuckDBSuccess)
    return Error(ErrorCode::resource_exhausted, "no memory for the items of a list");
  return fill_vector(api().list_vector_get_child(vector), *list.values(), begin, end - begin);
}

// In Arrow the items of a null array may hold anything, as the members of a null struct; see fill_struct.
Result<std::shared_ptr<arrow::Array>> items_of(const arrow::FixedSizeListArray& list, int64_t offset, int64_t count) {
  const int64_t size = list.list_type()->list_size();
  auto items = list.values()->Slice(list.value_offset(offset), count * size);
  if (list.null_count() == 0) return items;
  MS_ASSIGN(auto valid, columnar::from_arrow(arrow::AllocateBitmap(items->length())));
  for (int64_t i = 0; i < count; ++i)
    arrow::bit_util::SetBitsTo(valid->mutable_data(), i * size, size, list.IsValid(offset + i));
  const arrow::StructArray record(arrow::struct_({arrow::field("item", items->type())}), items->length(), {items},
                                  std::move(valid));
  return columnar::from_arrow(record.GetFlattenedField(0));
}

Result<void> fill_fixed_list(duckdb_vector vector, const arrow::Array& array, int64_t offset, int64_t count) {
  const auto& list = static_cast<const arrow::FixedSizeListArray&>(array);
  if (auto child = api().array_vector_get_child(vector); child != nullptr) {
    MS_ASSIGN(const auto items, items_of(list, offset, count));
    return fill_vector(child, *items, 0, items->length());
  }
  return fill_list<arrow::FixedSizeListArray>(vector, array, offset, count);
}

// In Arrow the members of a null may hold anything. DuckDB takes a member without looking at what it is a member of.
Result<void> fill_struct(duckdb_vector vector, const arrow::Array& array, int64_t offset, int64_t count) {
  const auto slice = array.Slice(offset, count);
  const auto& record = static_cast<const arrow::StructArray&>(*slice);
  for (int i = 0; i < record.num_fields(); ++i) {
    MS_ASSIGN(const auto member, columnar::from_arrow(record.GetFlattenedField(i)));
    MS_TRY(fill_vector(api().struct_vector_get_child(vector, static_cast<idx_t>(i)), *member, 0, count));
  }
  return {};
}

// DuckDB's map is a list of structs of key and value.
Result<void> fill_map(duckdb_vector vector, const arrow::Array& array, int64_t offset, int64_t count) {
  return fill_list<arrow::MapArray>(vector, array, offset, count);
}

Result<void> fill_bytes(duckdb_vector vector, const arrow::Array& array, int64_t offset, int64_t count) {
  switch (array.type_id()) {
    case arrow::Type::STRING:
    case arrow::Type::BINARY: return fill_text<int32_t>(vector, array, offset, count);
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY: return fill_text<int64_t>(vector, array, offset, count);
    case arrow::Type::STRING_VIEW: fill_views<arrow::StringViewArray>(vector, array, offset, count); return {};
    case arrow::Type::BINARY_VIEW: fill_views<arrow::BinaryViewArray>(vector, array, offset, count); return {};
    default: fill_views<arrow::FixedSizeBinaryArray>(vector, array, offset, count); return {};
  }
}

void fill_bools(duckdb_vector vector, const arrow::Array& array, int64_t offset, int64_t count) {
  const auto* bits = array.data()->buffers[1]->data();
  const int64_t first = array.offset() + offset;
  auto* to = data_of<bool>(vector);
  for (int64_t i = 0; i < count; ++i) to[i] = (bits[(first + i) >> 3] >> ((first + i) & 7) & 1) != 0;
}

void fill_half_floats(duckdb_vector vector, const arrow::Array& array, int64_t offset, int64_t count) {
  const auto* from = values_of<uint16_t>(array, offset);
  auto* to = data_of<float>(vector);
  for (int64_t i = 0; i < count; ++i) to[i] = arrow::util::Float16::FromBits(from[i]).ToFloat();
}

}  // namespace

Result<void> fill_vector(duckdb_vector vector, const arrow::Array& array, int64_t offset, int64_t count) {
  if (count == 0) return {};
  fill_validity(vector, array, offset, count);
  switch (array.type_id()) {
    case arrow::Type::NA: return {};
    case arrow::Type::BOOL: fill_bools(vector, array, offset, count); return {};
    case arrow::Type::INT8:
    case arrow::Type::UINT8: copy_values<int8_t>(vector, array, offset, count); return {};
    case arrow::Type::INT16:
    case arrow::Type::UINT16: copy_values<int16_t>(vector, array, offset, count); return {};
    case arrow::Type::INT32:
    case arrow::Type::UINT32:
    case arrow::Type::FLOAT:
    case arrow::Type::DATE32: copy_values<int32_t>(vector, array, offset, count); return {};
    case arrow::Type::INT64:
    case arrow::Type::UINT64:
    case arrow::Type::DOUBLE:
    case arrow::Type::TIME64: copy_values<int64_t>(vector, array, offset, count); return {};
    case arrow::Type::HALF_FLOAT: fill_half_floats(vector, array, offset, count); return {};
    case arrow::Type::DATE64: return fill_date64(vector, array, offset, count);
    case arrow::Type::TIME32: return fill_time32(vector, array, offset, count);
    case arrow::Type::TIMESTAMP: return fill_timestamp(vector, array, offset, count);
    case arrow::Type::DURATION:
    case arrow::Type::INTERVAL_MONTHS:
    case arrow::Type::INTERVAL_DAY_TIME:
    case arrow::Type::INTERVAL_MONTH_DAY_NANO: return fill_interval(vector, array, offset, count);
    case arrow::Type::DECIMAL32:
    case arrow::Type::DECIMAL64:
    case arrow::Type::DECIMAL128: return fill_decimal(vector, array, offset, count);
    case arrow::Type::LIST: return fill_list<arrow::ListArray>(vector, array, offset, count);
    case arrow::Type::LARGE_LIST: return fill_list<arrow::LargeListArray>(vector, array, offset, count);
    case arrow::Type::MAP: return fill_map(vector, array, offset, count);
    case arrow::Type::FIXED_SIZE_LIST: return fill_fixed_list(vector, array, offset, count);
    case arrow::Type::STRUCT: return fill_struct(vector, array, offset, count);
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::STRING_VIEW:
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_BINARY:
    case arrow::Type::BINARY_VIEW:
    case arrow::Type::FIXED_SIZE_BINARY: return fill_bytes(vector, array, offset, count);
    default: break;
  }
  CHECK(false, "a column has a type that input_type refuses");
}

}  // namespace mainstem::duckdb
