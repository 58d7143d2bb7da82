#pragma once

#include <arrow/type_fwd.h>
#include <string>
#include <vector>

#include "base/result.h"
#include "check/check.h"
#include "engine/engine.h"
#include "pipeline/spec.h"

namespace mainstem::plan {

/// A source as its contract and projection want it, compared with what it has.
struct SourceShape {
  /// The SELECT list over the source's rows; empty = every column as it is.
  std::string select;
  /// Checks that stand for "not null" and for the length of "varchar(n)"; they quarantine or block as `bad_rows` says.
  std::vector<check::Check> checks;
};

/// `schema` as the engine gives it. Errors: invalid_config for a column that the source does not have; invalid_data for
/// a source that breaks its contract.
Result<SourceShape> shape_source(const pipeline::SourceSpec& source, const arrow::Schema& schema,
                                 engine::Analyzer& analyzer);

/// A check that stands for something the source must hold to: it quarantines or blocks as the contract's `bad_rows`
/// says.
check::Check contract_check(const pipeline::SourceSpec& source, check::Rule rule, const FilePosition& position);

}  // namespace mainstem::plan
