#include "format/format.h"

#include "format/parquet/options.h"
#include "format/parquet/scan.h"

namespace mainstem::format::parquet {

FormatSpec declare() {
  FormatSpec spec;
  spec.name = "parquet";
  spec.title = "Apache Parquet";
  spec.extensions = {"parquet", "parq"};
  spec.read_options = read_fields().shared_table();
  spec.write_options = write_fields().shared_table();
  spec.needs_seekable_input = true;
  spec.check_read_options = [](const config::Node& node) -> Result<void> {
    MS_TRY(read_fields().read(node));
    return {};
  };
  spec.check_write_options = [](const config::Node& node) -> Result<void> {
    MS_TRY(read_write_options(node));
    return {};
  };
  spec.plan_scan = plan_scan;
  spec.open_writer = open_writer;
  return spec;
}

}  // namespace mainstem::format::parquet
