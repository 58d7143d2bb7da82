#include "columnar/status.h"

#include <arrow/util/io_util.h>
#include <cerrno>
#include <string>

namespace mainstem::columnar {
namespace {

ErrorCode code_of_errno(int number) {
  switch (number) {
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
    case ENAMETOOLONG: return ErrorCode::not_found;
    case EISDIR:
    case EINVAL:
    case ENXIO:
    case ENODEV:
    case ESPIPE:
    case EOPNOTSUPP: return ErrorCode::unsupported;
    case EEXIST: return ErrorCode::already_exists;
    case EACCES:
    case EPERM:
    case EROFS: return ErrorCode::permission_denied;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EMFILE:
    case ENOMEM: return ErrorCode::resource_exhausted;
    // Whoever read the pipe has asked for no more.
    case EPIPE: return ErrorCode::cancelled;
    default: return ErrorCode::unavailable;
  }
}

ErrorCode code_of(const arrow::Status& status) {
  const int number = arrow::internal::ErrnoFromStatus(status);
  if (number != 0) return code_of_errno(number);
  switch (status.code()) {
    case arrow::StatusCode::OutOfMemory:
    case arrow::StatusCode::CapacityError: return ErrorCode::resource_exhausted;
    case arrow::StatusCode::IOError: return ErrorCode::unavailable;
    case arrow::StatusCode::KeyError: return ErrorCode::not_found;
    case arrow::StatusCode::Cancelled: return ErrorCode::cancelled;
    case arrow::StatusCode::AlreadyExists: return ErrorCode::already_exists;
    case arrow::StatusCode::NotImplemented: return ErrorCode::unsupported;
    case arrow::StatusCode::Invalid:
    case arrow::StatusCode::TypeError:
    case arrow::StatusCode::SerializationError:
    case arrow::StatusCode::IndexError: return ErrorCode::invalid_data;
    default: return ErrorCode::internal;
  }
}

std::string hint_of(int number) {
  switch (number) {
    case ENOSPC:
    case EDQUOT: return "make room on the disk and run again";
    case EFBIG: return "raise the limit on the size of files (ulimit -f)";
    default: return "";
  }
}

}  // namespace

Error to_error(const arrow::Status& status, std::string_view activity) {
  Error error = Error(code_of(status), status.message()).hint(hint_of(arrow::internal::ErrnoFromStatus(status)));
  if (activity.empty()) return error;
  return std::move(error).during(std::string(activity));
}

}  // namespace mainstem::columnar
