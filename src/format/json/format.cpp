#include "format/format.h"

#include "format/json/nested_path.h"
#include "format/json/operations.h"
#include "format/json/options.h"

namespace mainstem::format::json {
namespace {

Result<void> check_read_options(const config::Node& node) {
  MS_ASSIGN(const auto options, read_fields().read(node));
  const bool of_array = options.layout == Layout::automatic || options.layout == Layout::array;
  if (!options.records.empty() && !of_array)
    return Error(ErrorCode::invalid_config, "option 'records' is for documents with an array of records")
        .at(node.find("records")->position())
        .hint("remove 'layout' or 'records'");
  if (auto nested = read_nested_path(options); !nested)
    return std::move(nested).error().at(node.find(options.keys.empty() ? "rows" : "keys")->position());
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
