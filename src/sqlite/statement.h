#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <sqlite3.h>
#include <string>
#include <string_view>

#include "base/cancellation.h"
#include "base/result.h"

namespace mainstem::sqlite {

/// The storage class of one value; what a column declares does not bind its values.
enum class ValueType {
  integer = SQLITE_INTEGER,
  real = SQLITE_FLOAT,
  text = SQLITE_TEXT,
  blob = SQLITE_BLOB,
  null = SQLITE_NULL
};

/// Bytes, as opposed to text.
struct Blob {
  std::string_view bytes;
};

/// One prepared statement of a Database, on whose thread it lives and before whose end it is destroyed.
/// Parameters count from 1, columns from 0, as in SQL texts and results.
class Statement {
 public:
  Statement() = default;

  Result<void> bind(int index, int64_t value) { return checked(sqlite3_bind_int64(get(), index, value)); }
  Result<void> bind(int index, double value) { return checked(sqlite3_bind_double(get(), index, value)); }
  Result<void> bind(int index, std::nullptr_t) { return checked(sqlite3_bind_null(get(), index)); }
  /// Texts and blobs are copied.
  Result<void> bind(int index, std::string_view text) { return bind_text(index, text, SQLITE_TRANSIENT); }
  Result<void> bind(int index, const std::string& text) { return bind(index, std::string_view(text)); }
  Result<void> bind(int index, const char* text) { return bind(index, std::string_view(text)); }
  Result<void> bind(int index, Blob blob) { return bind_blob(index, blob, SQLITE_TRANSIENT); }
  /// As `bind` without a copy: what is bound must live until the statement is reset or bound anew.
  Result<void> bind_borrowed(int index, std::string_view text) { return bind_text(index, text, SQLITE_STATIC); }
  Result<void> bind_borrowed(int index, Blob blob) { return bind_blob(index, blob, SQLITE_STATIC); }
  template <class T>
  Result<void> bind(int index, const std::optional<T>& maybe) {
    return maybe ? bind(index, *maybe) : bind(index, nullptr);
  }
  /// Binds parameters 1, 2, ... in this order.
  template <class... Values>
  Result<void> bind_all(const Values&... values) {
    Result<void> done;
    int index = 0;
    static_cast<void>(((done = bind(++index, values)) && ...));
    return done;
  }

  /// Moves to the next row; false at the end. Errors leave the statement reset.
  Result<bool> step() {
    const int code = sqlite3_step(get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return failed(code);
  }
  /// Runs to the end, throwing rows away, and resets.
  Result<void> run();
  /// Makes it ready to run again; bindings stay.
  void reset() { sqlite3_reset(get()); }

  int columns() const { return sqlite3_column_count(get()); }
  int parameters() const { return sqlite3_bind_parameter_count(get()); }
  /// Its text, without what stood behind its semicolon.
  std::string_view sql() const { return sqlite3_sql(get()); }
  std::string column_name(int column) const;
  /// As written in CREATE TABLE; empty for expressions and columns without a type.
  std::string declared_type(int column) const;
  /// True if running it cannot change a database.
  bool is_read_only() const { return sqlite3_stmt_readonly(get()) != 0; }

  /// Values of the current row. `type` must be asked before any other of them, since reading as another type converts
  /// the value. Texts and blobs live until the next step, reset or conversion.
  ValueType type(int column) const { return static_cast<ValueType>(sqlite3_column_type(get(), column)); }
  bool is_null(int column) const { return type(column) == ValueType::null; }
  int64_t integer(int column) const { return sqlite3_column_int64(get(), column); }
  double real(int column) const { return sqlite3_column_double(get(), column); }
  std::string_view text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(get(), column));
    return bytes == nullptr ? std::string_view() : std::string_view(bytes, size(column));
  }
  std::string_view blob(int column) const {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(get(), column));
    return bytes == nullptr ? std::string_view() : std::string_view(bytes, size(column));
  }
  std::optional<std::string> maybe_text(int column) const {
    return is_null(column) ? std::nullopt : std::optional(std::string(text(column)));
  }

  sqlite3_stmt* get() const { return statement_.get(); }

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  Statement(sqlite3_stmt* statement, const Cancellation* cancellation)
      : statement_(statement), cancellation_(cancellation) {}

  size_t size(int column) const { return static_cast<size_t>(sqlite3_column_bytes(get(), column)); }
  Result<void> bind_text(int index, std::string_view text, sqlite3_destructor_type owner);
  Result<void> bind_blob(int index, Blob blob, sqlite3_destructor_type owner);
  Result<void> checked(int code) {
    if (code == SQLITE_OK) [[likely]]
      return {};
    return failed(code);
  }
  Error failed(int code);

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  const Cancellation* cancellation_ = nullptr;
};

}  // namespace mainstem::sqlite
