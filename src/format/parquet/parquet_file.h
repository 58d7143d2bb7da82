#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <memory>
#include <parquet/arrow/reader.h>
#include <parquet/metadata.h>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/parquet/options.h"
#include "io/input.h"

namespace mainstem::format::parquet {

/// What a footer says of one row group.
struct RowGroup {
  int64_t rows = 0;
  int64_t bytes = 0;  ///< of all columns before compression
};

/// A file whose footer has been read. Immutable.
struct ParquetFile {
  std::shared_ptr<io::Input> input;
  std::shared_ptr<arrow::Schema> schema;  ///< as Arrow sees it
  std::vector<RowGroup> row_groups;
  /// Kept so that readers need not parse it again; null where it is large.
  std::shared_ptr<::parquet::FileMetaData> footer;
};

using FileReaderPointer = std::unique_ptr<::parquet::arrow::FileReader>;

/// Opens a file for reading; `footer` may be null. Memory per reader is bounded by pages, not by row groups.
/// Errors: invalid_data, naming the file, if it is no whole Parquet file; those of the input.
Result<FileReaderPointer> open_file(io::Input& input, const ReadOptions& options,
                                    const std::shared_ptr<::parquet::FileMetaData>& footer);

/// Reads the footer. Errors: as `open_file`.
Result<ParquetFile> read_footer(const std::shared_ptr<io::Input>& input, const ReadOptions& options);

/// The leaves of the columns named in `schema`, in the file's order.
std::vector<int> leaf_indices(const ::parquet::arrow::FileReader& reader, const arrow::Schema& schema);

/// Translates a failure of reading `name`: what is no trouble of the system means that the file is damaged.
Error read_error(const arrow::Status& status, const std::string& name);

}  // namespace mainstem::format::parquet
