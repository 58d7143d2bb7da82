#pragma once

#include <optional>

#include "app/run_context.h"
#include "config/fields.h"

namespace mainstem::cli {

/// Options of commands that move data.
struct ResourceArguments {
  std::optional<ByteCount> memory;
  std::optional<int> threads;
  std::optional<int64_t> batch_rows;
};
const config::Fields<ResourceArguments>& resource_fields();
app::Resources to_resources(const ResourceArguments& arguments);

}  // namespace mainstem::cli
