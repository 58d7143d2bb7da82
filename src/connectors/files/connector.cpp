#include "config/yaml.h"
#include "connector/spec.h"
#include "connectors/files/formats.h"
#include "connectors/files/options.h"
#include "connectors/files/sink.h"
#include "connectors/files/source.h"
#include "connectors/files/target.h"

namespace mainstem::connectors::files {
namespace {

constexpr const char* kReadExample = R"(connections:
  drops: {type: files, path: data}
sources:
  orders:
    from: drops
    path: orders/*.csv.gz
    delimiter: ";"
)";

constexpr const char* kWriteExample = R"(connections:
  lake: {type: files, path: lake}
targets:
  - model: daily
    to: lake
    path: events/
    format: parquet
    mode: partition
    partition_by: [day]
)";

constexpr const char* kNotes =
    R"(**Options of the format** (delimiter, row group size, ...) stand beside `path`, in the same map. One that both sides have,
such as `compression` of Parquet, is the format's.

In an address they stand behind the path, in `copy`, `query` and `discover` alike: `'orders.csv?delimiter=;&header=no'`. There `%26` is
an `&`, and `[a, b]` a list. A `?` that is not followed by the name of an option and `=` stays part of the path or pattern.

**Reading.** A folder stands for all files below it whose names (and folders) do not begin with `.` or `_`; all must have
one format, which their names or `format` tell. Folders such as `dt=2026-01-01` become columns: whole numbers, dates, or
text; `__HIVE_DEFAULT_PARTITION__` is null. A folder that Mainstem wrote is read by its manifest: exactly the files of the
last publish, with the types that were written. Content decides whether a file is compressed; one that ends in the middle
is an error, and so is one that changes between planning and reading. Compressed files of formats that need random access,
standard input and pipes are copied to the scratch folder first.

**Writing one file** (mode `replace`): it is written aside and renamed, so that readers see the old file or the new one.
Positions of incremental sources stand beside it in `.NAME.mainstem.json`, written directly after. Standard output and
devices take rows at once, keep no positions, and can repeat rows if a run is repeated.

**Writing a folder** (modes `append`, `replace`, `partition`): `_mainstem/manifest.json` lists the files that count, and its
rename publishes rows and positions in one step. Programs that do not know the manifest see the files a moment later, as
they are moved and removed one by one. `append` and `partition` need the columns, format and partition columns that the
folder has. One run at a time may write a folder. A folder that holds other files is refused, unless mode `replace` has
`overwrite: true`, which deletes them.

**Order of rows.** Threads read parts of a file at the same time, so rows come in no certain order; `--threads 1` keeps that of
the source.

**Several targets** of one connection are published one after the other, each with its own positions. A run that is killed
between two of them reads again for the later ones; its quarantined rows, which go first, may then stand there twice.

**Quarantine** of `NAME` is the folder `NAME.quarantine` beside it, in Parquet; that of standard output is
`mainstem.quarantine` in the connection's folder.
)";

Result<connector::Address> read_url(const connector::Url& url) {
  if (!url.host.empty() && url.host != "localhost")
    return Error(ErrorCode::invalid_config, "a file URL names another machine: '" + url.host + "'")
        .hint("write file:///absolute/path, or a plain path");
  connector::Address address;
  address.connection = config::Node::map({});
  address.table_options = config::Node::map({});
  // A plain path may hold '#': only a file URL has a fragment, and files have no tables inside.
  auto path = url.fragment.empty() ? url.path : url.path + "#" + url.fragment;
  auto options = url.query;
  if (url.scheme.empty()) MS_TRY(take_path_options(format::all_formats(), path, options));
  address.table_options.set("path", config::Node::scalar(path, {}, true));
  for (const auto& [key, value] : options)
    address.table_options.set(key, config::read_short_value(value, "?" + key), {.file = "?" + key});
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
  spec.capabilities.write = true;
  // A single file promises less than a folder with its manifest, and standard output only at_least_once; mode replace
  // has all three.
  spec.capabilities.writes = {{WriteMode::append, Delivery::atomic_commit},
                              {WriteMode::replace, Delivery::atomic_swap},
                              {WriteMode::partition, Delivery::atomic_commit}};
  spec.notes = kNotes;
  spec.examples = {kReadExample, kWriteExample};
  spec.connection_options = connection_fields().shared_table();
  spec.source_options = with_format_options(source_fields().table(), formats, Direction::read);
  spec.target_options = with_format_options(target_fields().table(), formats, Direction::write);
  spec.check_connection = [](const config::Node& node) -> Result<void> {
    MS_TRY(connection_fields().read(node));
    return {};
  };
  spec.check_source = [&formats](const config::Node& node) { return check_source(node, formats); };
  spec.check_target = [&formats](const config::Node& node) { return check_target(node, formats); };
  spec.read_url = read_url;
  spec.make_source = [&formats](const config::Node& node) { return make_source(node, formats); };
  spec.make_sink = [&formats](const config::Node& node) { return make_sink(node, formats); };
  return spec;
}

}  // namespace mainstem::connectors::files
