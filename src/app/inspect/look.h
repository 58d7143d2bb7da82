#pragma once

#include <arrow/type_fwd.h>
#include <memory>
#include <string>
#include <vector>

#include "app/run_context.h"
#include "app/services.h"
#include "connector/source.h"
#include "pipeline/spec.h"

/// Looking at data without moving it.
namespace mainstem::app::inspect {

/// Tables of a connection of the project whose names fit the pattern (empty = all).
Result<std::vector<connector::TableInfo>> discover(Context& context, const Services& services,
                                                   const pipeline::Project& project, const std::string& connection,
                                                   const std::string& pattern);
/// Tables behind an address; its "#..." is the pattern.
Result<std::vector<connector::TableInfo>> discover_address(Context& context, const Services& services,
                                                           const std::string& address);

/// What a query reads under a name.
struct NamedAddress {
  std::string name;
  std::string address;
};
/// The first rows of a query that runs here, over `tables` and the addresses that stand quoted in it.
Result<std::shared_ptr<arrow::Table>> query(RunContext& context, const Services& services,
                                            std::vector<NamedAddress> tables, const std::string& sql, int64_t max_rows);
/// The first rows of a query that runs in the system of a connection. Errors: also unsupported.
struct RemoteQuery {
  std::string connection;
  std::string sql;
  int64_t max_rows = 0;
};
Result<std::shared_ptr<arrow::Table>> query_connection(RunContext& context, const Services& services,
                                                       const pipeline::Project& project, const RemoteQuery& query);

/// Writes a table in a file format ("csv", "json", ...) to standard output. Errors: invalid_config for an unknown one.
Result<void> write_formatted(Context& context, const arrow::Table& table, const std::string& format);

}  // namespace mainstem::app::inspect
