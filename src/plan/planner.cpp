#include "plan/planner.h"

#include <algorithm>
#include <arrow/api.h>
#include <fmt/format.h>
#include <set>

#include "check/compile.h"
#include "connector/table.h"
#include "pipeline/checks.h"
#include "pipeline/error_list.h"
#include "pipeline/sql_text.h"
#include "pipeline/validate.h"
#include "plan/check_rules.h"
#include "plan/columns.h"
#include "plan/contract.h"
#include "plan/flow.h"
#include "plan/names.h"
#include "plan/reasons.h"
#include "plan/targets.h"

namespace mainstem::plan {
namespace {

using check::Check;
using connector::quote_identifier;
using pipeline::PipelineSpec;

// A source or model on its way into stages.
struct Draft {
  Transform transform;
  PlannedTable table;
  std::vector<Check> checks;
  std::vector<Check> set_checks;
  bool as_it_is = false;  // a source from which nothing is left out, cast or masked

  bool needs_sql() const { return !as_it_is || !transform.masks.empty() || !transform.row_checks.empty(); }
};

// Checks of a landed table that wait for other tables they look into.
struct WaitingChecks {
  RunChecks stage;
  std::vector<std::string> reads;
};

// Names with a mask on something that reads them, directly or through others: their clear values must not be kept.
std::set<std::string> names_before_masks(const PipelineSpec& spec, const pipeline::Graph& graph) {
  std::set<std::string> before;
  std::vector<std::string> waiting;
  for (const auto& mask : spec.masks) waiting.push_back(spelled(spec, mask.model));
  while (!waiting.empty()) {
    const auto* reads = graph.find(waiting.back());
    waiting.pop_back();
    if (reads == nullptr) continue;
    for (const auto& read : reads->reads)
      if (before.insert(read.name).second) waiting.push_back(read.name);
  }
  return before;
}

class Planner {
 public:
  Planner(const PlanInput& input, Flow flow)
      : input_(input), flow_(std::move(flow)), before_masks_(names_before_masks(input.spec, input.graph)) {}

  Result<Plan> make() {
    plan_.pipeline = input_.spec.name;
    plan_.state_name = state_name(input_.spec.name, input_.environment);
    for (const auto& source : input_.spec.sources)
      if (const auto* need = flow_.find(source.name)) MS_TRY_DURING(open(source, *need), "planning " + source.name);
    for (const auto& need : flow_.needs) {
      MS_TRY_DURING(add(need), "planning " + need.name);
      MS_TRY(add_waiting_checks());
    }
    MS_TRY(add_targets(input_, tables_, plan_));
    plan_.stages.emplace_back(RecordRun{});
    return std::move(plan_);
  }

 private:
  Result<const SourceFacts*> facts(const std::string& name) const {
    const auto it = std::ranges::find(input_.sources, name, &SourceFacts::name);
    if (it == input_.sources.end() || it->schema == nullptr)
      return Error(ErrorCode::internal, fmt::format("nothing is known of source '{}'", name));
    return &*it;
  }

  Result<void> open(const pipeline::SourceSpec& source, const Need& need) {
    MS_ASSIGN(const auto* facts, this->facts(source.name));
    if (facts->unbounded)
      return Error(ErrorCode::unsupported, fmt::format("source '{}' never ends", source.name))
          .at(source.position)
          .hint("a run reads sources that end; give the connector an option that bounds the read");
    const auto& request = facts->request;
    const bool run_filters = request.cursor && !facts->filters_cursor;
    if (run_filters) MS_TRY(find_column(*facts->schema, request.cursor->column, source.name, source.position));
    const bool masked_here = std::ranges::any_of(input_.spec.masks, [&](const pipeline::MaskSpec& mask) {
      return pipeline::same_name(mask.model, source.name);
    });
    plan_.stages.emplace_back(OpenSource{.name = source.name,
                                         .connection = source.from,
                                         .request = request,
                                         .schema = facts->schema,
                                         .estimate = facts->estimate,
                                         .description = facts->description,
                                         .run_filters_cursor = run_filters,
                                         .only_with_cursor = leaves_out_without_cursor(source, *facts),
                                         .hide_records = masked_here || before_masks_.contains(source.name),
                                         .refuse_rejects = source.contract.bad_rows == pipeline::BadRows::fail,
                                         .read_by = readers(need)});
    return {};
  }

  Result<void> add(const Need& need) {
    MS_ASSIGN(auto draft, need.source ? source_draft(need) : model_draft(need));
    MS_TRY(add_masks(draft));
    MS_TRY(place_checks(draft));
    auto& transform = draft.transform;
    const auto decision = decide(need, transform.row_checks, draft.set_checks);
    transform.landed = decision.land;
    if (!draft.needs_sql()) transform.sql.clear();
    transform.why = decision.why;
    const bool alone = !decision.land && !draft.needs_sql();
    draft.table.direct = alone && need.targets.size() == 1;
    if (draft.table.direct) {
      // The target takes the source's batches as they are, in the source's own types.
      MS_ASSIGN(const auto* facts, this->facts(need.name));
      draft.table.shown = facts->schema;
    } else if (need.source && decision.land && !draft.needs_sql()) {
      plan_.stages.emplace_back(Land{.source = need.name, .why = decision.why});
    } else {
      plan_.stages.emplace_back(std::move(transform));
    }
    tables_[need.name] = std::move(draft.table);
    if (!draft.set_checks.empty())
      waiting_.push_back(
          {.stage = {.model = need.name, .checks = std::move(draft.set_checks)}, .reads = check_reads(need)});
    return {};
  }

  // True if no SQL touches the rows on their way into a target, so that it does not matter how the engine sees them.
  bool goes_straight(const Need& need, const pipeline::SourceSpec& source) const {
    const bool masked = std::ranges::any_of(input_.spec.masks, [&](const pipeline::MaskSpec& mask) {
      return pipeline::same_name(mask.model, source.name);
    });
    return need.readers() == 1 && need.targets.size() == 1 && source.checks.empty() &&
           source.contract.columns.empty() && source.columns.empty() && !masked;
  }

  // Rows without a cursor are read by every run, as nothing tells whether they are new: append would repeat them.
  bool needs_cursor(const SourceFacts& facts) const {
    if (!facts.request.cursor) return false;
    const auto field = facts.schema->GetFieldByName(facts.request.cursor->column);
    return field != nullptr && field->nullable() &&
           std::ranges::any_of(input_.spec.targets, [&](const pipeline::TargetSpec& target) {
             const auto below = input_.graph.sources_below(target.model);
             return target.mode == connector::WriteMode::append && std::ranges::find(below, facts.name) != below.end();
           });
  }

  // The first run puts such rows into quarantine, as a check does, and tells of them; later ones would only repeat
  // that. What the user says of such rows is kept by every run.
  bool leaves_out_without_cursor(const pipeline::SourceSpec& source, const SourceFacts& facts) const {
    return needs_cursor(facts) && facts.request.cursor->after && source.contract.bad_rows != pipeline::BadRows::fail &&
           !checks_cursor(source, facts.request.cursor->column);
  }

  static bool checks_cursor(const pipeline::SourceSpec& source, const std::string& cursor) {
    const bool by_contract = std::ranges::any_of(source.contract.columns, [&](const pipeline::ContractColumn& column) {
      return column.not_null && pipeline::same_name(column.name, cursor);
    });
    return by_contract || keep_null_out(source.checks, cursor);
  }

  static bool keep_null_out(const std::vector<Check>& checks, const std::string& column) {
    return std::ranges::any_of(checks, [&](const Check& check) {
      const auto* rule = std::get_if<check::NotNull>(&check.rule);
      const bool of_column = rule != nullptr && std::ranges::any_of(rule->columns, [&](const std::string& name) {
                               return pipeline::same_name(name, column);
                             });
      return of_column && check.severity == check::Severity::error && check.on_fail != check::OnFail::warn;
    });
  }

  // The user's own check that does as much goes before this one.
  void add_cursor_check(const pipeline::SourceSpec& source, const std::string& cursor, Draft& draft) const {
    if (keep_null_out(draft.checks, cursor)) return;
    draft.checks.push_back(contract_check(source, check::NotNull{{cursor}}, source.incremental->position));
  }

  Result<Draft> source_draft(const Need& need) {
    const auto& source = *input_.spec.find_source(need.name);
    MS_ASSIGN(const auto* facts, this->facts(need.name));
    const std::vector<engine::KnownTable> itself{{.name = need.name, .schema = facts->schema}};
    const auto from = " from " + quote_identifier(need.name);
    auto all = facts->schema;
    const bool with_cursor = needs_cursor(*facts) && !leaves_out_without_cursor(source, *facts);
    if (with_cursor || !goes_straight(need, source)) {
      MS_ASSIGN(all, input_.analyzer.describe("select *" + from, itself));
    }
    MS_ASSIGN(auto shape, shape_source(source, *all, input_.analyzer));
    Draft draft;
    draft.as_it_is = shape.select.empty();
    draft.table.clear = all;
    if (!draft.as_it_is) {
      MS_ASSIGN(draft.table.clear, input_.analyzer.describe("select " + shape.select + from, itself));
    }
    draft.table.estimated_rows = facts->estimate.rows;
    draft.checks = source.checks;
    draft.checks.insert(draft.checks.end(), shape.checks.begin(), shape.checks.end());
    if (with_cursor && draft.table.clear->GetFieldByName(facts->request.cursor->column) != nullptr)
      add_cursor_check(source, facts->request.cursor->column, draft);
    pipeline::make_names_unique(draft.checks);
    draft.transform.sql = fmt::format("select {} from {}", draft.as_it_is ? "*" : shape.select,
                                      quote_identifier(inner_name(need.name, "stream")));
    return name_columns(need, std::move(draft));
  }

  Result<Draft> model_draft(const Need& need) {
    const auto& model = *input_.spec.find_transform(need.name);
    std::vector<engine::KnownTable> known;
    for (const auto& read : input_.graph.find(need.name)->reads)
      known.push_back({.name = read.name, .schema = tables_.at(read.name).shown});
    auto schema = input_.analyzer.describe(model.sql.text, known);
    if (!schema) return pipeline::placed(model.sql, std::move(schema).error());
    auto distinct = check_distinct(**schema, need.name);
    if (!distinct) return std::move(distinct).error().at(model.sql.place.first);
    Draft draft;
    draft.table.clear = *schema;
    draft.checks = model.checks;
    draft.transform.sql = model.sql.text;
    return name_columns(need, std::move(draft));
  }

  Draft name_columns(const Need& need, Draft draft) const {
    draft.transform.name = need.name;
    draft.transform.columns = draft.table.clear->field_names();
    draft.transform.hide_records = before_masks_.contains(need.name);
    draft.transform.estimated_rows = draft.table.estimated_rows;
    return draft;
  }

  Result<void> add_masks(Draft& draft) const {
    auto& transform = draft.transform;
    for (const auto& mask : input_.spec.masks) {
      if (!pipeline::same_name(mask.model, transform.name)) continue;
      MS_ASSIGN(auto column, find_column(*draft.table.clear, mask.column, transform.name, mask.position));
      auto masker = security::Masker::make(mask.method, mask.key);
      if (!masker) return std::move(masker).error().at(mask.position);
      transform.masks.push_back({.column = std::move(column), .method = mask.method, .key = mask.key});
    }
    draft.table.shown = masked_schema(draft.table.clear, transform.masks);
    return {};
  }

  Result<void> place_checks(Draft& draft) const {
    auto& rows = draft.transform.row_checks;
    for (auto& check : draft.checks) {
      MS_ASSIGN(const bool with_rows, is_judged_with_rows(draft, check));
      MS_TRY(check_fits(check, with_rows ? *draft.table.clear : *draft.table.shown, draft.transform.name,
                        input_.analyzer));
      if (with_rows) MS_TRY(check_parent(check, *draft.table.clear));
      (with_rows ? rows : draft.set_checks).push_back(std::move(check));
    }
    if (rows.size() <= check::kMostRowChecks) return {};
    return Error(ErrorCode::invalid_config, fmt::format("{} row checks on '{}'; at most {} are possible", rows.size(),
                                                        draft.transform.name, check::kMostRowChecks))
        .at(rows.back().position)
        .hint("split the model, or merge checks that name several columns");
  }

  // A set of rows is cheaper to judge once it is landed, but only the pass over the rows can take rows out, and only
  // it sees the clear values of masked columns.
  Result<bool> is_judged_with_rows(const Draft& draft, const Check& check) const {
    if (check::is_row_level(check.rule)) return true;
    const bool needs_pass = sends_to_quarantine(check) || reads_masked(draft, check);
    if (std::holds_alternative<check::Unique>(check.rule)) return needs_pass;
    const auto* rule = std::get_if<check::References>(&check.rule);
    if (rule == nullptr) return false;
    const auto behind = flow_.behind.find(draft.transform.name);
    const bool early = behind != flow_.behind.end() && behind->second.contains(spelled(input_.spec, rule->to_table));
    if (early || !needs_pass) return early;
    return Error(ErrorCode::invalid_config,
                 fmt::format("the check '{}' cannot be judged row by row: '{}' itself depends on '{}'", check.name,
                             rule->to_table, draft.transform.name))
        .at(check.position)
        .hint("use 'on_fail: block' or 'on_fail: warn', on a column that is not masked");
  }

  static bool reads_masked(const Draft& draft, const Check& check) {
    const auto columns = check::columns_of(check.rule);
    return std::ranges::any_of(draft.transform.masks, [&](const ColumnMask& mask) {
      return std::ranges::any_of(columns, [&](const auto& name) { return pipeline::same_name(name, mask.column); });
    });
  }

  Result<void> check_parent(const Check& check, const arrow::Schema& schema) const {
    const auto* rule = std::get_if<check::References>(&check.rule);
    if (rule == nullptr) return {};
    return check_comparable(check, schema, *tables_.at(spelled(input_.spec, rule->to_table)).shown);
  }

  std::vector<std::string> check_reads(const Need& need) const {
    std::vector<std::string> names{need.name};
    const auto& all = need.source ? input_.graph.sources : input_.graph.models;
    const auto it = std::ranges::find(all, need.name, &pipeline::ModelReads::model);
    if (it == all.end()) return names;
    for (const auto& read : it->check_reads) names.push_back(read.name);
    return names;
  }

  Result<void> add_waiting_checks() {
    for (auto it = waiting_.begin(); it != waiting_.end();) {
      const bool ready = std::ranges::all_of(it->reads, [&](const auto& name) { return tables_.contains(name); });
      if (!ready) {
        ++it;
        continue;
      }
      MS_TRY_DURING(check_sight(*it), "planning the checks of " + it->stage.model);
      plan_.stages.emplace_back(std::move(it->stage));
      it = waiting_.erase(it);
    }
    return {};
  }

  // What such checks look into is known: their SQL and the columns they compare fit it.
  Result<void> check_sight(const WaitingChecks& waiting) const {
    std::vector<engine::KnownTable> known;
    for (const auto& name : waiting.reads) known.push_back({.name = name, .schema = tables_.at(name).shown});
    for (const auto& check : waiting.stage.checks) {
      MS_TRY(check_parent(check, *tables_.at(waiting.stage.model).shown));
      const auto* rule = std::get_if<check::Sql>(&check.rule);
      if (rule == nullptr) continue;
      auto schema = input_.analyzer.describe(rule->sql, known);
      if (!schema)
        return pipeline::placed({.text = rule->sql, .place = {.first = check.position}, .generated = true},
                                std::move(schema).error());
    }
    return {};
  }

  const PlanInput& input_;
  const Flow flow_;
  const std::set<std::string> before_masks_;
  PlannedTables tables_;
  std::vector<WaitingChecks> waiting_;
  Plan plan_;
};

}  // namespace

Result<Plan> make_plan(const PlanInput& input) {
  if (input.spec.targets.empty())
    return Error(ErrorCode::invalid_config, fmt::format("pipeline '{}' has no targets", input.spec.name))
        .at(input.spec.position)
        .hint("add 'targets: [{model: ..., to: ..., table: ...}]'");
  MS_ASSIGN(auto flow, find_flow(input.spec, input.graph));
  pipeline::ErrorList errors;
  pipeline::validate_flow(input.spec, input.graph, errors);
  if (errors.size() > 0) return std::move(errors.take_sorted().front());
  return Planner(input, std::move(flow)).make();
}

std::vector<std::string> needed_sources(const PipelineSpec& spec, const pipeline::Graph& graph) {
  const auto flow = find_flow(spec, graph);
  std::vector<std::string> names;
  for (const auto& source : spec.sources)
    if (!flow || flow->find(source.name) != nullptr) names.push_back(source.name);
  return names;
}

}  // namespace mainstem::plan
