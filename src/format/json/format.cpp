#include "format/format.h"

#include "format/json/options.h"
#include "format/json/scan.h"
#include "format/json/writer.h"

namespace mainstem::format::json {
namespace {

Result<void> check_read_options(const config::Node& node) {
  MS_ASSIGN(const auto options, read_fields().read(node));
  const bool of_array = options.layout == Layout::automatic || options.layout == Layout::array;
  if (!options.records.empty() && !of_array)
    return Error(ErrorCode::invalid_config, "option 'records' is for documents with an array of records")
        .at(node.find("records")->position())
        .hint("remove 'layout' or 'records'");
  return {};
}

}  // namespace

FormatSpec declare() {
  return {.name = "json",
          .title = "JSON and JSON lines",
          .extensions = {"json", "ndjson", "jsonl"},
          .read_options = read_fields().shared_table(),
          .write_options = write_fields().shared_table(),
          .check_read_options = check_read_options,
          .check_write_options = check_write_options,
          .plan_scan = plan_scan,
          .open_writer = open_writer};
}

}  // namespace mainstem::format::json
