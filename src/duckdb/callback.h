#pragma once

#include <exception>
#include <new>
#include <utility>

#include "base/result.h"
#include "duckdb/error.h"

namespace mainstem::duckdb {

/// Deletes what DuckDB was given to keep.
template <class T>
void destroy(void* object) {
  delete static_cast<T*>(object);
}

/// Runs `work` inside a function that DuckDB calls: an Error is kept in `slot` and its text given to `report`, and no
/// exception gets out.
template <class Work, class Report>
void guard(ErrorSlot& slot, Work work, Report report) {
  try {
    Result<void> result = work();
    if (result) return;
    const auto text = result.error().chain();
    slot.keep(std::move(result).error());
    report(text.c_str());
  } catch (const std::bad_alloc&) {
    slot.keep(Error(ErrorCode::resource_exhausted, "no memory is left"));
    report("no memory is left");
  } catch (const std::exception& error) {
    slot.keep(Error(ErrorCode::internal, error.what()));
    report(error.what());
  }
}

}  // namespace mainstem::duckdb
