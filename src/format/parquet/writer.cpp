#include <arrow/api.h>
#include <arrow/io/interfaces.h>
#include <exception>
#include <fmt/format.h>
#include <parquet/arrow/writer.h>

#include "columnar/slices.h"
#include "columnar/status.h"
#include "format/parquet/options.h"
#include "format/parquet/scan.h"

namespace mainstem::format::parquet {
namespace {

arrow::Compression::type codec_of(Codec codec) {
  switch (codec) {
    case Codec::none: return arrow::Compression::UNCOMPRESSED;
    case Codec::snappy: return arrow::Compression::SNAPPY;
    case Codec::gzip: return arrow::Compression::GZIP;
    case Codec::zstd: return arrow::Compression::ZSTD;
    case Codec::lz4: return arrow::Compression::LZ4;
  }
  return arrow::Compression::SNAPPY;
}

std::shared_ptr<::parquet::WriterProperties> file_properties(const WriteOptions& options) {
  ::parquet::WriterProperties::Builder builder;
  builder.compression(codec_of(options.compression));
  if (options.compression_level) builder.compression_level(*options.compression_level);
  if (!options.dictionary) builder.disable_dictionary();
  builder.max_row_group_length(options.row_group_rows);
  builder.enable_page_checksum();
  // Up to 18 digits as INT32 or INT64, as the format allows: a third of the time of byte arrays, and smaller.
  builder.enable_store_decimal_as_integer();
  return builder.build();
}

// The stored Arrow schema keeps what Parquet has no word for (names of zones, durations); other readers skip it.
std::shared_ptr<::parquet::ArrowWriterProperties> arrow_properties(const WriteOptions& options) {
  ::parquet::ArrowWriterProperties::Builder builder;
  builder.store_schema();
  if (options.timestamps == Timestamps::micros)
    builder.coerce_timestamps(arrow::TimeUnit::MICRO)->disallow_truncated_timestamps();
  return builder.build();
}

Error write_error(const arrow::Status& status, const WriteOptions& options) {
  auto error = columnar::to_error(status, "writing Parquet");
  if (error.code() == ErrorCode::unsupported)
    return std::move(error).hint("cast the column in a model, for example to text");
  if (options.timestamps == Timestamps::micros && status.message().find("would lose data") != std::string::npos)
    return std::move(error).hint("write timestamps: as-is, or cast the column to microseconds");
  return error;
}

class ParquetWriter final : public Writer {
 public:
  ParquetWriter(std::unique_ptr<::parquet::arrow::FileWriter> writer, WriteOptions options)
      : writer_(std::move(writer)), options_(options) {}

  Result<void> write(const arrow::RecordBatch& batch) override {
    if (batch.num_rows() == 0) return {};
    const int64_t bytes = columnar::row_bytes(batch);
    // A batch larger than a row group is cut, so that memory stays bounded whatever comes.
    const int64_t pieces = std::clamp<int64_t>(bytes / options_.row_group_size.bytes + 1, 1, batch.num_rows());
    const int64_t rows = (batch.num_rows() + pieces - 1) / pieces;
    for (int64_t from = 0; from < batch.num_rows(); from += rows)
      MS_TRY(write_piece(*batch.Slice(from, std::min(rows, batch.num_rows() - from)), bytes / pieces));
    return {};
  }

  Result<void> finish() override {
    return guarded([this] { return writer_->Close(); });
  }

 private:
  Result<void> write_piece(const arrow::RecordBatch& rows, int64_t bytes) {
    return guarded([&]() -> arrow::Status {
      if (!open_ || group_bytes_ + bytes > options_.row_group_size.bytes) {
        ARROW_RETURN_NOT_OK(writer_->NewBufferedRowGroup());
        open_ = true;
        group_bytes_ = 0;
      }
      group_bytes_ += bytes;
      return writer_->WriteRecordBatch(rows);
    });
  }

  template <class Work>
  Result<void> guarded(Work work) {
    try {
      const arrow::Status status = work();
      if (status.ok()) return {};
      return write_error(status, options_);
    } catch (const std::exception& error) {
      return Error(ErrorCode::internal, error.what()).during("writing Parquet");
    }
  }

  std::unique_ptr<::parquet::arrow::FileWriter> writer_;
  WriteOptions options_;
  bool open_ = false;
  int64_t group_bytes_ = 0;
};

// Metadata of fields and schema may hold what differs from run to run: the same rows shall give the same bytes.
std::shared_ptr<arrow::Schema> without_metadata(const arrow::Schema& schema) {
  arrow::FieldVector fields;
  for (const auto& field : schema.fields()) fields.push_back(field->RemoveMetadata());
  return arrow::schema(std::move(fields));
}

}  // namespace

Result<std::unique_ptr<Writer>> open_writer(Context&, WriteRequest request) {
  MS_ASSIGN(const auto options, read_write_options(request.options));
  if (request.schema->num_fields() == 0)
    return Error(ErrorCode::unsupported, "a Parquet file needs a column").during("writing Parquet");
  const auto schema = without_metadata(*request.schema);
  try {
    auto writer = ::parquet::arrow::FileWriter::Open(*schema, arrow::default_memory_pool(), request.stream,
                                                     file_properties(options), arrow_properties(options));
    if (!writer.ok()) return write_error(writer.status(), options);
    return std::unique_ptr<Writer>(std::make_unique<ParquetWriter>(*std::move(writer), options));
  } catch (const std::exception& error) {
    return Error(ErrorCode::internal, error.what()).during("writing Parquet");
  }
}

}  // namespace mainstem::format::parquet
