#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mainstem::format::json {

/// Why a record is no row.
struct Complaint {
  /// invalid_json, invalid_utf8, not_an_object, duplicate_key, too_deep, unknown_column, or a misfit
  std::string code;
  std::string reason;       ///< for people
  std::string column = {};  ///< top-level or dotted name, if it is about one
};

/// About a record that is no JSON object by its first byte, or not UTF-8.
std::optional<Complaint> refuse_other_kinds(std::string_view record);

}  // namespace mainstem::format::json
