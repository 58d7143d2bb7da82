#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "connector/sink.h"

namespace mainstem {
struct Context;
}

namespace mainstem::connectors::files {

/// What stands below a connection's folder, found by looking. Hidden folders, hive folders (`dt=...`) and more than 16
/// levels are passed over, and so is what may not be read.
struct Findings {
  std::vector<std::string> sets;         ///< folders with _mainstem
  std::vector<std::string> unpublished;  ///< temporary files of outputs
};
Result<Findings> look_through(Context& context, const std::string& base);

/// Staging folders and temporary files that nobody writes any more.
Result<std::vector<connector::Orphan>> find_orphans(Context& context, const std::string& base);
Result<void> remove_orphans(Context& context, const std::vector<connector::Orphan>& orphans);

}  // namespace mainstem::connectors::files
