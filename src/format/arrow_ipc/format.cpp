#include "format/format.h"

#include "format/arrow_ipc/options.h"
#include "format/arrow_ipc/scan.h"

namespace mainstem::format::arrow_ipc {

FormatSpec declare() {
  FormatSpec spec;
  spec.name = "arrow";
  spec.title = "Arrow IPC and Feather 2";
  spec.extensions = {"arrow", "feather", "ipc", "arrows"};
  spec.read_options = read_fields().shared_table();
  spec.write_options = write_fields().shared_table();
  spec.needs_seekable_input = true;
  spec.check_read_options = [](const config::Node& node) -> Result<void> {
    MS_TRY(read_fields().read(node));
    return {};
  };
  spec.check_write_options = [](const config::Node& node) -> Result<void> {
    MS_TRY(write_fields().read(node));
    return {};
  };
  spec.plan_scan = plan_scan;
  spec.open_writer = open_writer;
  return spec;
}

}  // namespace mainstem::format::arrow_ipc
