#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mainstem {
struct Context;
}

namespace mainstem::io {

/// One file with its identity: when size or time differ, it is not the file that was listed.
struct ListedFile {
  std::string path;
  int64_t size = 0;
  int64_t modified_ns = 0;  ///< since 1970
  std::string root;         ///< the folder that was scanned; empty if the file itself was named or matched
};

/// The regular files (and pipes, devices) that a path stands for, sorted by path, each once:
/// - a file stands for itself, also if its name looks like a pattern;
/// - a folder stands for all files below it, leaving out files and folders whose names begin with "." or "_";
/// - a pattern stands for the files it matches: `*` and `?` within a name, `[a-z]` and `[!a-z]`, and `**` as a whole
/// part
///   for any number of folders; a name that begins with "." matches only if the part is written so, and below `**`
///   neither do names that begin with "_". Folders that match are left out.
/// Symbolic links are followed; a loop ends at its second turn.
/// Errors: not_found for a missing path or a pattern that matches no file; permission_denied for a folder that cannot
/// be read (it is never skipped); cancelled.
Result<std::vector<ListedFile>> list_files(Context& context, const std::string& path);

/// One file by its exact name. Errors: not_found, permission_denied; invalid_config for a folder.
Result<ListedFile> list_file(const std::string& path);

/// True if `path` holds a character that makes it a pattern.
bool is_pattern(std::string_view path);
/// Matches one part of a path (no "/"); the time is bounded by the product of both lengths.
bool matches_name(std::string_view pattern, std::string_view name);

}  // namespace mainstem::io
