#include <algorithm>
#include <arrow/api.h>
#include <arrow/io/interfaces.h>
#include <exception>
#include <fmt/format.h>
#include <parquet/arrow/schema.h>
#include <parquet/arrow/writer.h>

#include "columnar/slices.h"
#include "columnar/status.h"
#include "format/parquet/dictionary_choice.h"
#include "format/parquet/options.h"
#include "format/parquet/scan.h"

namespace mainstem::format::parquet {
namespace {

constexpr const char* kCastIt = "cast the column in a model, for example to text";

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

std::shared_ptr<::parquet::WriterProperties> file_properties(const WriteOptions& options,
                                                             const std::vector<std::string>& without_dictionary) {
  ::parquet::WriterProperties::Builder builder;
  builder.compression(codec_of(options.compression));
  if (options.compression_level) builder.compression_level(*options.compression_level);
  if (!options.dictionary) builder.disable_dictionary();
  for (const auto& name : without_dictionary) builder.disable_dictionary(name);
  builder.dictionary_pagesize_limit(kDictionaryBytes);
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
  if (error.code() == ErrorCode::unsupported) return std::move(error).hint(kCastIt);
  if (options.timestamps == Timestamps::micros && status.message().find("would lose data") != std::string::npos)
    return std::move(error).hint("write timestamps: as-is, or cast the column to microseconds");
  return error;
}

// The file is begun by its first rows, which tell how its columns are best encoded.
class ParquetWriter final : public Writer {
 public:
  ParquetWriter(std::shared_ptr<arrow::io::OutputStream> stream, std::shared_ptr<arrow::Schema> schema,
                WriteOptions options)
      : stream_(std::move(stream)), schema_(std::move(schema)), options_(options) {}

  /// Errors: unsupported, for a type that Parquet cannot hold.
  Result<void> check_types() const {
    auto fits = guarded([this] {
      std::shared_ptr<::parquet::SchemaDescriptor> unused;
      return ::parquet::arrow::ToParquetSchema(schema_.get(), *file_properties(options_, {}),
                                               *arrow_properties(options_), &unused);
    });
    // Whatever kind of error Parquet calls it, no later try makes another of it.
    if (!fits) return Error(ErrorCode::unsupported, fits.error().chain()).hint(kCastIt);
    return {};
  }

  Result<void> write(const arrow::RecordBatch& batch) override {
    if (batch.num_rows() == 0) return {};
    const int64_t bytes = columnar::row_bytes(batch);
    if (writer_ == nullptr) MS_TRY(begin(few_repeats(batch, bytes)));
    // A batch larger than a row group is cut, so that memory stays bounded whatever comes.
    const int64_t pieces = std::clamp<int64_t>(bytes / options_.row_group_size.bytes + 1, 1, batch.num_rows());
    const int64_t rows = (batch.num_rows() + pieces - 1) / pieces;
    for (int64_t from = 0; from < batch.num_rows(); from += rows)
      MS_TRY(write_piece(*batch.Slice(from, std::min(rows, batch.num_rows() - from)), bytes / pieces));
    return {};
  }

  Result<void> finish() override {
    if (writer_ == nullptr) MS_TRY(begin({}));
    return guarded([this] { return writer_->Close(); });
  }

 private:
  std::vector<std::string> few_repeats(const arrow::RecordBatch& batch, int64_t bytes) const {
    if (!options_.dictionary) return {};
    const auto rows_of_size = static_cast<double>(options_.row_group_size.bytes) /
                              static_cast<double>(std::max<int64_t>(bytes, 1)) * static_cast<double>(batch.num_rows());
    const auto most = static_cast<double>(options_.row_group_rows);
    return columns_of_few_repeats(batch, static_cast<int64_t>(std::min(rows_of_size, most)));
  }

  Result<void> begin(const std::vector<std::string>& without_dictionary) {
    return guarded([&]() -> arrow::Status {
      return ::parquet::arrow::FileWriter::Open(*schema_, arrow::default_memory_pool(), stream_,
                                                file_properties(options_, without_dictionary),
                                                arrow_properties(options_))
          .Value(&writer_);
    });
  }

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
  Result<void> guarded(Work work) const {
    try {
      const arrow::Status status = work();
      if (status.ok()) return {};
      return write_error(status, options_);
    } catch (const std::exception& error) {
      return Error(ErrorCode::internal, error.what()).during("writing Parquet");
    }
  }

  std::shared_ptr<arrow::io::OutputStream> stream_;
  std::shared_ptr<arrow::Schema> schema_;
  WriteOptions options_;
  std::unique_ptr<::parquet::arrow::FileWriter> writer_;
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
  auto writer = std::make_unique<ParquetWriter>(request.stream, without_metadata(*request.schema), options);
  MS_TRY(writer->check_types());
  return std::unique_ptr<Writer>(std::move(writer));
}

}  // namespace mainstem::format::parquet
