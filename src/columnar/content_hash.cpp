#include "columnar/content_hash.h"

#include <arrow/api.h>
#include <arrow/util/decimal.h>
#include <bit>
#include <cstring>
#include <fmt/format.h>
#include <utility>
#include <vector>

#include "columnar/status.h"

// How it works. Every value becomes a 128-bit product of two differently salted copies of itself (multiply and fold, as
// in wyhash, which is in the public domain). The salts depend on the column's number, so that swapped columns differ.
// A row is the sum of its values' products, then mixed once more, so that sums over rows keep no linear trace of sums
// over columns. The table is the sum of its rows modulo 2^128: addition is what makes the order of rows, batches and
// threads irrelevant, and unlike XOR it does not cancel rows that occur twice.

namespace mainstem::columnar {
namespace {

__extension__ using Wide = unsigned __int128;

struct Salt {
  uint64_t a;
  uint64_t b;
};

constexpr uint64_t kOdd1 = 0x9E3779B97F4A7C15ull;
constexpr uint64_t kOdd2 = 0xD1B54A32D192ED03ull;
constexpr Wide kNull = (static_cast<Wide>(0x6A09E667F3BCC909ull) << 64) | 0xBB67AE8584CAA73Bull;

uint64_t scramble(uint64_t x) {
  x ^= x >> 32;
  x *= kOdd1;
  x ^= x >> 29;
  x *= kOdd2;
  return x ^ (x >> 32);
}

Salt salt_of(uint64_t number) { return {scramble(number + kOdd1), scramble(number + kOdd2)}; }

Wide mix(uint64_t x, uint64_t y, Salt salt) {
  const Wide product = static_cast<Wide>(x ^ salt.a) * (y ^ salt.b);
  // Both halves must depend on all bits of both factors; the plain low half does not see the factors' high bits.
  const uint64_t folded = static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  return (static_cast<Wide>(folded * kOdd1 + std::rotl(y, 23)) << 64) | (folded + std::rotl(x, 41) * kOdd2);
}

template <class Word>
uint64_t load(const uint8_t* data) {
  Word word;
  std::memcpy(&word, data, sizeof(word));
  return word;
}

// Fewer than 16 bytes as two little-endian words filled up with zeros. Loads of a fixed size that overlap cost a tenth
// of a copy of unknown size.
std::pair<uint64_t, uint64_t> tail_words(const uint8_t* data, size_t size) {
  if (size > 8) return {load<uint64_t>(data), load<uint64_t>(data + size - 8) >> (8 * (16 - size))};
  if (size == 8) return {load<uint64_t>(data), 0};
  if (size >= 4) return {load<uint32_t>(data) | load<uint32_t>(data + size - 4) << (8 * (size - 4)), 0};
  if (size == 0) return {0, 0};
  const uint64_t middle = data[size / 2];
  const uint64_t last = data[size - 1];
  return {data[0] | middle << (8 * (size / 2)) | last << (8 * (size - 1)), 0};
}

Wide mix_bytes(const uint8_t* data, size_t size, Salt salt) {
  uint64_t x = size * kOdd1;
  uint64_t y = size ^ kOdd2;
  while (size >= 16) {
    const uint64_t p = load<uint64_t>(data);
    const uint64_t q = load<uint64_t>(data + 8);
    const Wide product = static_cast<Wide>(p ^ salt.a ^ x) * (q ^ salt.b ^ y);
    x = static_cast<uint64_t>(product) + q;
    y = static_cast<uint64_t>(product >> 64) + p;
    data += 16;
    size -= 16;
  }
  const auto [first, second] = tail_words(data, size);
  return mix(x + scramble(first), y + scramble(second + kOdd1), salt);
}

arrow::Status add_array(const arrow::Array& array, Salt salt, Wide* rows);

template <class ArrayType, class ToBits>
void add_fixed(const arrow::Array& array, Salt salt, Wide* rows, ToBits to_bits) {
  const auto& typed = static_cast<const ArrayType&>(array);
  const bool has_nulls = array.null_count() > 0;
  for (int64_t i = 0; i < array.length(); ++i) {
    if (has_nulls && array.IsNull(i)) {
      rows[i] += kNull ^ salt.a;
    } else {
      const uint64_t bits = to_bits(typed.Value(i));
      rows[i] += mix(bits, std::rotl(bits, 32), salt);
    }
  }
}

template <class ArrayType>
void add_integers(const arrow::Array& array, Salt salt, Wide* rows) {
  add_fixed<ArrayType>(array, salt, rows, [](auto v) { return static_cast<uint64_t>(static_cast<int64_t>(v)); });
}

template <class ArrayType>
void add_floats(const arrow::Array& array, Salt salt, Wide* rows) {
  add_fixed<ArrayType>(array, salt, rows, [](auto v) {
    const double d = static_cast<double>(v);
    if (d != d) return uint64_t{0x7FF8000000000000};  // one NaN, whatever its payload
    return std::bit_cast<uint64_t>(d == 0 ? 0.0 : d);
  });
}

template <class ArrayType>
void add_bytes(const arrow::Array& array, Salt salt, Wide* rows) {
  const auto& typed = static_cast<const ArrayType&>(array);
  const bool has_nulls = array.null_count() > 0;
  for (int64_t i = 0; i < array.length(); ++i) {
    if (has_nulls && array.IsNull(i)) {
      rows[i] += kNull ^ salt.a;
      continue;
    }
    const auto view = typed.GetView(i);
    rows[i] += mix_bytes(reinterpret_cast<const uint8_t*>(view.data()), view.size(), salt);
  }
}

// Scale counts by value: 1.5 and 1.50 are equal, so trailing zeros are taken off first.
Wide mix_decimal(arrow::Decimal128 value, int32_t scale, Salt salt) {
  const auto low = static_cast<int64_t>(value.low_bits());
  if (value.high_bits() == low >> 63) {
    // Nearly all values: arithmetic of one word.
    int64_t short_value = low;
    for (; scale > 0 && short_value % 10 == 0; --scale) short_value /= 10;
    value = arrow::Decimal128(short_value);
  } else {
    while (scale > 0 && value.low_bits() % 2 == 0) {
      const auto divided = value.Divide(arrow::Decimal128(10));
      if (!divided.ok() || divided->second != arrow::Decimal128(0)) break;
      value = divided->first;
      --scale;
    }
  }
  return mix(value.low_bits(), static_cast<uint64_t>(value.high_bits()) + static_cast<uint64_t>(scale) * kOdd2, salt);
}

void add_decimals(const arrow::Array& array, Salt salt, Wide* rows) {
  const auto& typed = static_cast<const arrow::FixedSizeBinaryArray&>(array);
  const int width = typed.byte_width();
  const int32_t scale = static_cast<const arrow::DecimalType&>(*array.type()).scale();
  const bool has_nulls = array.null_count() > 0;
  for (int64_t i = 0; i < array.length(); ++i) {
    if (has_nulls && array.IsNull(i))
      rows[i] += kNull ^ salt.a;
    else if (width == 16)
      rows[i] += mix_decimal(arrow::Decimal128(typed.GetValue(i)), scale, salt);
    else
      rows[i] += mix_bytes(typed.GetValue(i), static_cast<size_t>(width), salt);
  }
}

// Elements count in their order, and the length counts.
template <class ListType>
arrow::Status add_lists(const arrow::Array& array, Salt salt, Wide* rows) {
  const auto& list = static_cast<const ListType&>(array);
  const auto first = array.length() > 0 ? list.value_offset(0) : 0;
  const auto last = array.length() > 0 ? list.value_offset(array.length()) : 0;
  std::vector<Wide> elements(static_cast<size_t>(last - first), 0);
  ARROW_RETURN_NOT_OK(add_array(*list.values()->Slice(first, last - first), salt_of(salt.a), elements.data()));
  for (int64_t i = 0; i < array.length(); ++i) {
    if (array.IsNull(i)) {
      rows[i] += kNull ^ salt.a;
      continue;
    }
    Wide sum = static_cast<Wide>(list.value_length(i)) * kOdd2;
    for (auto j = list.value_offset(i); j < list.value_offset(i + 1); ++j) {
      const Wide element = elements[static_cast<size_t>(j - first)];
      sum = mix(static_cast<uint64_t>(sum) + static_cast<uint64_t>(element),
                static_cast<uint64_t>(sum >> 64) + static_cast<uint64_t>(element >> 64), salt);
    }
    rows[i] += mix(static_cast<uint64_t>(sum), static_cast<uint64_t>(sum >> 64), salt);
  }
  return arrow::Status::OK();
}

arrow::Status add_structs(const arrow::Array& array, Salt salt, Wide* rows) {
  const auto& structs = static_cast<const arrow::StructArray&>(array);
  std::vector<Wide> sums(static_cast<size_t>(array.length()), kOdd1);
  for (int f = 0; f < structs.num_fields(); ++f)
    ARROW_RETURN_NOT_OK(add_array(*structs.field(f), salt_of(salt.b + static_cast<uint64_t>(f)), sums.data()));
  for (int64_t i = 0; i < array.length(); ++i) {
    const Wide sum = sums[static_cast<size_t>(i)];
    rows[i] +=
        array.IsNull(i) ? kNull ^ salt.a : mix(static_cast<uint64_t>(sum), static_cast<uint64_t>(sum >> 64), salt);
  }
  return arrow::Status::OK();
}

arrow::Status add_dictionary(const arrow::Array& array, Salt salt, Wide* rows) {
  const auto& coded = static_cast<const arrow::DictionaryArray&>(array);
  std::vector<Wide> values(static_cast<size_t>(coded.dictionary()->length()), 0);
  ARROW_RETURN_NOT_OK(add_array(*coded.dictionary(), salt, values.data()));
  for (int64_t i = 0; i < array.length(); ++i)
    rows[i] += array.IsNull(i) ? kNull ^ salt.a : values[static_cast<size_t>(coded.GetValueIndex(i))];
  return arrow::Status::OK();
}

void add_intervals(const arrow::Array& array, Salt salt, Wide* rows) {
  const auto& typed = static_cast<const arrow::MonthDayNanoIntervalArray&>(array);
  for (int64_t i = 0; i < array.length(); ++i) {
    const auto v = array.IsNull(i) ? arrow::MonthDayNanoIntervalType::MonthDayNanos{} : typed.GetValue(i);
    const auto days = (static_cast<uint64_t>(static_cast<uint32_t>(v.months)) << 32) | static_cast<uint32_t>(v.days);
    rows[i] += array.IsNull(i) ? kNull ^ salt.a : mix(days, static_cast<uint64_t>(v.nanoseconds), salt);
  }
}

arrow::Status add_array(const arrow::Array& array, Salt salt, Wide* rows) {
  switch (array.type_id()) {
    case arrow::Type::NA:
      for (int64_t i = 0; i < array.length(); ++i) rows[i] += kNull ^ salt.a;
      return arrow::Status::OK();
    case arrow::Type::BOOL: add_integers<arrow::BooleanArray>(array, salt, rows); break;
    case arrow::Type::INT8: add_integers<arrow::Int8Array>(array, salt, rows); break;
    case arrow::Type::INT16: add_integers<arrow::Int16Array>(array, salt, rows); break;
    case arrow::Type::INT32: add_integers<arrow::Int32Array>(array, salt, rows); break;
    case arrow::Type::INT64: add_integers<arrow::Int64Array>(array, salt, rows); break;
    case arrow::Type::UINT8: add_integers<arrow::UInt8Array>(array, salt, rows); break;
    case arrow::Type::UINT16: add_integers<arrow::UInt16Array>(array, salt, rows); break;
    case arrow::Type::UINT32: add_integers<arrow::UInt32Array>(array, salt, rows); break;
    case arrow::Type::UINT64: add_integers<arrow::UInt64Array>(array, salt, rows); break;
    case arrow::Type::DATE32: add_integers<arrow::Date32Array>(array, salt, rows); break;
    case arrow::Type::DATE64: add_integers<arrow::Date64Array>(array, salt, rows); break;
    case arrow::Type::TIME32: add_integers<arrow::Time32Array>(array, salt, rows); break;
    case arrow::Type::TIME64: add_integers<arrow::Time64Array>(array, salt, rows); break;
    case arrow::Type::TIMESTAMP: add_integers<arrow::TimestampArray>(array, salt, rows); break;
    case arrow::Type::DURATION: add_integers<arrow::DurationArray>(array, salt, rows); break;
    case arrow::Type::FLOAT: add_floats<arrow::FloatArray>(array, salt, rows); break;
    case arrow::Type::DOUBLE: add_floats<arrow::DoubleArray>(array, salt, rows); break;
    case arrow::Type::STRING: add_bytes<arrow::StringArray>(array, salt, rows); break;
    case arrow::Type::LARGE_STRING: add_bytes<arrow::LargeStringArray>(array, salt, rows); break;
    case arrow::Type::BINARY: add_bytes<arrow::BinaryArray>(array, salt, rows); break;
    case arrow::Type::LARGE_BINARY: add_bytes<arrow::LargeBinaryArray>(array, salt, rows); break;
    case arrow::Type::FIXED_SIZE_BINARY: add_bytes<arrow::FixedSizeBinaryArray>(array, salt, rows); break;
    case arrow::Type::DECIMAL32:
    case arrow::Type::DECIMAL64:
    case arrow::Type::DECIMAL128:
    case arrow::Type::DECIMAL256: add_decimals(array, salt, rows); break;
    case arrow::Type::INTERVAL_MONTH_DAY_NANO: add_intervals(array, salt, rows); break;
    case arrow::Type::MAP:
    case arrow::Type::LIST: return add_lists<arrow::ListArray>(array, salt, rows);
    case arrow::Type::LARGE_LIST: return add_lists<arrow::LargeListArray>(array, salt, rows);
    case arrow::Type::STRUCT: return add_structs(array, salt, rows);
    case arrow::Type::DICTIONARY: return add_dictionary(array, salt, rows);
    default: return arrow::Status::NotImplemented("no content hash for values of type ", array.type()->ToString());
  }
  return arrow::Status::OK();
}

}  // namespace

Result<void> ContentHash::add(const arrow::RecordBatch& batch) {
  std::vector<Wide> rows(static_cast<size_t>(batch.num_rows()), 0);
  for (int c = 0; c < batch.num_columns(); ++c)
    MS_TRY(from_arrow(add_array(*batch.column(c), salt_of(static_cast<uint64_t>(c)), rows.data()), "hashing rows"));
  Wide sum = (static_cast<Wide>(high_) << 64) | low_;
  constexpr Salt last{0xA0761D6478BD642Full, 0xE7037ED1A0B428DBull};
  for (const Wide row : rows) sum += mix(static_cast<uint64_t>(row), static_cast<uint64_t>(row >> 64), last);
  low_ = static_cast<uint64_t>(sum);
  high_ = static_cast<uint64_t>(sum >> 64);
  rows_ += batch.num_rows();
  return {};
}

void ContentHash::merge(const ContentHash& other) {
  const Wide sum = ((static_cast<Wide>(high_) << 64) | low_) + ((static_cast<Wide>(other.high_) << 64) | other.low_);
  low_ = static_cast<uint64_t>(sum);
  high_ = static_cast<uint64_t>(sum >> 64);
  rows_ += other.rows_;
}

std::string ContentHash::to_string() const { return fmt::format("{:016x}{:016x}", high_, low_); }

}  // namespace mainstem::columnar
