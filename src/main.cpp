#include "cli/program.h"

int main(int argc, char** argv) { return mainstem::cli::run_program(argc, argv); }
