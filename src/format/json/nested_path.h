#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/column_plan.h"
#include "format/json/options.h"
#include "format/shape.h"

namespace mainstem::format::json {

/// Where options `rows` and `keys` lead to inside of a record.
struct NestedPath {
  struct Key {
    std::vector<std::string> steps;
    std::string column;
  };

  std::vector<std::string> steps;  ///< names from the record to the list; never empty
  std::vector<Key> keys;

  /// The column of elements that are no objects, that of the record's number, and that of the row's place in it.
  static constexpr std::string_view kValue = "value";
  static constexpr std::string_view kParent = "_parent";
  static constexpr std::string_view kIndex = "_index";

  /// How many steps lead to both the list and the key.
  size_t level_of(const Key& key) const;
};

/// Names of a dotted path.
std::vector<std::string> split_path(std::string_view path);

/// Nothing without option `rows`. Errors: invalid_config, for an empty name, keys without rows, a key that leads to or
/// into the rows, or one that is there twice.
Result<std::optional<NestedPath>> read_nested_path(const ReadOptions& options);

/// How the shape of an input read by `rows` is kept: elements are the items of the root, keys its members by their
/// column, and the root is a list where a list was found.
/// Errors: not_found, if sound records have neither list nor key at a path.
Result<std::vector<ColumnPlan>> plan_nested_columns(const NestedPath& path, const Shape& shape,
                                                    std::vector<std::string>& mixed);

/// Dotted paths of the lists inside of columns, those inside of other lists included: what `rows` can name.
std::vector<std::string> paths_of_lists(const std::vector<ColumnPlan>& columns, const std::string& prefix);

}  // namespace mainstem::format::json
