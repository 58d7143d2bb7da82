#pragma once

#include <arrow/result.h>
#include <arrow/status.h>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace mainstem::columnar {

/// Translates a failed `arrow::Status` at the call; `activity` (gerund, may be empty) says what was being done.
/// Out-of-memory and disk-full become resource_exhausted, I/O errors unavailable, key errors not_found, invalid and
/// type errors invalid_data, the rest internal.
Error to_error(const arrow::Status& status, std::string_view activity = {});

inline Result<void> from_arrow(const arrow::Status& status, std::string_view activity = {}) {
  if (status.ok()) return {};
  return to_error(status, activity);
}

template <class T>
Result<T> from_arrow(arrow::Result<T> result, std::string_view activity = {}) {
  if (result.ok()) return std::move(result).ValueUnsafe();
  return to_error(result.status(), activity);
}

}  // namespace mainstem::columnar
