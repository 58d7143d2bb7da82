#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/node.h"

namespace mainstem::config {

/// Where references get their values from. An empty function = that kind is not allowed here.
struct Resolver {
  std::function<std::optional<std::string>(const std::string& name)> env;
  std::function<Result<std::string>(const std::string& path)> file;  ///< one line break at the end is dropped
  std::function<std::optional<std::string>(const std::string& name)> param;
  /// Called with what is wrong where a value of env or file is missing and has no default; its answer stands for the
  /// value. Empty = that is an error.
  std::function<std::string(Error error)> stand_in = {};
};

/// Replaces `${env:NAME}`, `${file:path}`, `${param:name}` in a scalar's text; `${env:NAME:-default}` stands for what
/// is missing, `$${` for `${`. Text from env and file makes the result sensitive. A scalar that is one reference and
/// nothing else counts as unquoted. Nothing is expanded twice. Errors: invalid_config, placed at the reference; the
/// file's own error.
Result<Node> expand_text(const Node& scalar, const Resolver& resolver);

/// The same in SQL: only `${param:name}`, which becomes an SQL text literal. Values with a backslash or a control
/// character are refused, because dialects disagree about them.
Result<Node> expand_sql(const Node& scalar, const Resolver& resolver);

/// Expands all scalars below `node`; the texts of map keys named in `sql_keys` are SQL. Keys are left as they are.
Result<Node> expand_references(Node node, const Resolver& resolver, const std::vector<std::string>& sql_keys = {});

}  // namespace mainstem::config
