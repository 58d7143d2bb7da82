#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/inspect/cells.h"
#include "app/run_context.h"
#include "app/services.h"
#include "pipeline/spec.h"

namespace mainstem::app::inspect {

/// How one test of a model ended.
struct TestOutcome {
  std::string name;
  std::string model;
  std::vector<std::string> columns;  ///< that were compared
  std::vector<CellRow> missing;      ///< expected rows that the model did not give
  std::vector<CellRow> surplus;      ///< rows that nobody expected
  std::optional<Error> error;        ///< the test could not be run

  bool passed() const { return !error && missing.empty() && surplus.empty(); }
};

/// Gives a model the rows of its test and compares what comes out with what is expected: as sets with repetition, by
/// the columns that the test names, in the types of the model. Models that are not given are computed; a source that
/// is needed and not given is an error: nothing is read but what the test gives, and no connection is opened.
TestOutcome run_test(RunContext& context, const Services& services, const pipeline::Project& project,
                     const pipeline::TestSpec& test);

}  // namespace mainstem::app::inspect
