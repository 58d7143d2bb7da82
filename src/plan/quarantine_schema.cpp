#include "plan/quarantine_schema.h"

#include <arrow/api.h>

namespace mainstem::plan {

std::shared_ptr<arrow::Schema> quarantine_schema() {
  const auto text = arrow::utf8();
  return arrow::schema({arrow::field("run_id", text, false), arrow::field("pipeline", text, false),
                        arrow::field("step", text, false), arrow::field("object", text),
                        arrow::field("line", arrow::int64()), arrow::field("byte_offset", arrow::int64()),
                        arrow::field("column_name", text), arrow::field("code", text, false),
                        arrow::field("reason", text), arrow::field("record", text),
                        arrow::field("quarantined_at", arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"), false)});
}

}  // namespace mainstem::plan
