#pragma once

#include <arrow/type.h>
#include <string>
#include <vector>

#include "base/result.h"
#include "pipeline/spec.h"
#include "plan/stage.h"
#include "state/ledger.h"

namespace mainstem::app {

/// What shapes the sources of a pipeline had in an environment's last run.
class SchemaHistory {
 public:
  /// The ledger outlives this object.
  SchemaHistory(state::Ledger& ledger, state::PipelineKey key) : ledger_(ledger), key_(std::move(key)) {}

  /// Compares the shapes of a plan's sources with those remembered; before the first run with the contract's. Returns
  /// what has changed, as sentences. Errors: invalid_data, unless `accept`, if a column is gone (one that silently
  /// disappears from a target is data lost) or has a type that the contract's `types` does not admit.
  Result<std::vector<std::string>> compare(const pipeline::PipelineSpec& spec, const plan::Plan& plan, bool accept);

  /// The remembered types of columns of `schema` that hold no value this time, as their type is but a guess then.
  Result<arrow::FieldVector> types_without_values(const std::string& source, const arrow::Schema& schema);

  /// Remembers the shapes, after a run has succeeded.
  Result<void> remember(const pipeline::PipelineSpec& spec, const plan::Plan& plan, const std::string& run_id,
                        const std::string& now);

 private:
  state::Ledger& ledger_;
  state::PipelineKey key_;
};

}  // namespace mainstem::app
