#pragma once

#include <string>
#include <vector>

#include "config/node.h"
#include "pipeline/error_list.h"
#include "pipeline/spec.h"

namespace mainstem::pipeline {

/// Reads one test file: one test or a list of them. Tests with errors are left out.
std::vector<TestSpec> read_test_file(const std::string& path, ErrorList& errors);

/// Reads the tests of one model, in which `model` need not be said.
std::vector<TestSpec> read_tests(const config::Node& list, const std::string& model, ErrorList& errors);

}  // namespace mainstem::pipeline
