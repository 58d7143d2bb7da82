#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connector/sink.h"
#include "connectors/sqlite/options.h"

namespace mainstem::connectors::sqlite {

/// Staging tables are "_mainstem_stage_<run>_<n>".
inline constexpr std::string_view kStagePrefix = "_mainstem_stage_";

/// File beside a database that a run keeps locked while it has staging tables there. Locking the database itself would
/// disturb SQLite's locks, which end when any descriptor of the file is closed.
std::string live_mark(const std::string& database, const std::string& run_id);
/// Removes the marks of runs that have died.
void remove_dead_marks(const std::string& database);
inline constexpr std::string_view kStateTable = "_mainstem_state";

/// Opens the file for staging, making it if needed. Errors: those of opening it.
Result<std::unique_ptr<connector::PublishUnit>> begin_unit(Context& context, const ConnectionOptions& options,
                                                           const std::string& run_id);

/// Writes tables of one SQLite file, which becomes visible with its state in one transaction. Thread-safe.
class SqliteSink final : public connector::Sink {
 public:
  explicit SqliteSink(ConnectionOptions options) : options_(std::move(options)) {}

  Result<void> check(Context& context, const connector::WriteRequest& request) override;
  Result<std::unique_ptr<connector::PublishUnit>> begin(Context& context, const std::string& run_id) override;
  Result<connector::StateRecords> published_state(Context& context, const std::string& pipeline,
                                                  const std::vector<connector::WriteRequest>& requests) override;
  Result<std::vector<connector::Orphan>> find_orphans(Context& context) override;
  Result<void> remove_orphans(Context& context, const std::vector<connector::Orphan>& orphans) override;
  connector::QuarantinePlace quarantine_place(const connector::WriteRequest& request) const override;
  std::string uri(const connector::WriteRequest& request) const override;
  std::vector<connector::Probe> probe(Context& context) override;

 private:
  ConnectionOptions options_;
};

}  // namespace mainstem::connectors::sqlite
