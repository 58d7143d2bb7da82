#include "io/system_error.h"

#include <arrow/status.h>
#include <arrow/util/io_util.h>
#include <system_error>

#include "columnar/status.h"

namespace mainstem::io {

arrow::Status system_status(int number, std::string_view what) {
  return arrow::internal::StatusFromErrno(number, arrow::StatusCode::IOError, what, ": ",
                                          std::generic_category().message(number));
}

Error system_error(int number, std::string_view what) { return columnar::to_error(system_status(number, what)); }

}  // namespace mainstem::io
