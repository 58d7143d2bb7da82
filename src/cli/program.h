#pragma once

namespace mainstem::cli {

/// Runs the command that the words name; returns the exit code.
int run_program(int argc, char** argv);

}  // namespace mainstem::cli
