#pragma once

#include <arrow/type_fwd.h>
#include <string>
#include <string_view>

#include "base/error.h"

namespace mainstem::io {

/// A failed system call: "cannot open a.csv: Permission denied". Full disks and quotas give resource_exhausted, missing
/// files not_found, missing rights and read-only file systems permission_denied, a pipe that nobody reads any more
/// cancelled, what the kind of file cannot do unsupported, the rest unavailable.
Error system_error(int number, std::string_view what);
/// The same for functions of Arrow's interfaces; columnar::to_error finds the code again.
arrow::Status system_status(int number, std::string_view what);

}  // namespace mainstem::io
