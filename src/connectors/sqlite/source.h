#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connector/source.h"
#include "connectors/sqlite/options.h"

namespace mainstem::connectors::sqlite {

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
