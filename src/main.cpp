#include <cstdlib>

#include "cli/program.h"

int main(int argc, char** argv) {
  // Arrow takes its allocator when the first buffer is made. jemalloc keeps freed pages for a second; mimalloc, which
  // it would take by itself, gives them back so soon that a run clears each of them many times, and holds more besides.
  setenv("ARROW_DEFAULT_MEMORY_POOL", "jemalloc", 0);
  return mainstem::cli::run_program(argc, argv);
}
