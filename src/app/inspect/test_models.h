#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/run_context.h"
#include "app/services.h"
#include "pipeline/spec.h"

namespace mainstem::app::inspect {

/// How one test of a model ended.
struct TestOutcome {
  std::string name;
  std::string model;
  std::vector<std::string> columns;               ///< that were compared
  std::vector<std::vector<std::string>> missing;  ///< expected rows that the model did not give
  std::vector<std::vector<std::string>> surplus;  ///< rows that nobody expected
  std::optional<Error> error;                     ///< the test could not be run

  bool passed() const { return !error && missing.empty() && surplus.empty(); }
};

/// Gives a model the rows of its test and compares what comes out with what is expected: as sets with repetition, by
/// the columns that the test names. Sources and models that are not given are computed or, for sources, missing.
TestOutcome run_test(RunContext& context, const Services& services, const pipeline::Project& project,
                     const pipeline::TestSpec& test);

}  // namespace mainstem::app::inspect
