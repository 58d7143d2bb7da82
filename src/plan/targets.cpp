#include "plan/targets.h"

#include <algorithm>
#include <arrow/api.h>
#include <fmt/format.h>

#include "plan/columns.h"
#include "plan/flow.h"
#include "plan/quarantine_schema.h"

namespace mainstem::plan {
namespace {

using connector::Delivery;
using connector::WriteMode;
using connector::WriteRequest;
using pipeline::TargetSpec;

std::string mode_name(WriteMode mode) { return config::Conversion<WriteMode>::write(mode); }

// One target with all that was found out about it.
struct Item {
  const TargetSpec* spec = nullptr;
  TargetFacts facts;
  StageTarget stage;
  std::vector<std::string> cursors;  // incremental sources that its rows come from
};

Error refused(const Item& item, ErrorCode code, const std::string& message) {
  return Error(code, fmt::format("target '{}' {}", item.stage.name, message)).at(item.spec->position);
}

class TargetPlanner {
 public:
  TargetPlanner(const PlanInput& input, const PlannedTables& tables, Plan& plan)
      : input_(input), tables_(tables), plan_(plan) {}

  Result<void> add_all() {
    for (const auto& spec : input_.spec.targets) {
      MS_ASSIGN_DURING(auto item, describe(spec), "planning target " + spec.name());
      items_.push_back(std::move(item));
    }
    MS_TRY(check_places());
    number_units();
    for (const auto& item : items_) MS_TRY(check_repeats(item));
    for (const auto& item : items_) {
      plan_.stages.emplace_back(item.stage);
      plan_.stages.emplace_back(VerifyTarget{item.stage.name});
    }
    plan_.stages.emplace_back(
        CheckBudget{.most_fraction = input_.spec.budget.fraction, .most_rows = input_.spec.budget.rows});
    plan_.stages.emplace_back(quarantine());
    for (int unit = 0; unit < units_; ++unit) plan_.stages.emplace_back(publish(unit));
    return {};
  }

 private:
  Result<Item> describe(const TargetSpec& spec) {
    Item item{.spec = &spec, .facts = {}, .stage = {}, .cursors = {}};
    auto& stage = item.stage;
    stage.name = target_name(input_.spec, spec);
    stage.model = spelled(input_.spec, spec.model);
    stage.connection = spec.to;
    const auto& table = tables_.at(stage.model);
    stage.direct = table.direct;
    stage.estimated_rows = table.estimated_rows;
    MS_ASSIGN(stage.request, request(spec, stage, table));
    auto facts = input_.target_facts(spec, stage.request);
    if (!facts) return std::move(facts).error().at(spec.position);
    item.facts = *std::move(facts);
    stage.uri = item.facts.uri;
    MS_TRY(set_delivery(item));
    for (const auto& name : input_.graph.sources_below(stage.model))
      if (has_cursor(name)) item.cursors.push_back(name);
    return item;
  }

  static Result<WriteRequest> request(const TargetSpec& spec, const StageTarget& stage, const PlannedTable& table) {
    WriteRequest request{.name = stage.name,
                         .table = spec.table,
                         .options = spec.options,
                         .schema = table.shown,
                         .mode = spec.mode,
                         .key = {},
                         .partition_by = {},
                         .indexes = {}};
    const auto& schema = *table.shown;
    MS_ASSIGN_DURING(request.key, find_columns(schema, spec.key, stage.model, spec.position), "reading its key");
    MS_ASSIGN_DURING(request.partition_by, find_columns(schema, spec.partition_by, stage.model, spec.position),
                     "reading partition_by");
    for (const auto& index : spec.indexes) {
      MS_ASSIGN_DURING(auto columns, find_columns(schema, index, stage.model, spec.position), "reading its indexes");
      request.indexes.push_back(std::move(columns));
    }
    if (spec.mode == WriteMode::merge && request.key.empty())
      return Error(ErrorCode::invalid_config, "merge needs a key")
          .at(spec.position)
          .hint("add 'key' with the columns that identify a row");
    if (spec.mode == WriteMode::partition && request.partition_by.empty())
      return Error(ErrorCode::invalid_config, "partitions are to be replaced, but there are none")
          .at(spec.position)
          .hint("add 'partition_by' with the columns that divide the table");
    return request;
  }

  Result<void> set_delivery(Item& item) const {
    const auto mode = mode_name(item.spec->mode);
    if (!item.facts.delivery)
      return refused(item, ErrorCode::unsupported,
                     fmt::format("cannot be written in mode '{}': '{}' does not have it", mode, item.stage.connection))
          .hint("mainstem connectors NAME lists the modes that a connector has");
    item.stage.delivery = *item.facts.delivery;
    const bool repeats = item.stage.delivery == Delivery::at_least_once ||
                         (item.stage.delivery == Delivery::idempotent && item.spec->mode == WriteMode::append);
    if (!repeats || input_.accept_weaker_delivery) return {};
    return refused(item, ErrorCode::unsupported,
                   fmt::format("may get rows twice when a run is repeated: mode '{}' of '{}' is {}", mode,
                               item.stage.connection, to_string(item.stage.delivery)))
        .hint("use 'mode: merge' with a key, or accept it in so many words with --accept-weaker-delivery");
  }

  bool has_cursor(const std::string& source) const {
    return std::ranges::any_of(input_.sources, [&](const SourceFacts& facts) {
      return facts.name == source && facts.request.cursor.has_value();
    });
  }

  Result<void> check_places() const {
    for (size_t i = 0; i < items_.size(); ++i)
      for (size_t j = 0; j < i; ++j)
        if (items_[i].stage.name == items_[j].stage.name || items_[i].stage.uri == items_[j].stage.uri)
          return refused(items_[i], ErrorCode::invalid_config,
                         fmt::format("is written twice: '{}' goes there too", items_[j].stage.model))
              .hint("give one of them another table");
    return {};
  }

  void number_units() {
    for (auto& item : items_) {
      const auto same = std::ranges::find_if(items_, [&](const Item& other) {
        return &other == &item || other.stage.connection == item.stage.connection;
      });
      const bool joins =
          input_.spec.publish == pipeline::Publish::together && &*same != &item && item.facts.group_publish;
      item.stage.unit = joins ? same->stage.unit : units_++;
    }
  }

  // True if one cursor serves targets that do not become visible in one step.
  bool steps_apart(const std::string& cursor) const {
    std::optional<int> unit;
    for (const auto& item : items_) {
      if (std::ranges::find(item.cursors, cursor) == item.cursors.end()) continue;
      if (unit.value_or(item.stage.unit) != item.stage.unit) return true;
      unit = item.stage.unit;
    }
    return false;
  }

  // Modes that an incremental source must not feed, beyond what pipeline::validate_flow refuses.
  Result<void> check_repeats(const Item& item) const {
    for (const auto& name : item.cursors) {
      if (item.spec->mode == WriteMode::append && steps_apart(name))
        return refused(item, ErrorCode::unsupported,
                       fmt::format("may get rows of '{}' twice: a run that is stopped between two steps of publishing "
                                   "reads them again, and append adds them",
                                   name))
            .hint("use 'mode: merge' with a key, or give the target a pipeline of its own");
      if (item.spec->mode == WriteMode::partition && !is_divided_by(item, name))
        return refused(item, ErrorCode::invalid_config,
                       fmt::format("would lose rows: a partition is replaced by what is new of '{}' in this run", name))
            .hint(fmt::format("add the cursor column '{}' to 'partition_by', or use 'mode: merge' with a key",
                              cursor_column(name)));
    }
    return {};
  }

  std::string cursor_column(const std::string& source) const {
    const auto it = std::ranges::find(input_.sources, source, &SourceFacts::name);
    return it->request.cursor->column;
  }

  // Rows of one cursor value come in one run, hence so does a whole partition of it.
  bool is_divided_by(const Item& item, const std::string& source) const {
    const auto column = cursor_column(source);
    return std::ranges::any_of(item.stage.request.partition_by,
                               [&](const std::string& name) { return pipeline::same_name(name, column); });
  }

  StageQuarantine quarantine() const {
    const auto& first = *std::ranges::find(items_, &quarantine_target(input_.spec), &Item::spec);
    const auto& place = first.facts.quarantine;
    return {.connection = first.stage.connection,
            .request = {.name = place.name,
                        .table = place.table,
                        .options = place.target_options,
                        .schema = quarantine_schema(),
                        .mode = WriteMode::append,
                        .key = {},
                        .partition_by = {},
                        .indexes = {}},
            .unit = first.stage.unit};
  }

  PublishGroup publish(int unit) const {
    PublishGroup group{
        .connection = {}, .targets = {}, .cursors = {}, .full_reads = full_reads(unit), .unit = unit, .why = {}};
    for (const auto& item : items_) {
      if (item.stage.unit != unit) continue;
      group.connection = item.stage.connection;
      group.targets.push_back(item.stage.name);
      for (const auto& source : item.cursors) group.cursors.push_back({.source = source, .target = item.stage.name});
    }
    group.why = why(group);
    for (const auto& item : items_)
      if (item.stage.unit == unit && item.spec->mode == WriteMode::append && item.cursors.empty())
        group.why += fmt::format("; every run adds all rows to {} again, as none of its sources is incremental",
                                 item.stage.name);
    return group;
  }

  // Of all sources of the run, those that only checks read, too: what any of them has decides what is published.
  std::vector<std::string> full_reads(int unit) const {
    if (input_.stateless || !appends_full_read(unit)) return {};
    if (input_.sources.empty()) return {""};
    std::vector<std::string> reads;
    for (const auto& facts : input_.sources)
      if (is_full(facts)) reads.push_back(facts.name);
    return reads;
  }

  bool appends_full_read(int unit) const {
    return std::ranges::any_of(items_, [&](const Item& item) {
      if (item.stage.unit != unit || item.spec->mode != WriteMode::append) return false;
      const auto below = input_.graph.sources_below(item.stage.model);
      return below.empty() || std::ranges::any_of(input_.sources, [&](const SourceFacts& facts) {
               return is_full(facts) && std::ranges::find(below, facts.name) != below.end();
             });
    });
  }

  static bool is_full(const SourceFacts& facts) { return !facts.request.cursor || !facts.request.cursor->after; }

  std::string why(const PublishGroup& group) const {
    if (group.targets.size() > 1) return "all in one step, so that readers see one version";
    if (input_.spec.publish == pipeline::Publish::separately) return "by itself, as the pipeline asks";
    const auto members =
        std::ranges::count_if(items_, [&](const Item& item) { return item.stage.connection == group.connection; });
    if (members > 1) return "one after the other: this system cannot show several tables in one step";
    return "in one step";
  }

  const PlanInput& input_;
  const PlannedTables& tables_;
  Plan& plan_;
  std::vector<Item> items_;
  int units_ = 0;
};

}  // namespace

std::string target_name(const pipeline::PipelineSpec& spec, const TargetSpec& target) {
  const auto count =
      std::ranges::count_if(spec.targets, [&](const TargetSpec& other) { return other.name() == target.name(); });
  return count > 1 ? target.to + ":" + target.name() : target.name();
}

const TargetSpec& quarantine_target(const pipeline::PipelineSpec& spec) { return spec.targets.front(); }

Result<void> add_targets(const PlanInput& input, const PlannedTables& tables, Plan& plan) {
  return TargetPlanner(input, tables, plan).add_all();
}

}  // namespace mainstem::plan
