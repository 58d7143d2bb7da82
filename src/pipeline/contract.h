#pragma once

#include <arrow/type_fwd.h>
#include <memory>
#include <vector>

#include "base/result.h"
#include "check/check.h"
#include "pipeline/spec.h"

namespace mainstem::pipeline {

/// The declared columns as connector::ReadRequest::declared takes them; null if there are none. All may hold null: rows
/// that break "not null" still travel, up to the check. Errors: invalid_config for an unknown type, placed.
Result<std::shared_ptr<arrow::Schema>> declared_schema(const Contract& contract);

/// All checks of a source: those its contract stands for ("not null", the length of "varchar(n)"), which quarantine or
/// block as its `bad_rows` says, then its own. Names are unique.
std::vector<check::Check> source_checks(const SourceSpec& source);

}  // namespace mainstem::pipeline
