#include "sqlite/statement.h"

#include "sqlite/error.h"

namespace mainstem::sqlite {

Result<void> Statement::bind_text(int index, std::string_view text, sqlite3_destructor_type owner) {
  // A null pointer would bind NULL where an empty text was meant.
  const char* bytes = text.data() == nullptr ? "" : text.data();
  return checked(sqlite3_bind_text64(get(), index, bytes, text.size(), owner, SQLITE_UTF8));
}

Result<void> Statement::bind_blob(int index, Blob blob, sqlite3_destructor_type owner) {
  const char* bytes = blob.bytes.data() == nullptr ? "" : blob.bytes.data();
  return checked(sqlite3_bind_blob64(get(), index, bytes, blob.bytes.size(), owner));
}

Result<void> Statement::run() {
  while (true) {
    MS_ASSIGN(const bool row, step());
    if (!row) break;
  }
  reset();
  return {};
}

std::string Statement::column_name(int column) const {
  const char* name = sqlite3_column_name(get(), column);
  return name == nullptr ? "" : name;
}

std::string Statement::declared_type(int column) const {
  const char* type = sqlite3_column_decltype(get(), column);
  return type == nullptr ? "" : type;
}

Error Statement::failed(int code) {
  auto error = to_error(sqlite3_db_handle(get()), code, Moment::running);
  reset();
  // A wait for a lock that is cut short looks like the lock's fault.
  if (cancellation_ != nullptr && cancellation_->requested()) return cancellation_->check().error();
  return error;
}

}  // namespace mainstem::sqlite
