#include "connectors/sqlite/column_binder.h"

#include <arrow/api.h>
#include <arrow/util/decimal.h>
#include <arrow/util/formatting.h>
#include <cmath>
#include <limits>

#include "connectors/sqlite/types.h"

namespace mainstem::connectors::sqlite {
namespace {

using mainstem::sqlite::Blob;
using mainstem::sqlite::Statement;
using ArrayPointer = std::shared_ptr<arrow::Array>;

constexpr int64_t kMillisecondsPerDay = 86'400'000;

// `bind_value(array, statement, parameter, row)` for rows that are not null.
template <class Array, class BindValue>
class Binder final : public ColumnBinder {
 public:
  Binder(ArrayPointer array, BindValue bind_value)
      : array_(std::move(array)), typed_(static_cast<const Array&>(*array_)), bind_value_(std::move(bind_value)) {}

  Result<void> bind(Statement& statement, int parameter, int64_t row) override {
    if (typed_.IsNull(row)) return statement.bind(parameter, nullptr);
    return bind_value_(typed_, statement, parameter, row);
  }

 private:
  ArrayPointer array_;
  const Array& typed_;
  BindValue bind_value_;
};

template <class Array, class BindValue>
std::unique_ptr<ColumnBinder> make(const ArrayPointer& array, BindValue bind_value) {
  return std::make_unique<Binder<Array, BindValue>>(array, std::move(bind_value));
}

template <class Array>
std::unique_ptr<ColumnBinder> integers(const ArrayPointer& array) {
  return make<Array>(array, [](const Array& values, Statement& statement, int parameter, int64_t row) {
    return statement.bind(parameter, static_cast<int64_t>(values.Value(row)));
  });
}

template <class Array>
std::unique_ptr<ColumnBinder> reals(const ArrayPointer& array) {
  return make<Array>(array, [](const Array& values, Statement& statement, int parameter, int64_t row) -> Result<void> {
    const auto value = static_cast<double>(values.Value(row));
    // SQLite would make NULL of it.
    if (std::isnan(value))
      return Error(ErrorCode::invalid_data, "SQLite cannot store NaN").hint("turn NaN into null in the model");
    return statement.bind(parameter, value);
  });
}

template <class Array>
std::unique_ptr<ColumnBinder> texts(const ArrayPointer& array) {
  return make<Array>(array, [](const Array& values, Statement& statement, int parameter, int64_t row) {
    return statement.bind_borrowed(parameter, std::string_view(values.GetView(row)));
  });
}

template <class Array>
std::unique_ptr<ColumnBinder> blobs(const ArrayPointer& array) {
  return make<Array>(array, [](const Array& values, Statement& statement, int parameter, int64_t row) {
    return statement.bind_borrowed(parameter, Blob{std::string_view(values.GetView(row))});
  });
}

template <class Array>
std::unique_ptr<ColumnBinder> decimals(const ArrayPointer& array) {
  return make<Array>(array, [](const Array& values, Statement& statement, int parameter, int64_t row) {
    return statement.bind(parameter, values.FormatValue(row));
  });
}

// Dates and times as texts, instants in UTC with a Z; `scale_down` turns the array's values into those of Type.
template <class Array, class Type>
std::unique_ptr<ColumnBinder> temporal(const ArrayPointer& array, int64_t scale_down = 1) {
  arrow::internal::StringFormatter<Type> format(array->type().get());
  return make<Array>(
      array,
      [format, scale_down, text = std::string()](const Array& values, Statement& statement, int parameter,
                                                 int64_t row) mutable -> Result<void> {
        const auto value = static_cast<int64_t>(values.Value(row));
        const int64_t scaled = value / scale_down - (value % scale_down < 0 ? 1 : 0);
        format(static_cast<typename Type::c_type>(scaled), [&text](std::string_view formatted) { text = formatted; });
        // Times have ":" behind the hour, dates "-" behind four digits of the year.
        const bool in_form = text.size() > 4 && (text[2] == ':' || (text[4] == '-' && text[0] != '-'));
        if (!in_form) return Error(ErrorCode::invalid_data, "a date outside of the years 0 to 9999 cannot be stored");
        return statement.bind_borrowed(parameter, std::string_view(text));
      });
}

std::unique_ptr<ColumnBinder> unsigned_texts(const ArrayPointer& array) {
  using Array = arrow::UInt64Array;
  return make<Array>(array, [](const Array& values, Statement& statement, int parameter, int64_t row) {
    return statement.bind(parameter, std::to_string(values.Value(row)));
  });
}

std::unique_ptr<ColumnBinder> nested(const ArrayPointer& array) {
  return make<arrow::Array>(
      array, [](const arrow::Array& values, Statement& statement, int parameter, int64_t row) -> Result<void> {
        MS_ASSIGN(const auto text, json_text(values, row));
        return statement.bind(parameter, text);
      });
}

// The binder of a dictionary's values, asked for the value that a row stands for.
Result<std::unique_ptr<ColumnBinder>> coded(const ArrayPointer& array) {
  MS_ASSIGN(std::shared_ptr<ColumnBinder> inner,
            make_binder(static_cast<const arrow::DictionaryArray&>(*array).dictionary()));
  using Array = arrow::DictionaryArray;
  return make<Array>(array, [inner](const Array& values, Statement& statement, int parameter, int64_t row) {
    return inner->bind(statement, parameter, values.GetValueIndex(row));
  });
}

}  // namespace

Result<std::unique_ptr<ColumnBinder>> make_binder(const ArrayPointer& array) {
  using Type = arrow::Type;
  switch (array->type_id()) {
    case Type::NA: return nested(array);
    case Type::BOOL: return integers<arrow::BooleanArray>(array);
    case Type::INT8: return integers<arrow::Int8Array>(array);
    case Type::INT16: return integers<arrow::Int16Array>(array);
    case Type::INT32: return integers<arrow::Int32Array>(array);
    case Type::INT64: return integers<arrow::Int64Array>(array);
    case Type::UINT8: return integers<arrow::UInt8Array>(array);
    case Type::UINT16: return integers<arrow::UInt16Array>(array);
    case Type::UINT32: return integers<arrow::UInt32Array>(array);
    case Type::UINT64: return unsigned_texts(array);
    case Type::DURATION: return integers<arrow::DurationArray>(array);
    case Type::FLOAT: return reals<arrow::FloatArray>(array);
    case Type::DOUBLE: return reals<arrow::DoubleArray>(array);
    case Type::STRING: return texts<arrow::StringArray>(array);
    case Type::LARGE_STRING: return texts<arrow::LargeStringArray>(array);
    case Type::BINARY: return blobs<arrow::BinaryArray>(array);
    case Type::LARGE_BINARY: return blobs<arrow::LargeBinaryArray>(array);
    case Type::FIXED_SIZE_BINARY: return blobs<arrow::FixedSizeBinaryArray>(array);
    case Type::DECIMAL128: return decimals<arrow::Decimal128Array>(array);
    case Type::DECIMAL256: return decimals<arrow::Decimal256Array>(array);
    case Type::DATE32: return temporal<arrow::Date32Array, arrow::Date32Type>(array);
    case Type::DATE64: return temporal<arrow::Date64Array, arrow::Date32Type>(array, kMillisecondsPerDay);
    case Type::TIME32: return temporal<arrow::Time32Array, arrow::Time32Type>(array);
    case Type::TIME64: return temporal<arrow::Time64Array, arrow::Time64Type>(array);
    case Type::TIMESTAMP: return temporal<arrow::TimestampArray, arrow::TimestampType>(array);
    case Type::DICTIONARY: return coded(array);
    default: break;
  }
  MS_TRY(declared_for(*array->type()));
  return nested(array);
}

}  // namespace mainstem::connectors::sqlite
