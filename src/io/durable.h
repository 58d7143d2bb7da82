#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mainstem::io {

/// Makes the entries of a folder durable, for what was created, renamed or removed in it.
Result<void> sync_folder(const std::string& folder);
/// Renames within one file system, replacing `to`, and makes both folders durable.
Result<void> rename_durably(const std::string& from, const std::string& to);
/// Creates a folder with its parents, each durable in its own. Errors: already_exists if something else has the name.
Result<void> create_folders(const std::string& folder);
/// Removes a file durably; one that is missing is no error.
Result<void> remove_file(const std::string& path);
/// Removes a folder and all that is in it; one that is missing is no error.
Result<void> remove_folder(const std::string& folder);

/// The whole of a small file. Errors: not_found, permission_denied, resource_exhausted if it is larger than `limit`.
Result<std::string> read_text_file(const std::string& path, size_t limit);
/// Writes a whole file aside and renames it: readers see the old text or the new one, also after a crash. What killed
/// processes left of earlier writes of it is removed.
Result<void> write_text_file(const std::string& path, std::string_view text);

}  // namespace mainstem::io
