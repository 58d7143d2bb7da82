#pragma once

#include <memory>

#include "connector/source.h"
#include "connectors/files/source_files.h"
#include "format/format.h"

namespace mainstem::connectors::files {

/// What is settled about a read before its format looks at the files.
struct FileRead {
  SourceFiles files;
  const format::FormatSpec* format = nullptr;  ///< null only for a file set without files
  config::Node format_options;
  io::InputOptions input_options;
  std::string file_name_column;  ///< empty = none
};

/// Lets the format plan its scan and adds the columns that come from names. Errors: those of the format; invalid_config
/// for a column that there is not, or that there is twice.
Result<std::unique_ptr<connector::PlannedRead>> plan_file_read(Context& context, FileRead read,
                                                               const connector::ReadRequest& request, Spools& spools);

}  // namespace mainstem::connectors::files
