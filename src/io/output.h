#pragma once

#include <arrow/io/type_fwd.h>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/input.h"

namespace mainstem::io {

struct OutputOptions {
  Compression compression = Compression::none;
  int level = 0;  ///< 0 = the usual one of the compression
};

/// Bytes on their way to one place: write into `stream`, `seal`, `publish`. A local file grows under another name in
/// the same folder (".NAME.XXXXXX.tmp") and gets its own name at `publish`; destroyed before, it leaves nothing.
/// Standard output, pipes and devices take the bytes at once. One thread.
class Output {
 public:
  virtual ~Output() = default;
  /// For people.
  virtual const std::string& name() const = 0;
  /// True if nothing can be seen before `publish`.
  virtual bool atomic() const = 0;
  /// Where to write, uncompressed. Lives as long as the output.
  virtual const std::shared_ptr<arrow::io::OutputStream>& stream() const = 0;
  /// Bytes handed to the system so far, as stored.
  virtual int64_t stored_bytes() const = 0;
  /// Ends the compression and makes the bytes durable; a second call does nothing. The stream takes no more.
  /// Errors: resource_exhausted if the disk is full.
  virtual Result<void> seal() = 0;
  /// Gives the file its name, replacing one that was there, and makes that durable. Seals first.
  virtual Result<void> publish() = 0;
};

/// A local file. An existing pipe or device is written directly; a symbolic link keeps pointing to where it does; an
/// existing file's permissions stay. Errors: not_found (folder), permission_denied, invalid_config if it is a folder.
Result<std::unique_ptr<Output>> create_local_file(const std::string& path, const OutputOptions& options = {});
Result<std::unique_ptr<Output>> standard_output(const OutputOptions& options = {});

/// True for the names that unpublished local files have.
bool is_unpublished_name(std::string_view file_name);
/// True if nobody is writing an unpublished file any more: it is locked as long as its output lives.
bool is_abandoned(const std::string& unpublished_path);
/// Removes the abandoned unpublished files of `path`, which killed processes left beside it.
void remove_abandoned(const std::string& path);

}  // namespace mainstem::io
