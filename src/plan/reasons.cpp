#include "plan/reasons.h"

#include <algorithm>
#include <fmt/format.h>

namespace mainstem::plan {
namespace {

std::string check_names(const std::vector<check::Check>& checks) {
  std::vector<std::string> names;
  for (const auto& check : checks) names.push_back(check.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

std::vector<std::string> readers(const Need& need) {
  std::vector<std::string> texts;
  for (auto it = need.models.begin(); it != need.models.end();) {
    const auto next = std::find_if(it, need.models.end(), [&](const auto& name) { return name != *it; });
    const auto times = next - it;
    texts.push_back(times == 1 ? "model " + *it : fmt::format("model {} ({} times)", *it, times));
    it = next;
  }
  for (const auto& target : need.targets) texts.push_back("target " + target);
  for (const auto& model : need.checks_of) texts.push_back("checks of " + model);
  return texts;
}

Decision decide(const Need& need, const std::vector<check::Check>& row_checks,
                const std::vector<check::Check>& set_checks) {
  std::vector<std::string> reasons;
  const auto who = fmt::format("{}", fmt::join(readers(need), ", "));
  if (need.readers() > 1) reasons.push_back(fmt::format("read {} times, by {}", need.readers(), who));
  if (need.readers() == 1 && !need.checks_of.empty()) reasons.push_back(who + " look into it");
  if (!set_checks.empty())
    reasons.push_back(
        fmt::format("{} {} all its rows", check_names(set_checks), set_checks.size() == 1 ? "needs" : "need"));
  if (reasons.empty() && !row_checks.empty() && need.targets.empty())
    reasons.push_back(fmt::format("rows are judged by {} before {} reads them", check_names(row_checks), who));
  if (!reasons.empty()) return {.land = true, .why = fmt::format("kept as a table: {}", fmt::join(reasons, "; "))};
  return {.land = false, .why = fmt::format("rows stream through: only {} reads them", who)};
}

}  // namespace mainstem::plan
