#include "sqlite/error.h"

#include <cerrno>
#include <string>

namespace mainstem::sqlite {
namespace {

// SQLITE_CANTOPEN says nothing of the cause; the system's error number does.
ErrorCode code_of_system(int number, ErrorCode otherwise) {
  switch (number) {
    case ENOENT:
    case ENOTDIR: return ErrorCode::not_found;
    case EACCES:
    case EPERM:
    case EROFS: return ErrorCode::permission_denied;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EMFILE:
    case ENFILE: return ErrorCode::resource_exhausted;
    default: return otherwise;
  }
}

ErrorCode code_of(int code, Moment moment, int system_error) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
    case SQLITE_SCHEMA: return ErrorCode::conflict;
    case SQLITE_CANTOPEN: return code_of_system(system_error, ErrorCode::permission_denied);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
    case SQLITE_FORMAT:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG: return ErrorCode::invalid_data;
    case SQLITE_FULL:
    case SQLITE_NOMEM: return ErrorCode::resource_exhausted;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH: return ErrorCode::permission_denied;
    case SQLITE_INTERRUPT: return ErrorCode::cancelled;
    case SQLITE_IOERR: return code_of_system(system_error, ErrorCode::unavailable);
    case SQLITE_ERROR: return moment == Moment::preparing ? ErrorCode::invalid_config : ErrorCode::invalid_data;
    default: return ErrorCode::internal;
  }
}

std::string hint_of(int code, int system_error) {
  if (system_error == EFBIG) return "raise the limit on the size of files (ulimit -f)";
  if (system_error == ENOSPC || system_error == EDQUOT) return "free space on the disk that holds the database";
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return "another program is using the database; try again, or raise busy_timeout";
    case SQLITE_FULL: return "free space on the disk that holds the database";
    case SQLITE_READONLY: return "make the file and its folder writable";
    case SQLITE_NOTADB: return "check the path: the file is something else, or encrypted";
    case SQLITE_CORRUPT: return "run PRAGMA integrity_check on it, and restore a backup";
    default: return "";
  }
}

FilePosition place(std::string_view sql, size_t offset) {
  FilePosition position{.file = "", .line = 1, .column = 1};
  for (size_t i = 0; i < offset && i < sql.size(); ++i) {
    const auto byte = static_cast<unsigned char>(sql[i]);
    if (byte == '\n') {
      ++position.line;
      position.column = 1;
    } else if ((byte & 0xc0) != 0x80) {  // columns count characters, not bytes
      ++position.column;
    }
  }
  return position;
}

}  // namespace

Error to_error(sqlite3* connection, int code, Moment moment, std::string_view sql) {
  const int system_error = connection == nullptr ? 0 : sqlite3_system_errno(connection);
  // The handle's message belongs to its last failure, which an error of our own making is not.
  const bool known = connection != nullptr && (sqlite3_errcode(connection) & 0xff) == (code & 0xff);
  const std::string message = known ? sqlite3_errmsg(connection) : sqlite3_errstr(code);
  auto error = Error(code_of(code, moment, system_error), message).hint(hint_of(code, system_error));
  if (!known || moment != Moment::preparing || sql.empty()) return error;
  const int offset = sqlite3_error_offset(connection);
  if (offset < 0) return error;
  return std::move(error).at(place(sql, static_cast<size_t>(offset)));
}

}  // namespace mainstem::sqlite
