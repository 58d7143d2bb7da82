#include "format/format.h"

#include "format/xml/options.h"
#include "format/xml/scan.h"
#include "format/xml/writer.h"

namespace mainstem::format::xml {
namespace {

Result<void> check_read_options(const config::Node& node) {
  MS_ASSIGN(const auto options, read_fields().read(node));
  if (auto path = parse_row_path(options.row); !path) return std::move(path).error().at(node.find("row")->position());
  return {};
}

}  // namespace

FormatSpec declare() {
  return {.name = "xml",
          .title = "XML",
          .extensions = {"xml"},
          .read_options = read_fields().shared_table(),
          .write_options = write_fields().shared_table(),
          .check_read_options = check_read_options,
          .check_write_options = check_write_options,
          .plan_scan = plan_scan,
          .open_writer = open_writer};
}

}  // namespace mainstem::format::xml
