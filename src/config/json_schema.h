#pragma once

#include <string>

#include "base/json.h"
#include "config/option.h"

namespace mainstem::config {

/// JSON Schema (draft 2020-12) of a map with the options of `table`, for editors and machines.
std::string json_schema(const OptionTable& table, const std::string& title);

/// Parts of such a schema, for documents put together from several tables.
/// The value of one option: type, bounds, choices, default, examples, description.
void write_option_schema(JsonWriter& json, const Option& option);
/// The members "properties" and "required" of an object that is open.
void write_properties(JsonWriter& json, const OptionTable& table);
/// The properties alone, into a "properties" object that is open.
void write_each_property(JsonWriter& json, const OptionTable& table);

}  // namespace mainstem::config
