#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace mainstem::app {

/// Writes a whole file, in folders that are made if missing. Errors: as io::write_text_file.
Result<void> write_text_file(const std::filesystem::path& path, std::string_view text);

}  // namespace mainstem::app
