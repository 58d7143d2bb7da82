#pragma once

#include <gtest/gtest.h>
#include <utility>

#include "base/result.h"
#include "connector/testkit/test_context.h"

namespace mainstem::state {

using connector::testkit::FixedClock;
using connector::testkit::TemporaryFolder;

template <class T>
T must(Result<T> result) {
  if (!result) ADD_FAILURE() << result.error().to_string();
  return *std::move(result);
}
inline void must(const Result<void>& result) {
  if (!result) ADD_FAILURE() << result.error().to_string();
}

}  // namespace mainstem::state
