#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/clock.h"

namespace mainstem::state {

/// 64 unpredictable bits a call.
using RandomSource = std::function<uint64_t()>;
/// The operating system's random numbers.
RandomSource system_random();

/// A ULID (https://github.com/ulid/spec): 26 characters of Crockford's base 32, 48 bits of milliseconds since 1970
/// before 80 random bits. Ids sort by time as texts; those of one millisecond stand in no order. Times before 1970
/// count as 1970.
std::string new_run_id(const Clock& clock, const RandomSource& random);

}  // namespace mainstem::state
