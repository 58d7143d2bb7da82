#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace mainstem::columnar {

/// A 128-bit fingerprint of a multiset of rows: the same rows give the same hash in any order, any batch size and on
/// any number of threads, and a row more, less, doubled or changed gives another (by chance 2^-64 or less; it is no
/// protection against somebody who wants a collision).
///
/// Rows count by the values of their columns in column order. Names do not count, and neither do physical types of one
/// logical type: int32 7 and int64 7 are equal, as are utf8 and large_utf8, or a dictionary and its values. Timestamps
/// count in their own unit, so units must agree.
class ContentHash {
 public:
  /// Adds all rows of a batch. Errors: unsupported, for a type without a rule (unions, extension types).
  Result<void> add(const arrow::RecordBatch& batch);
  /// Adds what another thread has gathered.
  void merge(const ContentHash& other);

  int64_t rows() const { return rows_; }
  /// 32 hexadecimal digits; "0...0" for no rows.
  std::string to_string() const;
  bool operator==(const ContentHash&) const = default;

 private:
  uint64_t low_ = 0;
  uint64_t high_ = 0;
  int64_t rows_ = 0;
};

}  // namespace mainstem::columnar
