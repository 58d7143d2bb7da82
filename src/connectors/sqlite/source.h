#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connector/source.h"
#include "connectors/sqlite/options.h"

namespace mainstem::connectors::sqlite {

/// Plans a read and takes its snapshot. Errors: those of opening the file; not_found (table, column); invalid_config
/// (query, predicate, cursor).
Result<std::unique_ptr<connector::PlannedRead>> plan_sqlite_read(Context& context, const ConnectionOptions& options,
                                                                 const connector::ReadRequest& request);

/// Reads tables, views and queries of one SQLite file. Thread-safe.
class SqliteSource final : public connector::Source {
 public:
  explicit SqliteSource(ConnectionOptions options) : options_(std::move(options)) {}

  Result<std::vector<connector::TableInfo>> discover(Context& context, const std::string& pattern) override;
  Result<std::unique_ptr<connector::PlannedRead>> plan_read(Context& context,
                                                            const connector::ReadRequest& request) override;
  std::vector<connector::Probe> probe(Context& context) override;

 private:
  ConnectionOptions options_;
};

}  // namespace mainstem::connectors::sqlite
