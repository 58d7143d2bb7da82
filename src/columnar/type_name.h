#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mainstem::columnar {

/// The Arrow type for a type as users write it in contracts, casts and on the command line, whatever the letter case:
///
/// - text, string, varchar[(n)], char[(n)], uuid, json: utf8
/// - tinyint, smallint, integer, bigint: int8 to int64; "u" before or "unsigned" behind: uint8 to uint64
/// - decimal(p, s), numeric: decimal128, from 39 digits on decimal256
/// - real, float(24): float; double, float: double
/// - boolean: bool; date: date32; blob, bytea, binary: binary; interval: month_day_nano_interval
/// - time[(n)], timestamp[(n)], timestamptz[(n)]: n digits of a second: 0, 3, 6 (if not given) or 9
/// - type[], struct(name type, ...), map(key, value): list, struct, map
///
/// A decimal without digits is decimal(38,9); one with p alone has no places behind the point. A timestamptz is an
/// instant in UTC. Arrow has no type for the length of a text: see `text_length`.
/// Errors: invalid_config, with "did you mean".
Result<std::shared_ptr<arrow::DataType>> parse_type(std::string_view text);

/// The n of "varchar(n)" and "char(n)" in characters; nothing for any other type.
std::optional<int64_t> text_length(std::string_view text);

/// The name of a type for messages, docs and SQL: "decimal(12,2)", "text[]". `parse_type` reads it as the same type,
/// and DuckDB too (where it knows the type: at most 38 digits, no digits of a second but in timestamp). Types that
/// differ only in how values are laid out have one name. Arrow's own name for types that have none here.
std::string type_name(const arrow::DataType& type);

}  // namespace mainstem::columnar
