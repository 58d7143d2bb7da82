#pragma once

#include <memory>
#include <string>

#include "io/input.h"
#include "io/local_input.h"

namespace mainstem::connectors::files {

/// A data file that a manifest lists: it stands at `place`, or still at `staged` and will be moved from there to
/// `place` by its publisher, maybe while it is read. Errors at opening: conflict if a later publish has removed it;
/// invalid_data if it has not the size that was published.
Result<std::shared_ptr<io::Input>> open_published_file(std::string place, std::string staged, int64_t bytes,
                                                       const io::InputOptions& options);

}  // namespace mainstem::connectors::files
