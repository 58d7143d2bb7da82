#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "config/node.h"
#include "connectors/files/options.h"
#include "format/format.h"
#include "io/input.h"

namespace mainstem::connectors::files {

using Formats = std::vector<format::FormatSpec>;

const format::FormatSpec* find_format(const Formats& formats, std::string_view name);
/// The format that a file's name ends as, before an ending such as .gz; null if none.
const format::FormatSpec* format_of_name(const Formats& formats, std::string_view path);
/// Errors: invalid_config with "did you mean", placed at the option.
Result<const format::FormatSpec*> named_format(const Formats& formats, const std::string& name,
                                               const config::Node& options);
/// That no format can be told from `what`.
Error unknown_format(const Formats& formats, const std::string& what, const config::Node& options);

/// Options of a source or target, told apart: the connector's own and the format's.
struct SplitOptions {
  config::Node own;
  config::Node format;
};
/// Options stand in one map. One that both sides have (`compression`) goes to the format. Errors: unknown keys.
Result<SplitOptions> split_options(const config::Node& options, const config::OptionTable& own,
                                   const config::OptionTable* format);

enum class Direction { read, write };
/// The connector's options followed by those of all formats, for schemas and help.
std::shared_ptr<const config::OptionTable> with_format_options(const config::OptionTable& own, const Formats& formats,
                                                               Direction direction);

std::optional<io::Compression> to_compression(CompressionChoice choice);

/// Options behind a plain path, as in "orders.csv?delimiter=;&header=no", are taken off `path` and added to `options`.
/// A '?' that is not followed by the name of an option and '=' belongs to the path, as a pattern. Values are
/// percent-decoded. Errors: invalid_config, with "did you mean", for an unknown option behind a known one.
Result<void> take_path_options(const Formats& formats, std::string& path,
                               std::vector<std::pair<std::string, std::string>>& options);

}  // namespace mainstem::connectors::files
