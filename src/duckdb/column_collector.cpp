#include "duckdb/column_collector.h"

#include <arrow/api.h>
#include <arrow/c/bridge.h>
#include <cstring>
#include <fmt/format.h>

#include "columnar/status.h"
#include "duckdb/handle.h"

namespace mainstem::duckdb {
namespace {

using columnar::from_arrow;
__extension__ typedef __int128 Int128;

// A DuckDB mask and Arrow's bitmap have the same bit order; no mask means that all are valid.
class Validity {
 public:
  void open(duckdb_vector vector) { mask_ = api().vector_get_validity(vector); }
  bool valid(idx_t row) const { return mask_ == nullptr || (mask_[row >> 6] >> (row & 63) & 1) != 0; }

  Result<void> append(idx_t from, idx_t count) {
    const auto rows = static_cast<int64_t>(count);
    if (mask_ == nullptr) return from_arrow(bits_.Append(rows, true));
    MS_TRY(from_arrow(bits_.Reserve(rows)));
    bits_.UnsafeAppend(reinterpret_cast<const uint8_t*>(mask_), static_cast<int64_t>(from), rows);
    return {};
  }

  struct Finished {
    std::shared_ptr<arrow::Buffer> bitmap;
    int64_t rows = 0;
    int64_t nulls = 0;
  };
  Result<Finished> finish() {
    Finished finished{.bitmap = nullptr, .rows = bits_.length(), .nulls = bits_.false_count()};
    MS_ASSIGN(auto bitmap, from_arrow(bits_.Finish()));
    if (finished.nulls > 0) finished.bitmap = std::move(bitmap);
    return finished;
  }

 private:
  const uint64_t* mask_ = nullptr;
  arrow::TypedBufferBuilder<bool> bits_;
};

// Columns of values of one width, in `To` values.
template <class To>
class FlatCollector : public ColumnCollector {
 public:
  explicit FlatCollector(std::shared_ptr<arrow::DataType> type) : type_(std::move(type)) {}

  Result<void> open(duckdb_vector vector, idx_t) override {
    validity_.open(vector);
    data_ = api().vector_get_data(vector);
    return {};
  }
  int64_t measure(idx_t, idx_t count) const override { return static_cast<int64_t>(count * sizeof(To)); }
  int64_t bytes() const override { return values_.length(); }

  Result<void> append(idx_t from, idx_t count) override {
    MS_TRY(validity_.append(from, count));
    MS_TRY(from_arrow(values_.Reserve(static_cast<int64_t>(count * sizeof(To)))));
    return append_values(from, count);
  }

  Result<std::shared_ptr<arrow::Array>> finish() override {
    MS_ASSIGN(const auto validity, validity_.finish());
    MS_ASSIGN(auto values, from_arrow(values_.Finish()));
    return arrow::MakeArray(
        arrow::ArrayData::Make(type_, validity.rows, {validity.bitmap, std::move(values)}, validity.nulls));
  }

 protected:
  virtual Result<void> append_values(idx_t from, idx_t count) {
    values_.UnsafeAppend(static_cast<const To*>(data_) + from, static_cast<int64_t>(count * sizeof(To)));
    return {};
  }

  Validity validity_;
  const void* data_ = nullptr;
  arrow::BufferBuilder values_;

 private:
  std::shared_ptr<arrow::DataType> type_;
};

// Decimals of up to 18 digits are smaller in DuckDB than in Arrow.
template <class From>
class DecimalCollector final : public FlatCollector<Int128> {
 public:
  using FlatCollector::FlatCollector;

 protected:
  Result<void> append_values(idx_t from, idx_t count) override {
    auto* to = reinterpret_cast<Int128*>(values_.mutable_data() + values_.length());
    const auto* values = static_cast<const From*>(data_) + from;
    for (idx_t i = 0; i < count; ++i) {
      const Int128 value = values[i];
      std::memcpy(to + i, &value, sizeof value);
    }
    values_.UnsafeAdvance(static_cast<int64_t>(count * sizeof(Int128)));
    return {};
  }
};

using MonthDayNanos = arrow::MonthDayNanoIntervalType::MonthDayNanos;

class IntervalCollector final : public FlatCollector<MonthDayNanos> {
 public:
  using FlatCollector::FlatCollector;

 protected:
  Result<void> append_values(idx_t from, idx_t count) override {
    const auto* values = static_cast<const duckdb_interval*>(data_);
    for (idx_t row = from; row < from + count; ++row) {
      MonthDayNanos value{};
      if (validity_.valid(row)) {
        value.months = values[row].months;
        value.days = values[row].days;
        if (__builtin_mul_overflow(values[row].micros, int64_t{1'000}, &value.nanoseconds))
          return Error(ErrorCode::invalid_data, "an interval is longer than 292 years of hours")
              .hint("cast the column to text");
      }
      values_.UnsafeAppend(&value, sizeof value);
    }
    return {};
  }
};

class BoolCollector final : public ColumnCollector {
 public:
  Result<void> open(duckdb_vector vector, idx_t) override {
    validity_.open(vector);
    data_ = static_cast<const uint8_t*>(api().vector_get_data(vector));
    return {};
  }
  int64_t measure(idx_t, idx_t count) const override { return static_cast<int64_t>(count); }
  int64_t bytes() const override { return values_.length() / 8; }

  Result<void> append(idx_t from, idx_t count) override {
    MS_TRY(validity_.append(from, count));
    MS_TRY(from_arrow(values_.Reserve(static_cast<int64_t>(count))));
    for (idx_t row = from; row < from + count; ++row) values_.UnsafeAppend(validity_.valid(row) && data_[row] != 0);
    return {};
  }

  Result<std::shared_ptr<arrow::Array>> finish() override {
    MS_ASSIGN(const auto validity, validity_.finish());
    MS_ASSIGN(auto values, from_arrow(values_.Finish()));
    return arrow::MakeArray(
        arrow::ArrayData::Make(arrow::boolean(), validity.rows, {validity.bitmap, std::move(values)}, validity.nulls));
  }

 private:
  Validity validity_;
  const uint8_t* data_ = nullptr;
  arrow::TypedBufferBuilder<bool> values_;
};

class TextCollector final : public ColumnCollector {
 public:
  explicit TextCollector(std::shared_ptr<arrow::DataType> type) : type_(std::move(type)) {}

  Result<void> open(duckdb_vector vector, idx_t) override {
    validity_.open(vector);
    data_ = static_cast<const duckdb_string_t*>(api().vector_get_data(vector));
    return {};
  }

  int64_t measure(idx_t from, idx_t count) const override {
    int64_t size = static_cast<int64_t>(count * sizeof(int32_t));
    for (idx_t row = from; row < from + count; ++row) size += length(row);
    return size;
  }
  int64_t bytes() const override { return text_.length() + offsets_.length() * 4; }

  Result<void> append(idx_t from, idx_t count) override {
    MS_TRY(validity_.append(from, count));
    const int64_t added = measure(from, count) - static_cast<int64_t>(count * sizeof(int32_t));
    if (text_.length() + added > INT32_MAX)
      return Error(ErrorCode::resource_exhausted, "a text is too long for one batch")
          .hint("values of 2 GiB and more cannot be carried; cut or split them");
    MS_TRY(from_arrow(text_.Reserve(added)));
    MS_TRY(from_arrow(offsets_.Reserve(static_cast<int64_t>(count) + 1)));
    for (idx_t row = from; row < from + count; ++row) {
      offsets_.UnsafeAppend(static_cast<int32_t>(text_.length()));
      if (const int64_t size = length(row); size > 0) text_.UnsafeAppend(begin(row), size);
    }
    return {};
  }

  Result<std::shared_ptr<arrow::Array>> finish() override {
    MS_TRY(from_arrow(offsets_.Append(static_cast<int32_t>(text_.length()))));
    MS_ASSIGN(const auto validity, validity_.finish());
    MS_ASSIGN(auto offsets, from_arrow(offsets_.Finish()));
    MS_ASSIGN(auto text, from_arrow(text_.Finish()));
    return arrow::MakeArray(arrow::ArrayData::Make(
        type_, validity.rows, {validity.bitmap, std::move(offsets), std::move(text)}, validity.nulls));
  }

 private:
  // Slots of nulls may hold anything.
  int64_t length(idx_t row) const { return validity_.valid(row) ? data_[row].value.inlined.length : 0; }
  const char* begin(idx_t row) const {
    const auto& slot = data_[row].value;
    return slot.inlined.length <= sizeof slot.inlined.inlined ? slot.inlined.inlined : slot.pointer.ptr;
  }

  std::shared_ptr<arrow::DataType> type_;
  Validity validity_;
  const duckdb_string_t* data_ = nullptr;
  arrow::TypedBufferBuilder<int32_t> offsets_;
  arrow::BufferBuilder text_;
};

// Lists, structs and maps: their parts need not be flat, so DuckDB itself converts each chunk.
class NestedCollector final : public ColumnCollector {
 public:
  NestedCollector(std::shared_ptr<arrow::DataType> type, duckdb_arrow_options options)
      : type_(std::move(type)), options_(options) {}

  Result<void> open(duckdb_vector vector, idx_t rows) override {
    const TypeHandle type(api().vector_get_column_type(vector));
    duckdb_logical_type types[] = {type.get()};
    const ChunkHandle chunk(api().create_data_chunk(types, 1));
    api().vector_reference_vector(api().data_chunk_get_vector(chunk.get(), 0), vector);
    api().data_chunk_set_size(chunk.get(), rows);
    ArrowArray exported{};
    const ErrorHandle error(api().data_chunk_to_arrow(options_, chunk.get(), &exported));
    if (error.get() != nullptr && api().error_data_has_error(error.get()))
      return Error(ErrorCode::internal, api().error_data_message(error.get()));
    MS_ASSIGN(const auto record, from_arrow(arrow::ImportArray(&exported, arrow::struct_({arrow::field("c", type_)}))));
    current_ = static_cast<const arrow::StructArray&>(*record).field(0);
    row_bytes_ = rows == 0 ? 0 : buffer_bytes(*current_->data()) / static_cast<int64_t>(rows) + 1;
    return {};
  }

  int64_t measure(idx_t, idx_t count) const override { return row_bytes_ * static_cast<int64_t>(count); }
  int64_t bytes() const override { return bytes_; }

  Result<void> append(idx_t from, idx_t count) override {
    parts_.push_back(current_->Slice(static_cast<int64_t>(from), static_cast<int64_t>(count)));
    bytes_ += measure(from, count);
    return {};
  }

  Result<std::shared_ptr<arrow::Array>> finish() override {
    bytes_ = 0;
    const auto parts = std::exchange(parts_, {});
    if (parts.size() == 1) return parts.front();
    return from_arrow(arrow::Concatenate(parts));
  }

 private:
  static int64_t buffer_bytes(const arrow::ArrayData& data) {
    int64_t size = 0;
    for (const auto& buffer : data.buffers) size += buffer == nullptr ? 0 : buffer->size();
    for (const auto& child : data.child_data) size += buffer_bytes(*child);
    return size;
  }

  std::shared_ptr<arrow::DataType> type_;
  duckdb_arrow_options options_;
  std::shared_ptr<arrow::Array> current_;
  arrow::ArrayVector parts_;
  int64_t row_bytes_ = 0;
  int64_t bytes_ = 0;
};

std::unique_ptr<ColumnCollector> make_decimal(const std::shared_ptr<arrow::DataType>& type) {
  const int width = static_cast<const arrow::DecimalType&>(*type).precision();
  if (width <= 4) return std::make_unique<DecimalCollector<int16_t>>(type);
  if (width <= 9) return std::make_unique<DecimalCollector<int32_t>>(type);
  if (width <= 18) return std::make_unique<DecimalCollector<int64_t>>(type);
  return std::make_unique<FlatCollector<Int128>>(type);
}

}  // namespace

std::unique_ptr<ColumnCollector> make_column_collector(const std::shared_ptr<arrow::DataType>& type,
                                                       duckdb_arrow_options options) {
  switch (type->id()) {
    case arrow::Type::BOOL: return std::make_unique<BoolCollector>();
    case arrow::Type::INT8:
    case arrow::Type::UINT8: return std::make_unique<FlatCollector<int8_t>>(type);
    case arrow::Type::INT16:
    case arrow::Type::UINT16: return std::make_unique<FlatCollector<int16_t>>(type);
    case arrow::Type::INT32:
    case arrow::Type::UINT32:
    case arrow::Type::FLOAT:
    case arrow::Type::DATE32: return std::make_unique<FlatCollector<int32_t>>(type);
    case arrow::Type::INT64:
    case arrow::Type::UINT64:
    case arrow::Type::DOUBLE:
    case arrow::Type::TIME64:
    case arrow::Type::TIMESTAMP: return std::make_unique<FlatCollector<int64_t>>(type);
    case arrow::Type::DECIMAL128: return make_decimal(type);
    case arrow::Type::INTERVAL_MONTH_DAY_NANO: return std::make_unique<IntervalCollector>(type);
    case arrow::Type::STRING:
    case arrow::Type::BINARY: return std::make_unique<TextCollector>(type);
    default: return std::make_unique<NestedCollector>(type, options);
  }
}

}  // namespace mainstem::duckdb
