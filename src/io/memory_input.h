#pragma once

#include <memory>
#include <string>

#include "io/input.h"

namespace mainstem::io {

/// How an object in memory behaves.
struct MemoryInputOptions {
  bool seekable = true;
  bool rereadable = true;                       ///< false: `open_stream` works once, as standard input
  Compression compression = Compression::none;  ///< of `bytes`; a compressed object is not seekable
};

/// An object whose bytes are given; for tests and small inline data.
std::shared_ptr<Input> memory_input(std::string name, std::string bytes, MemoryInputOptions options = {});

}  // namespace mainstem::io
