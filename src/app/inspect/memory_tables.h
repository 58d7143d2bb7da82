#pragma once

#include <arrow/type_fwd.h>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "connector/spec.h"

namespace mainstem::app::inspect {

/// Tables in memory by name, which a run can read and write like those of any other system: so that previews, queries
/// and tests of models go the way of every run. Thread-safe.
class MemoryTables {
 public:
  void put(const std::string& name, std::shared_ptr<arrow::Table> table);
  /// Null if there is none.
  std::shared_ptr<arrow::Table> find(const std::string& name) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<arrow::Table>> tables_;
};

/// The `type:` of their connection, and its name, which is none that a project would give.
inline constexpr const char* kMemoryType = "memory";
inline constexpr const char* kMemoryConnection = "rows in memory";

/// A connector over `tables`: reads a table by its name, and replaces it by what is written.
connector::ConnectorSpec memory_connector(std::shared_ptr<MemoryTables> tables);

}  // namespace mainstem::app::inspect
