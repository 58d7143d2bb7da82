#include "format/format.h"

#include "format/csv/options.h"
#include "format/csv/scan.h"
#include "format/csv/writer.h"

namespace mainstem::format::csv {

/// Text of records and fields. Dialect, header and types are found out or given; see options.h.
FormatSpec declare();

FormatSpec declare() {
  return {.name = "csv",
          .title = "CSV and TSV",
          .extensions = {"csv", "tsv"},
          .read_options = read_fields().shared_table(),
          .write_options = write_fields().shared_table(),
          .check_read_options = [](const config::Node& node) -> Result<void> {
            MS_TRY(parse_read_options(node));
            return {};
          },
          .check_write_options = [](const config::Node& node) -> Result<void> {
            MS_TRY(parse_write_options(node));
            return {};
          },
          .plan_scan = plan_scan,
          .open_writer = open_writer};
}

}  // namespace mainstem::format::csv
