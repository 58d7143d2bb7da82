#pragma once

#include <memory>

#include "io/input.h"

namespace mainstem {
struct Context;
}

namespace mainstem::format {

/// The input itself if it can be read more than once; else a copy of it in the run's scratch folder, which goes away
/// with its last user. For formats that look at everything before they read it.
/// Errors: those of reading and of writing the copy; cancelled.
Result<std::shared_ptr<io::Input>> make_rereadable(Context& context, std::shared_ptr<io::Input> input);

}  // namespace mainstem::format
