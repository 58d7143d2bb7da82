#pragma once

#include <arrow/type_fwd.h>
#include <memory>

namespace mainstem::plan {

/// Schema of the quarantine table, the same beside every target: run_id, pipeline, step, object, line, byte_offset,
/// column_name, code, reason, record, quarantined_at.
std::shared_ptr<arrow::Schema> quarantine_schema();

}  // namespace mainstem::plan
