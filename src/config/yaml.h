#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/node.h"

namespace mainstem::config {

/// What a text may cost to read. Aliases count as what they stand for, so that a small text cannot grow large.
struct YamlLimits {
  size_t bytes = 2 << 20;
  size_t depth = 64;
  size_t nodes = 200'000;
  size_t expanded_bytes = 16 << 20;
};

/// Reads one YAML 1.2 document. All scalars stay text as written; `null`, `~` and nothing are null nodes. Anchors and
/// aliases are followed; merge keys, tags (but !!str), several documents, keys that are not text and doubled keys are
/// errors. An empty text is a null node. `file` goes into positions; columns count characters.
/// Errors: invalid_config, placed; resource_exhausted past a limit.
Result<Node> read_yaml(std::string_view text, std::string file, const YamlLimits& limits = {});

/// Reads JSON (RFC 8259) with the same reader and the same errors; what only YAML allows is let pass.
Result<Node> read_json(std::string_view text, std::string file, const YamlLimits& limits = {});

/// A value of a command line or an address: "[a, 'b c']" is a list, anything else a scalar as it is.
Node read_short_value(std::string_view text, const std::string& file);

}  // namespace mainstem::config
