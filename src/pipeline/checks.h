#pragma once

#include <memory>
#include <vector>

#include "check/check.h"
#include "config/option.h"
#include "pipeline/error_list.h"

namespace mainstem::pipeline {

/// Reads a list of checks: each a map with one rule ("unique: id", "range: {column: a, min: 0}"); `name`, `severity`
/// and `on_fail` stand beside the rule or inside it. Wrong ones are left out and go to `errors`.
std::vector<check::Check> read_checks(const config::Node& list, ErrorList& errors);

/// Puts " #2" and so on behind names that occur again.
void make_names_unique(std::vector<check::Check>& checks);

/// The rules as options, for schema and docs.
std::shared_ptr<const config::OptionTable> check_options();

}  // namespace mainstem::pipeline
