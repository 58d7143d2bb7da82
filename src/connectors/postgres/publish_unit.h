#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "connector/sink.h"
#include "connectors/postgres/connection.h"
#include "connectors/postgres/staging.h"
#include "connectors/postgres/state_store.h"

namespace mainstem::connectors::postgres {

/// All that one run loads over a connection: staging tables, and one transaction that publishes them with the cursors.
/// Its control session holds the locks of targets and staging tables.
class PostgresUnit final : public connector::PublishUnit {
 public:
  PostgresUnit(const ConnectionOptions& options, std::unique_ptr<Connection> control, std::string run_id,
               std::shared_ptr<const SeenState> seen);
  ~PostgresUnit() override;

  Result<std::unique_ptr<connector::StagedTable>> stage(Context& context,
                                                        const connector::WriteRequest& request) override;
  Result<std::vector<connector::PublishedTable>> commit(Context& context,
                                                        const connector::StateRecords& state) override;
  void abort() noexcept override;

  Result<connector::Receipt> finish(Context& context, Staging& staging);

 private:
  Result<std::vector<connector::PublishedTable>> publish_all(Context& context, const connector::StateRecords& state);
  Result<void> write_records(Context& context, const connector::StateRecords& state);
  Result<void> commit_transaction();
  void clean_up(Connection& connection);

  const ConnectionOptions options_;
  const std::string run_id_;
  const std::shared_ptr<const SeenState> seen_;
  std::mutex mutex_;  // of the control connection
  std::unique_ptr<Connection> control_;
  std::vector<std::unique_ptr<Staging>> stagings_;
  bool ended_ = false;
};

}  // namespace mainstem::connectors::postgres
