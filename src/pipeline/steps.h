#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "config/node.h"
#include "config/option.h"

namespace mainstem::pipeline {

/// Compiles one-line steps into a SELECT (DuckDB's dialect) over the source or model `from`; each step reads the one
/// before it. Steps:
///   rename: {old: new}                   cast: {column: type}            trim: [column]
///   filter: condition                    drop: [column]
///   dedupe: {key: [column], latest: column}
///   lookup: {from: model, on: column | {column: their_column}, take: [column]}
///   flatten: {column: json_column, fields: {path.in.json: type}}
/// Errors: invalid_config, placed.
Result<std::string> compile_steps(const std::string& from, const config::Node& steps);

/// The name of a type that columnar::parse_type knows, as written. Errors: invalid_config, placed.
Result<std::string> read_type(const config::Node& node);

/// The steps as options, for schema and docs.
std::shared_ptr<const config::OptionTable> step_options();

}  // namespace mainstem::pipeline
