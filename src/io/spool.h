#pragma once

#include <memory>

#include "io/input.h"

namespace mainstem {
struct Context;
}

namespace mainstem::io {

/// Copies an input that passes by once, or that is compressed, into the scratch folder, where it can be read at any
/// offset and any number of times. It keeps its name for people; the copy goes away with the last user.
/// Errors: those of reading; resource_exhausted if the disk is full; cancelled.
Result<std::shared_ptr<Input>> spool(Context& context, Input& input);

/// The input itself if it can be read more than once, else a spooled copy: for formats that look at everything before
/// they read it. Errors: those of `spool`.
Result<std::shared_ptr<Input>> make_rereadable(Context& context, std::shared_ptr<Input> input);

}  // namespace mainstem::io
