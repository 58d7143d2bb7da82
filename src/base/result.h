#pragma once

#include <tl/expected.hpp>
#include <utility>

#include "base/error.h"

namespace mainstem {

/// A value or the `Error` that kept us from it. The only file that names the implementation.
/// `return Error(...)` and `return value` both convert.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  Result(Error error) : tl::expected<T, Error>(tl::unexpected<Error>(std::move(error))) {}
};

/// Success without a value (`return {};`) or an `Error`.
template <>
class [[nodiscard]] Result<void> : public tl::expected<void, Error> {
 public:
  Result() = default;
  Result(Error error) : tl::expected<void, Error>(tl::unexpected<Error>(std::move(error))) {}
};

}  // namespace mainstem

#define MS_CONCAT_INNER(a, b) a##b
#define MS_CONCAT(a, b) MS_CONCAT_INNER(a, b)

/// Evaluates a `Result<...>`; on failure returns its error from the enclosing function.
#define MS_TRY(expression)                               \
  do {                                                   \
    auto ms_result = (expression);                       \
    if (!ms_result) return std::move(ms_result).error(); \
  } while (false)

/// `MS_ASSIGN(auto rows, count(table));` - declares or assigns from a `Result<T>`, or returns its error.
#define MS_ASSIGN(declaration, expression) MS_ASSIGN_INNER(MS_CONCAT(ms_result_, __COUNTER__), declaration, expression)
#define MS_ASSIGN_INNER(name, declaration, expression) \
  auto name = (expression);                            \
  if (!name) return std::move(name).error();           \
  declaration = *std::move(name)

/// As MS_TRY, adding the activity in the gerund to the error: `MS_TRY_DURING(load(t), "loading orders");`
#define MS_TRY_DURING(expression, activity)                               \
  do {                                                                    \
    auto ms_result = (expression);                                        \
    if (!ms_result) return std::move(ms_result).error().during(activity); \
  } while (false)

/// As MS_ASSIGN, adding the activity in the gerund to the error.
#define MS_ASSIGN_DURING(declaration, expression, activity) \
  MS_ASSIGN_DURING_INNER(MS_CONCAT(ms_result_, __COUNTER__), declaration, expression, activity)
#define MS_ASSIGN_DURING_INNER(name, declaration, expression, activity) \
  auto name = (expression);                                             \
  if (!name) return std::move(name).error().during(activity);           \
  declaration = *std::move(name)
