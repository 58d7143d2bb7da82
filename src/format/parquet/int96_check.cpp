#include "format/parquet/int96_check.h"

#include <arrow/api.h>
#include <exception>
#include <fmt/format.h>
#include <parquet/arrow/schema.h>

namespace mainstem::format::parquet {
namespace {

bool holds_int96(const ::parquet::arrow::SchemaField& field, const ::parquet::SchemaDescriptor& schema) {
  if (field.column_index >= 0) return schema.Column(field.column_index)->physical_type() == ::parquet::Type::INT96;
  for (const auto& child : field.children)
    if (holds_int96(child, schema)) return true;
  return false;
}

arrow::FieldVector int96_fields(const ::parquet::arrow::FileReader& reader, const arrow::Schema& schema) {
  arrow::FieldVector fields;
  for (const auto& field : reader.manifest().schema_fields)
    if (schema.GetFieldIndex(field.field->name()) >= 0 && holds_int96(field, *reader.manifest().descr))
      fields.push_back(field.field);
  return fields;
}

// Both were computed modulo 2^64, so that their difference is exact even where one of them is not.
bool is_cut(int64_t micros, int64_t nanos) {
  return static_cast<uint64_t>(nanos) != static_cast<uint64_t>(micros) * 1000;
}
bool is_wrong(int64_t micros, int64_t) {
  int64_t nanos = 0;
  return __builtin_mul_overflow(micros, int64_t{1000}, &nanos);
}

arrow::TimeUnit::type unit_of(const arrow::Array& array) {
  return static_cast<const arrow::TimestampType&>(*array.type()).unit();
}

// Whether a value of two arrays of one shape, in microseconds and in nanoseconds, fails a test.
template <class Test>
bool any_fails(const arrow::Array& micros, const arrow::Array& nanos, Test test) {
  if (micros.type_id() == arrow::Type::TIMESTAMP) {
    if (unit_of(micros) == unit_of(nanos)) return false;
    const auto& coarse = static_cast<const arrow::TimestampArray&>(micros);
    const auto& fine = static_cast<const arrow::TimestampArray&>(nanos);
    for (int64_t row = 0; row < coarse.length(); ++row)
      if (coarse.IsValid(row) && test(coarse.Value(row), fine.Value(row))) return true;
    return false;
  }
  if (micros.type_id() == arrow::Type::STRUCT) {
    const auto& coarse = static_cast<const arrow::StructArray&>(micros);
    const auto& fine = static_cast<const arrow::StructArray&>(nanos);
    for (int i = 0; i < coarse.num_fields(); ++i)
      if (any_fails(*coarse.field(i), *fine.field(i), test)) return true;
    return false;
  }
  const auto& coarse = micros.data()->child_data;
  const auto& fine = nanos.data()->child_data;
  for (size_t i = 0; i < coarse.size(); ++i)
    if (any_fails(*arrow::MakeArray(coarse[i]), *arrow::MakeArray(fine[i]), test)) return true;
  return false;
}

}  // namespace

bool Int96Check::is_needed(const ::parquet::arrow::FileReader& reader, const arrow::Schema& schema) {
  return !int96_fields(reader, schema).empty();
}

Result<std::unique_ptr<Int96Check>> Int96Check::open(const ParquetFile& file, const ReadOptions& options,
                                                     const std::vector<int>& row_groups, const arrow::Schema& schema,
                                                     int64_t batch_size) {
  const ReadOptions other{.int96 = options.int96 == Int96::micros ? Int96::nanos : Int96::micros};
  MS_ASSIGN(auto reader, open_file(*file.input, other, file.footer));
  auto check = std::unique_ptr<Int96Check>(new Int96Check(file, options.int96, std::move(reader)));
  try {
    check->reader_->set_batch_size(batch_size);
    const arrow::Schema columns(int96_fields(*check->reader_, schema));
    auto batches = check->reader_->GetRecordBatchReader(row_groups, leaf_indices(*check->reader_, columns));
    if (!batches.ok()) return read_error(batches.status(), file.input->name());
    check->batches_ = *std::move(batches);
  } catch (const std::exception& error) {
    return read_error(arrow::Status::Invalid(error.what()), file.input->name());
  }
  return check;
}

Result<void> Int96Check::check(const arrow::RecordBatch& rows, int64_t first_row) {
  std::shared_ptr<arrow::RecordBatch> other;
  try {
    if (const auto status = batches_->ReadNext(&other); !status.ok()) return read_error(status, file_.input->name());
  } catch (const std::exception& error) {
    return read_error(arrow::Status::Invalid(error.what()), file_.input->name());
  }
  if (other == nullptr || other->num_rows() != rows.num_rows())
    return read_error(arrow::Status::Invalid("two readings of one file differ"), file_.input->name());
  for (int i = 0; i < other->num_columns(); ++i) {
    const auto own = rows.GetColumnByName(other->column_name(i));
    const bool coarse = unit_ == Int96::micros;
    const bool fails =
        coarse ? any_fails(*own, *other->column(i), is_cut) : any_fails(*other->column(i), *own, is_wrong);
    if (!fails) continue;
    return Error(ErrorCode::invalid_data,
                 fmt::format("{}: column {} holds an INT96 timestamp {}, between rows {} and {}", file_.input->name(),
                             other->column_name(i),
                             coarse ? "finer than microseconds" : "outside of the years 1677 to 2262", first_row + 1,
                             first_row + rows.num_rows()))
        .hint(coarse ? "read it with int96: nanos" : "read it with int96: micros");
  }
  return {};
}

}  // namespace mainstem::format::parquet
