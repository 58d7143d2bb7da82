#include "app/published_positions.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "app/prepare.h"
#include "app/project.h"
#include "plan/names.h"
#include "plan/planner.h"
#include "state/ledger.h"

namespace mainstem::app {
namespace {

using connector::StateRecord;
using connector::WriteRequest;

// Programs before environments had cursors of their own stored all without one. Of a run that nobody here knows, it is
// the likelier that the environment has its targets to itself.
bool belongs_to(const std::string& environment, const StateRecord& record, std::optional<state::Ledger>& ledger) {
  if (!ledger) return true;
  const auto run = ledger->run(record.run_id);
  return !run || run->start.environment == environment;
}

}  // namespace

PublishedPositions::PublishedPositions(const pipeline::Project& project, const pipeline::PipelineSpec& spec,
                                       const pipeline::Graph& graph)
    : project_(project), spec_(spec), graph_(graph) {}

Result<void> PublishedPositions::load(Context& context, run::Connections& connections) {
  std::map<std::string, std::vector<WriteRequest>> by_connection;
  for (const auto& target : spec_.targets) by_connection[target.to].push_back(write_request(spec_, target));
  auto ledger = existing_ledger(project_);
  auto environments = project_.environments;
  environments.emplace_back();
  std::erase(environments, project_.environment);
  for (const auto& [name, requests] : by_connection) {
    MS_ASSIGN(auto* sink, connections.sink(name));
    const auto published = [&](const std::string& environment) -> Result<connector::StateRecords> {
      MS_ASSIGN_DURING(auto records,
                       sink->published_state(context, plan::state_name(spec_.name, environment), requests),
                       "reading the cursors in connection " + name);
      return records;
    };
    MS_ASSIGN(auto own, published(project_.environment));
    for (auto& record : own) {
      if (record.source == plan::kFullReads) {
        full_reads_.push_back(std::move(record));
        continue;
      }
      const bool ours = !project_.environment.empty() || belongs_to(project_.environment, record, ledger);
      (ours ? records_ : of_others_).insert_or_assign({record.source, record.target}, std::move(record));
    }
    for (const auto& environment : environments) {
      MS_ASSIGN(auto others, published(environment));
      for (auto& record : others) {
        if (record.source == plan::kFullReads) continue;
        const Key key{record.source, record.target};
        if (records_.contains(key)) continue;
        const bool adopted = environment.empty() && belongs_to(project_.environment, record, ledger);
        (adopted ? records_ : of_others_).insert_or_assign(key, std::move(record));
      }
    }
  }
  return {};
}

Result<std::optional<columnar::Position>> PublishedPositions::find(const std::string& source) const {
  const StateRecord* oldest = nullptr;
  std::vector<std::string> without;
  bool doubles = false;
  for (const auto& target : spec_.targets) {
    const auto below = graph_.sources_below(target.model);
    if (std::ranges::find(below, source) == below.end()) continue;
    const auto name = plan::target_name(spec_, target);
    const bool appends = target.mode == connector::WriteMode::append;
    const auto it = records_.find({source, name});
    if (it == records_.end()) {
      if (appends && of_others_.contains({source, name}))
        return Error(ErrorCode::unsupported,
                     fmt::format("target {} has a cursor of source {}, but none of {}", name, source,
                                 project_.environment.empty() ? "a run without an environment"
                                                              : "environment '" + project_.environment + "'"))
            .hint(
                "reading everything would double rows that another environment has appended: give the environment a "
                "target of its own, use merge, or run once with --full if its source is another one");
      without.push_back(name);
      continue;
    }
    doubles = doubles || appends;
    if (oldest == nullptr || it->second.run_id < oldest->run_id) oldest = &it->second;
  }
  if (oldest == nullptr) return std::optional<columnar::Position>();
  if (without.empty()) return std::optional(oldest->position);
  if (!doubles) return std::optional<columnar::Position>();
  return Error(ErrorCode::unsupported,
               fmt::format("target {} has no cursor of source {}, but others have", fmt::join(without, ", "), source))
      .hint(
          "reading everything again would double rows of a target in append mode: put the target into a pipeline "
          "of its own, or use merge");
}

connector::StateRecords PublishedPositions::cursors() const {
  connector::StateRecords records;
  for (const auto& [key, record] : records_) records.push_back(record);
  return records;
}

}  // namespace mainstem::app
