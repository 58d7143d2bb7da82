#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "connector/sink.h"
#include "connectors/files/formats.h"
#include "connectors/files/options.h"
#include "io/input.h"

namespace mainstem::connectors::files {

enum class Place { passing, file, folder };

/// A write request as it is understood.
struct Target {
  Place place = Place::file;  ///< passing: standard output ("-"), a pipe or a device
  std::string path;           ///< absolute, without a slash at the end; "-" for standard output
  TargetOptions options;
  const format::FormatSpec* format = nullptr;
  config::Node format_options;
  io::Compression compression = io::Compression::none;
};

/// Errors: invalid_config, placed; unsupported for a mode that the place does not have.
Result<Target> read_target(const Formats& formats, const std::string& base, const connector::WriteRequest& request);
/// The path of a request alone, also of one that `read_target` would refuse; empty if it names none.
std::string target_path(const std::string& base, const connector::WriteRequest& request);
/// Checks target options as far as they can be without the request.
Result<void> check_target(const config::Node& options, const Formats& formats);

/// The columns of `schema` other than the partition columns. Errors: invalid_config for a partition column that is
/// missing, twice, or of a type that has no folder names; or if nothing is left.
Result<std::shared_ptr<arrow::Schema>> schema_of_files(const arrow::Schema& schema,
                                                       const std::vector<std::string>& partition_by);

}  // namespace mainstem::connectors::files
