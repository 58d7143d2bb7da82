#include "format/parquet/parquet_file.h"

#include <algorithm>
#include <arrow/api.h>
#include <exception>
#include <fmt/format.h>
#include <parquet/arrow/schema.h>
#include <parquet/file_reader.h>

#include "format/read_error.h"

namespace mainstem::format::parquet {
namespace {

// All columns of a reader share this; a column's part stays between the two limits.
constexpr int64_t kBufferBytes = 16 << 20;
constexpr int64_t kLeastBuffer = 64 << 10;
constexpr int64_t kMostBuffer = 1 << 20;
// A footer of a wide table is parsed in milliseconds, but many of them would fill the memory.
constexpr uint32_t kLargeFooter = 256 << 10;

void add_leaves(const ::parquet::arrow::SchemaField& field, std::vector<int>& leaves) {
  if (field.column_index >= 0) leaves.push_back(field.column_index);
  for (const auto& child : field.children) add_leaves(child, leaves);
}

Result<FileReaderPointer> make_reader(const std::shared_ptr<arrow::io::RandomAccessFile>& file,
                                      const ReadOptions& options,
                                      const std::shared_ptr<::parquet::FileMetaData>& footer, const std::string& name) {
  ::parquet::ReaderProperties properties;
  properties.enable_buffered_stream();
  properties.set_page_checksum_verification(true);
  const int64_t columns = footer == nullptr ? 16 : std::max(1, footer->num_columns());
  properties.set_buffer_size(std::clamp(kBufferBytes / columns, kLeastBuffer, kMostBuffer));
  ::parquet::ArrowReaderProperties arrow_properties(/*use_threads=*/false);
  arrow_properties.set_pre_buffer(false);
  arrow_properties.set_arrow_extensions_enabled(true);
  arrow_properties.set_coerce_int96_timestamp_unit(options.int96 == Int96::nanos ? arrow::TimeUnit::NANO
                                                                                 : arrow::TimeUnit::MICRO);
  ::parquet::arrow::FileReaderBuilder builder;
  if (const auto status = builder.Open(file, properties, footer); !status.ok()) return read_error(status, name);
  auto reader = builder.properties(arrow_properties)->Build();
  if (!reader.ok()) return read_error(reader.status(), name);
  return *std::move(reader);
}

}  // namespace

Error read_error(const arrow::Status& status, const std::string& name) {
  return format::read_error(status, name, "Parquet");
}

Result<FileReaderPointer> open_file(io::Input& input, const ReadOptions& options,
                                    const std::shared_ptr<::parquet::FileMetaData>& footer) {
  MS_ASSIGN(const auto file, input.open_file());
  try {
    return make_reader(file, options, footer, input.name());
  } catch (const std::exception& error) {
    return read_error(arrow::Status::Invalid(error.what()), input.name());
  }
}

Result<ParquetFile> read_footer(const std::shared_ptr<io::Input>& input, const ReadOptions& options) {
  MS_ASSIGN(const auto reader, open_file(*input, options, nullptr));
  ParquetFile file;
  file.input = input;
  try {
    if (const auto status = reader->GetSchema(&file.schema); !status.ok()) return read_error(status, input->name());
    auto footer = reader->parquet_reader()->metadata();
    for (int i = 0; i < footer->num_row_groups(); ++i) {
      const auto group = footer->RowGroup(i);
      if (group->num_rows() < 0) return read_error(arrow::Status::Invalid("a negative count of rows"), input->name());
      file.row_groups.push_back({.rows = group->num_rows(), .bytes = std::max<int64_t>(0, group->total_byte_size())});
    }
    if (footer->size() <= kLargeFooter) file.footer = std::move(footer);
  } catch (const std::exception& error) {
    return read_error(arrow::Status::Invalid(error.what()), input->name());
  }
  return file;
}

std::vector<int> leaf_indices(const ::parquet::arrow::FileReader& reader, const arrow::Schema& schema) {
  std::vector<int> leaves;
  for (const auto& field : reader.manifest().schema_fields)
    if (schema.GetFieldIndex(field.field->name()) >= 0) add_leaves(field, leaves);
  return leaves;
}

}  // namespace mainstem::format::parquet
