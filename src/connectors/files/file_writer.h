#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "columnar/content_hash.h"
#include "connectors/files/target.h"
#include "io/output.h"

namespace mainstem::connectors::files {

/// One file of a format being written. One thread.
class FileWriter {
 public:
  static Result<std::unique_ptr<FileWriter>> open(Context& context, std::unique_ptr<io::Output> output,
                                                  const Target& target, const std::shared_ptr<arrow::Schema>& schema);

  /// From now on rows are hashed, for a manifest; the run has a hash of its own.
  void hash_content() { hash_.emplace(); }
  Result<void> write(const arrow::RecordBatch& rows);
  /// Writes the footer and seals the output, which stays unpublished.
  Result<void> finish();

  io::Output& output() { return *output_; }
  int64_t rows() const { return rows_; }
  /// Empty without hash_content() before, or if a column's type has no rule for it.
  std::string content_hash() const { return hash_ ? hash_->to_string() : ""; }
  /// Bytes of the batches written so far: no less than what the format may still hold.
  int64_t batch_bytes() const { return batch_bytes_; }

 private:
  FileWriter() = default;

  std::unique_ptr<io::Output> output_;
  std::unique_ptr<format::Writer> writer_;
  int64_t rows_ = 0;
  int64_t batch_bytes_ = 0;
  std::optional<columnar::ContentHash> hash_;
};

/// Rows of a finished file as its format counts them from its footer; -1 if that would mean to read it whole.
Result<int64_t> count_rows(Context& context, const std::string& path, const format::FormatSpec& format);

}  // namespace mainstem::connectors::files
