#pragma once

#include <mutex>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace mainstem::duckdb {

/// Translates a failure that DuckDB reports, as JSON (setting errors_as_json) or as "Binder Error: text". If it names a
/// place in `sql`, the error carries its line and column.
Error to_error(std::string_view report, std::string_view sql);

/// Keeps the first error that our functions raise inside a query, since DuckDB hands on its text only. Thread-safe.
class ErrorSlot {
 public:
  void keep(Error error);
  /// What was kept; the slot is empty afterwards.
  std::optional<Error> take();

 private:
  std::mutex mutex_;
  std::optional<Error> error_;
};

}  // namespace mainstem::duckdb
