#include "connector/spec.h"
#include "connectors/files/formats.h"
#include "connectors/files/options.h"
#include "connectors/files/source.h"

namespace mainstem::connectors::files {
namespace {

Result<connector::Address> read_url(const connector::Url& url) {
  if (!url.host.empty() && url.host != "localhost")
    return Error(ErrorCode::invalid_config, "a file URL names another machine: '" + url.host + "'")
        .hint("write file:///absolute/path, or a plain path");
  connector::Address address;
  address.connection = config::Node::map({});
  address.table_options = config::Node::map({});
  // A plain path may hold '#': only a file URL has a fragment, and files have no tables inside.
  const auto path = url.fragment.empty() ? url.path : url.path + "#" + url.fragment;
  address.table_options.set("path", config::Node::scalar(path, {}, true));
  for (const auto& [key, value] : url.query) address.table_options.set(key, config::Node::scalar(value));
  return address;
}

}  // namespace

connector::ConnectorSpec declare();

connector::ConnectorSpec declare() {
  using connector::Delivery;
  using connector::WriteMode;
  const auto& formats = format::all_formats();
  connector::ConnectorSpec spec{.name = "files",
                                .title = "Files",
                                .summary =
                                    "Local files, folders and standard input "
                                    "and output, in every format."};
  spec.schemes = {"", "file"};
  spec.capabilities.read = true;
  spec.capabilities.discover = true;
  spec.capabilities.projection = true;
  spec.capabilities.parallel_read = true;
  spec.connection_options = connection_fields().shared_table();
  spec.source_options = with_format_options(source_fields().table(), formats, Direction::read);
  spec.target_options = with_format_options(target_fields().table(), formats, Direction::write);
  spec.check_connection = [](const config::Node& node) -> Result<void> {
    MS_TRY(connection_fields().read(node));
    return {};
  };
  spec.check_source = [&formats](const config::Node& node) { return check_source(node, formats); };
  spec.read_url = read_url;
  spec.make_source = [&formats](const config::Node& node) { return make_source(node, formats); };
  return spec;
}

}  // namespace mainstem::connectors::files
