#pragma once

#include <arrow/type_fwd.h>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "connectors/postgres/wire.h"

namespace mainstem::connectors::postgres {

/// Bytes on their way to the server. Grows as a row needs it and keeps its memory.
class WireBuffer {
 public:
  size_t size() const { return size_; }
  std::string_view view() const { return {bytes_.data(), size_}; }
  void clear() { size_ = 0; }

  /// Room for `bytes` at the end; `add` says how many were used. Invalid after the next call.
  char* reserve(size_t bytes) {
    if (bytes_.size() - size_ < bytes) bytes_.resize(size_ * 2 + bytes);
    return bytes_.data() + size_;
  }
  void add(size_t bytes) { size_ += bytes; }

  template <class T>
  void put(T value) {
    to_wire(reserve(sizeof value), value);
    size_ += sizeof value;
  }
  void put_bytes(std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(reserve(bytes.size()), bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  /// Writes over what was put at `at`.
  void set_length(size_t at, size_t length) { to_wire(bytes_.data() + at, static_cast<int32_t>(length)); }

 private:
  std::vector<char> bytes_;
  size_t size_ = 0;
};

/// Writes the values of one column in the binary form of its native type, length first.
class ColumnEncoder {
 public:
  /// Errors: unsupported, as `native_type`.
  static Result<std::unique_ptr<ColumnEncoder>> make(const arrow::DataType& type);
  virtual ~ColumnEncoder() = default;

  /// The array that `write` takes values from; it outlives their use.
  virtual void open(const arrow::Array& array);
  /// Writes value or null; false if PostgreSQL has no such value (finer than a microsecond, out of range).
  bool write(int64_t row, WireBuffer& out) {
    if (!is_null(row)) return write_value(row, out);
    out.put(int32_t{-1});
    return true;
  }

 protected:
  virtual bool is_null(int64_t row) const;
  virtual bool write_value(int64_t row, WireBuffer& out) = 0;

  const arrow::Array* array_ = nullptr;

 private:
  const uint8_t* valid_ = nullptr;  // null = all are
  int64_t offset_ = 0;
};

/// Object id of the native type of an Arrow type; 0 for lists and what has none.
uint32_t native_oid(const arrow::DataType& type);

}  // namespace mainstem::connectors::postgres
