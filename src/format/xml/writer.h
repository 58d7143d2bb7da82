#pragma once

#include "format/format.h"

namespace mainstem::format::xml {

Result<void> check_write_options(const config::Node& node);

/// Writes each row as an element with an element for every column that is not null; structs have elements inside of
/// theirs, and a list is one element for each item, so that an empty list looks like null. Numbers keep all digits.
/// Errors: unsupported, for a type without XML form; invalid_config and invalid_data, for names that are no XML names;
/// invalid_data, naming row and column, for characters that XML cannot hold and for nulls in lists.
Result<std::unique_ptr<Writer>> open_writer(Context& context, WriteRequest request);

}  // namespace mainstem::format::xml
