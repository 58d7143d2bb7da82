#include "format/read_error.h"

#include <arrow/status.h>
#include <fmt/format.h>

#include "columnar/status.h"

namespace mainstem::format {

Error read_error(const arrow::Status& status, const std::string& name, const std::string& title) {
  auto error = columnar::to_error(status);
  // Arrow reports damage as an I/O error without a detail; those of the system and the network have one.
  const bool no_detail = error.code() == ErrorCode::unavailable && status.detail() == nullptr;
  if (no_detail || error.code() == ErrorCode::invalid_data)
    error = Error(ErrorCode::invalid_data, fmt::format("not a whole {} file: {}", title, status.message()))
                .hint("the file is damaged, cut off, or of another format");
  return std::move(error).during("reading " + name);
}

}  // namespace mainstem::format
