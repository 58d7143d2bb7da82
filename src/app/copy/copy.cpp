#include "app/copy/copy.h"

#include <algorithm>
#include <arrow/api.h>
#include <cctype>
#include <filesystem>
#include <fmt/format.h>

#include "app/address.h"
#include "connector/table.h"
#include "pipeline/spec_fields.h"
#include "pipeline/validate.h"

namespace mainstem::app::copy {
namespace {

using config::Node;
using connector::ConnectorSpec;
using pipeline::SourceSpec;
using pipeline::TargetSpec;

bool is_pattern(const std::string& table) { return table.find_first_of("*?") != std::string::npos; }

// A name that SQL can use, from a table's or a file's: "data/2026 orders.csv.gz" gives "orders_2026"-like words.
std::string plain_name(std::string text) {
  const auto slash = text.find_last_of('/');
  if (slash != std::string::npos && slash + 1 < text.size()) text = text.substr(slash + 1);
  const auto dot = text.find('.');
  if (dot != std::string::npos && dot > 0) text = text.substr(0, dot);
  std::string name;
  for (const char c : text) name += std::isalnum(static_cast<unsigned char>(c)) || c == '_' ? c : '_';
  if (name.empty() || name.find_first_not_of('_') == std::string::npos) return "data";
  return std::isalpha(static_cast<unsigned char>(name[0])) ? name : "t_" + name;
}

std::string name_of(const connector::Address& address) {
  if (!address.table.empty()) {
    const auto table = connector::parse_table_ref(address.table);
    return plain_name(table ? table->name : address.table);
  }
  const auto* path = address.table_options.find("path");
  return plain_name(path == nullptr ? "" : path->text());
}

bool knows(const config::OptionTable* table, const std::string& key) {
  return table != nullptr && table->find(key) != nullptr;
}

class CopyPlanner {
 public:
  CopyPlanner(Context& context, const Services& services, const CopyRequest& request)
      : context_(context), services_(services), request_(request) {}

  Result<CopyPlan> run() {
    MS_ASSIGN(from_, resolve_address(request_.from, services_.connectors));
    MS_ASSIGN(to_, resolve_address(request_.to, services_.connectors));
    MS_TRY(check_sides());
    if (from_.spec == to_.spec && from_.shown == to_.shown && request_.from != "-")
      return Error(ErrorCode::invalid_config, fmt::format("{} would be replaced by a copy of itself", from_.shown))
          .hint("name another target");
    MS_TRY(place_options());
    plan_.from = from_.shown;
    plan_.to = to_.shown;
    plan_.password_in_address = from_.password_in_address || to_.password_in_address;
    plan_.project.name = "copy";
    plan_.project.directory = ".";
    // What has gone down a pipe cannot be taken back: a second attempt would write it twice.
    if (request_.to == "-") plan_.project.defaults.retry.attempts = 1;
    plan_.project.connections = {{.name = "source", .type = from_.spec->name, .options = from_.address.connection},
                                 {.name = "target", .type = to_.spec->name, .options = to_.address.connection}};
    spec_.name = "copy";
    MS_TRY(read_budget());
    MS_TRY(is_pattern(from_.address.table) ? add_tables() : add_table());
    plan_.project.pipelines.push_back(std::move(spec_));
    return std::move(plan_);
  }

 private:
  Result<void> check_sides() const {
    if (!from_.spec->make_source)
      return Error(ErrorCode::unsupported, fmt::format("{} cannot be read", from_.spec->title));
    if (!to_.spec->make_sink)
      return Error(ErrorCode::unsupported, fmt::format("{} cannot be written", to_.spec->title));
    return {};
  }

  // Puts each further option where it is known: "from_delimiter" and "to_delimiter", or "delimiter" if one side has it.
  Result<void> place_options() {
    auto& from = from_.address;
    auto& to = to_.address;
    if (!request_.format.empty()) from.table_options.set("format", Node::scalar(request_.format, {.file = "--format"}));
    if (!request_.to_format.empty())
      to.table_options.set("format", Node::scalar(request_.to_format, {.file = "--to-format"}));
    for (const auto& [key, value] : request_.options.entries()) {
      const bool for_from = key.starts_with("from_");
      const bool for_to = key.starts_with("to_");
      const auto name = for_from ? key.substr(5) : (for_to ? key.substr(3) : key);
      const bool placed = (!for_to && place(from, *from_.spec, from_.spec->source_options.get(), name, value)) ||
                          (!for_from && place(to, *to_.spec, to_.spec->target_options.get(), name, value));
      if (!placed) return unknown_option(key);
    }
    return {};
  }

  static bool place(connector::Address& address, const ConnectorSpec& spec, const config::OptionTable* table,
                    const std::string& name, const Node& value) {
    if (knows(table, name)) {
      address.table_options.set(name, value);
      return true;
    }
    if (!knows(spec.connection_options.get(), name)) return false;
    address.connection.set(name, value);
    return true;
  }

  Error unknown_option(const std::string& key) const {
    auto known = request_.own_options;
    for (const auto& table : {from_.spec->source_options, from_.spec->connection_options, to_.spec->target_options,
                              to_.spec->connection_options})
      for (const auto& option : table == nullptr ? std::vector<config::Option>{} : table->options)
        known.push_back(option.name);
    auto name = key;
    std::ranges::replace(name, '_', '-');
    const auto guess = config::nearest(key, known);
    auto hint = guess ? fmt::format("did you mean --{}?", *guess)
                      : fmt::format("neither {} nor {} has it; see mainstem copy --help and mainstem connectors NAME",
                                    from_.spec->title, to_.spec->title);
    std::ranges::replace(hint, '_', '-');
    return Error(ErrorCode::invalid_config, fmt::format("unknown option --{}", name)).hint(std::move(hint));
  }

  Result<void> read_budget() {
    if (!request_.bad_rows) return {};
    plan_.budget_given = true;
    MS_ASSIGN(spec_.budget,
              config::Conversion<pipeline::Budget>::read(Node::scalar(*request_.bad_rows, {.file = "--bad-rows"})));
    return {};
  }

  Result<void> add_columns(SourceSpec& source) const {
    for (const auto& text : request_.columns) {
      const auto colon = text.rfind(':');
      if (colon == 0 || colon == std::string::npos || colon + 1 == text.size())
        return Error(ErrorCode::invalid_config, fmt::format("--columns: '{}' is not NAME:TYPE", text))
            .hint("for example --columns 'price:decimal(12,2),day:date'");
      source.contract.columns.push_back({.name = text.substr(0, colon), .type = text.substr(colon + 1)});
    }
    return {};
  }

  Result<connector::TableInfo> only_table(const std::string& table) {
    MS_ASSIGN(auto side, from_.spec->make_source(from_.address.connection));
    MS_ASSIGN(auto tables, side->discover(context_, table));
    if (tables.size() != 1)
      return Error(ErrorCode::not_found, fmt::format("{} tables are called '{}'", tables.size(), table))
          .hint("name it as schema.table");
    return std::move(tables.front());
  }

  Result<void> add_table() {
    SourceSpec source{.name = name_of(from_.address), .from = "source", .table = from_.address.table};
    source.options = from_.address.table_options;
    source.columns = request_.select;
    source.key = request_.key;
    MS_TRY(add_columns(source));
    const bool wants_key = request_.mode == connector::WriteMode::merge && source.key.empty();
    if (wants_key && from_.spec->capabilities.discover && !source.table.empty()) {
      MS_ASSIGN(const auto info, only_table(source.table));
      source.key = info.primary_key;
    }
    TargetSpec target{.model = source.name, .to = "target", .table = to_.address.table};
    target.options = to_.address.table_options;
    if (target.table.empty() && target.options.find("path") == nullptr) target.table = source.name;
    add(std::move(source), std::move(target));
    return {};
  }

  // Every table that fits the pattern, each into a table (or a folder of files) of its own name.
  Result<void> add_tables() {
    if (!from_.spec->capabilities.discover)
      return Error(ErrorCode::unsupported, fmt::format("{} cannot list its tables", from_.spec->title))
          .hint("name one table behind '#'");
    MS_ASSIGN(auto side, from_.spec->make_source(from_.address.connection));
    MS_ASSIGN_DURING(const auto tables, side->discover(context_, from_.address.table),
                     "listing the tables of " + from_.shown);
    if (tables.empty())
      return Error(ErrorCode::not_found, fmt::format("no table fits '{}'", from_.address.table))
          .hint("mainstem discover lists what there is");
    for (const auto& info : tables) {
      SourceSpec source{
          .name = unique_name(plain_name(info.table.name)), .from = "source", .table = info.table.to_string()};
      source.options = from_.address.table_options;
      source.key = request_.key.empty() ? info.primary_key : request_.key;
      TargetSpec target{.model = source.name, .to = "target"};
      target.options = to_.address.table_options;
      if (const auto* path = target.options.find("path"))
        target.options.set("path", Node::scalar(path->text() + "/" + info.table.name, path->position()));
      else
        target.table = connector::TableRef{.schema = to_.address.table, .name = info.table.name}.to_string();
      add(std::move(source), std::move(target));
    }
    return {};
  }

  std::string unique_name(const std::string& name) const {
    auto candidate = name;
    for (int n = 2; spec_.find_source(candidate) != nullptr; ++n) candidate = fmt::format("{}_{}", name, n);
    return candidate;
  }

  void add(SourceSpec source, TargetSpec target) {
    target.mode = request_.mode.value_or(connector::WriteMode::replace);
    target.key = source.key;
    target.partition_by = request_.partition_by;
    if (!request_.where.empty() && from_.spec->capabilities.predicate) source.where = request_.where;
    if (!request_.where.empty() && source.where.empty()) {
      const auto model = source.name + "_selected";
      spec_.transforms.push_back(
          {.name = model,
           .description = "",
           .sql = {.text = fmt::format("select * from {} where (\n{}\n)", source.name, request_.where),
                   .place = {.first = {.file = "--where"}, .next_column = 0},
                   .generated = true}});
      target.model = model;
    }
    spec_.sources.push_back(std::move(source));
    spec_.targets.push_back(std::move(target));
  }

  Context& context_;
  const Services& services_;
  const CopyRequest& request_;
  ResolvedAddress from_;
  ResolvedAddress to_;
  pipeline::PipelineSpec spec_;
  CopyPlan plan_;
};

}  // namespace

Result<CopyPlan> plan_copy(Context& context, const Services& services, const CopyRequest& request) {
  return CopyPlanner(context, services, request).run();
}

std::string quarantine_address(const CopyPlan& plan, const std::string& place) {
  // A target without a table is a file, and so is its quarantine.
  if (plan.project.pipelines.front().targets.front().table.empty()) {
    std::error_code ignored;
    const auto near = std::filesystem::path(place).lexically_proximate(std::filesystem::current_path(ignored)).string();
    return near.starts_with("..") ? place : near;
  }
  return plan.to.substr(0, plan.to.find('#')) + "#" + place;
}

}  // namespace mainstem::app::copy
