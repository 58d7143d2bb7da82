#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace mainstem {

void check_failed(const char* condition, const char* message, const char* file, int line) {
  std::fprintf(stderr, "mainstem: internal error at %s:%d: %s (%s)\n", file, line, message, condition);
  std::abort();
}

}  // namespace mainstem
