#include "pipeline/validate.h"

#include <algorithm>
#include <arrow/api.h>
#include <fmt/format.h>
#include <optional>

#include "base/nearest.h"
#include "columnar/type_name.h"
#include "columnar/wider_type.h"
#include "config/fields.h"
#include "pipeline/error_list.h"
#include "pipeline/spec_fields.h"

namespace mainstem::pipeline {
namespace {

using config::Node;
using connector::ConnectorSpec;

Error wrong(const FilePosition& position, std::string message, std::string hint) {
  return Error(ErrorCode::invalid_config, std::move(message)).at(position).hint(std::move(hint));
}

// An error placed at a key is about the key's name: then our own options are candidates too.
Error with_own_guess(Error error, const Node& options, const config::OptionTable& own) {
  for (const auto& [key, value] : options.entries()) {
    const auto place = options.key_position(key);
    const bool about_key = error.position() && place.line > 0 && error.position()->line == place.line &&
                           error.position()->column == place.column;
    auto guess = about_key ? nearest(key, names_of(own.options)) : std::nullopt;
    if (guess) return std::move(error).hint(fmt::format("did you mean '{}'?", *guess));
  }
  return error;
}

Result<void> check_options(const std::function<Result<void>(const Node&)>& check, const config::OptionTable* table,
                           const Node& options) {
  if (check) return check(options);
  if (table != nullptr) return config::check_keys(options, *table);
  return {};
}

class Validator {
 public:
  Validator(const PipelineSpec& spec, const Project& project, const std::vector<ConnectorSpec>& connectors,
            ErrorList& errors)
      : spec_(spec), project_(project), connectors_(connectors), errors_(errors) {}

  void run() {
    check_name();
    check_names();
    for (const auto& source : spec_.sources) check_source(source);
    for (const auto& model : spec_.transforms)
      for (const auto& check : model.checks) check_references(model.name, check);
    for (const auto& mask : spec_.masks) check_mask(mask);
    for (const auto& target : spec_.targets) check_target(target);
    check_doubled_targets();
  }

 private:
  void check_name() {
    const bool fits = !spec_.name.empty() && std::ranges::all_of(spec_.name, [](char c) {
      return is_plain_name(std::string_view(&c, 1)) || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
    if (!fits || spec_.name.front() == '.')
      errors_.add(wrong(spec_.position, fmt::format("not a name for a pipeline: '{}'", spec_.name),
                        "use letters, digits, '_', '-' and '.'"));
    if (spec_.targets.empty())
      errors_.add(wrong(spec_.position, fmt::format("pipeline '{}' has no targets", spec_.name),
                        "add 'targets: [{model: ..., to: ..., table: ...}]'"));
  }

  void check_names() {
    struct Named {
      std::string name;
      FilePosition position;
    };
    std::vector<Named> seen;
    const auto add = [&](const char* what, const std::string& name, const FilePosition& position) {
      if (!is_plain_name(name))
        errors_.add(wrong(position, fmt::format("not a name for a {}: '{}'", what, name),
                          "use letters, digits and '_', a letter first, so that SQL can name it"));
      auto it = std::ranges::find_if(seen, [&](const Named& other) { return same_name(other.name, name); });
      if (it != seen.end())
        errors_.add(wrong(position, fmt::format("the name '{}' is taken", name),
                          fmt::format("'{}' is at {}; sources and models share their names, whatever the letter case",
                                      it->name, it->position.to_string())));
      seen.push_back({name, position});
    };
    for (const auto& source : spec_.sources) add("source", source.name, source.position);
    for (const auto& model : spec_.transforms) add("model", model.name, model.position);
  }

  std::vector<std::string> model_names() const {
    auto names = names_of(spec_.sources);
    add_names(names, spec_.transforms);
    return names;
  }

  bool knows(const std::string& name) const {
    return spec_.find_source(name) != nullptr || spec_.find_transform(name) != nullptr;
  }

  // The connector of a connection, or nothing after an error; a connection with a problem has told of it itself.
  const ConnectorSpec* find_connector(const std::string& name, const FilePosition& position) {
    auto it = std::ranges::find(project_.connections, name, &ConnectionSpec::name);
    if (it == project_.connections.end()) {
      errors_.add(wrong(position, fmt::format("unknown connection '{}'", name),
                        suggestion(name, names_of(project_.connections))));
      return nullptr;
    }
    auto connector = std::ranges::find(connectors_, it->type, &ConnectorSpec::name);
    return connector == connectors_.end() ? nullptr : &*connector;
  }

  void check_source(const SourceSpec& source) {
    const auto during = fmt::format("reading source '{}'", source.name);
    for (const auto& check : source.checks) check_references(source.name, check);
    check_contract(source);
    check_projection(source);
    check_declared_lookback(source);
    const auto* connector = find_connector(source.from, source.position);
    if (connector == nullptr) return;
    if (!connector->capabilities.read && !connector->capabilities.changes)
      errors_.add(wrong(source.position,
                        fmt::format("'{}' can only be written to: source '{}'", source.from, source.name),
                        "read from another connection"));
    auto checked = check_options(connector->check_source, connector->source_options.get(), source.options);
    if (!checked) {
      auto error = with_own_guess(std::move(checked).error(), source.options, source_fields().table());
      errors_.add(std::move(error).at(source.position).during(during));
    } else if (source.table.empty() && source.options.entries().empty()) {
      errors_.add(wrong(source.position, fmt::format("source '{}' does not say what to read", source.name),
                        "add 'table' (or 'path' for files)"));
    }
  }

  void check_contract(const SourceSpec& source) {
    if (source.contract.columns.empty() && source.contract.new_columns != NewColumns::evolve)
      errors_.add(
          wrong(source.position,
                fmt::format("the contract of source '{}' names no columns, so that all of them are new", source.name),
                "add 'columns' to the contract, or leave 'new_columns' out"));
    for (const auto& column : source.contract.columns) {
      const auto same = [&](const ContractColumn& other) { return same_name(other.name, column.name); };
      if (&*std::ranges::find_if(source.contract.columns, same) != &column)
        errors_.add(wrong(column.position, fmt::format("the contract names '{}' twice", column.name),
                          "letter case does not tell columns apart"));
    }
  }

  // With a projection the columns of a source are known without looking at it.
  // What the contract does not declare is known when the source is opened.
  void check_declared_lookback(const SourceSpec& source) {
    if (!source.incremental) return;
    for (const auto& column : source.contract.columns) {
      const auto type = columnar::parse_type(column.type);
      const bool is_cursor = same_name(column.name, source.incremental->cursor);
      auto checked = is_cursor && type ? check_lookback(*source.incremental, **type) : Result<void>();
      if (!checked) errors_.add(std::move(checked).error());
    }
  }

  void check_projection(const SourceSpec& source) {
    if (source.columns.empty()) return;
    const auto require = [&](const std::string& column, const FilePosition& position, std::string_view what) {
      if (std::ranges::any_of(source.columns, [&](const auto& read) { return same_name(read, column); })) return;
      errors_.add(wrong(position,
                        fmt::format("{} names '{}', which source '{}' does not read", what, column, source.name),
                        suggestion(column, source.columns)));
    };
    for (const auto& column : source.contract.columns) require(column.name, column.position, "the contract");
    for (const auto& column : source.key) require(column, source.position, "the key");
    for (const auto& check : source.checks)
      for (const auto& column : check::columns_of(check.rule))
        require(column, check.position, fmt::format("check '{}'", check.name));
  }

  void check_references(const std::string& owner, const check::Check& check) {
    const auto* rule = std::get_if<check::References>(&check.rule);
    if (rule == nullptr || knows(rule->to_table)) return;
    errors_.add(wrong(check.position,
                      fmt::format("check '{}' of '{}' refers to unknown '{}'", check.name, owner, rule->to_table),
                      suggestion(rule->to_table, model_names())));
  }

  void check_mask(const MaskSpec& mask) {
    if (!knows(mask.model))
      errors_.add(wrong(mask.position, fmt::format("mask of an unknown model '{}'", mask.model),
                        suggestion(mask.model, model_names())));
    const auto same = [&](const MaskSpec& other) {
      return same_name(other.model, mask.model) && same_name(other.column, mask.column);
    };
    if (&*std::ranges::find_if(spec_.masks, same) != &mask)
      errors_.add(wrong(mask.position, fmt::format("'{}.{}' is masked twice", mask.model, mask.column), "remove one"));
  }

  void check_target(const TargetSpec& target) {
    if (!knows(target.model))
      errors_.add(wrong(target.position, fmt::format("target of an unknown model '{}'", target.model),
                        suggestion(target.model, model_names())));
    check_mode(target);
    const auto* connector = find_connector(target.to, target.position);
    if (connector == nullptr) return;
    check_capability(target, *connector);
    auto checked = check_options(connector->check_target, connector->target_options.get(), target.options);
    if (!checked) {
      auto error = with_own_guess(std::move(checked).error(), target.options, target_fields().table());
      errors_.add(std::move(error).at(target.position).during(fmt::format("reading target '{}'", target.name())));
    } else if (target.table.empty() && target.options.entries().empty()) {
      errors_.add(wrong(target.position, fmt::format("target of '{}' does not say where to write", target.model),
                        "add 'table' (or 'path' for files)"));
    }
  }

  void check_mode(const TargetSpec& target) {
    const auto name = target.name();
    if (target.mode == connector::WriteMode::merge && target.key.empty())
      errors_.add(wrong(target.position, fmt::format("target '{}' merges without a key", name),
                        "add 'key' with the columns that identify a row"));
    if (target.mode == connector::WriteMode::partition && target.partition_by.empty())
      errors_.add(wrong(target.position, fmt::format("target '{}' replaces partitions but has none", name),
                        "add 'partition_by' with the columns that divide the table"));
    if (target.deletes != Deletes::ignore)
      errors_.add(wrong(target.position,
                        fmt::format("target '{}': rows that are gone from the source cannot be followed yet", name),
                        "leave 'deletes' out, or replace the whole table with 'mode: replace'"));
  }

  void check_capability(const TargetSpec& target, const ConnectorSpec& connector) {
    const auto mode = config::Conversion<connector::WriteMode>::write(target.mode);
    if (!connector.capabilities.write) {
      errors_.add(wrong(target.position,
                        fmt::format("'{}' can only be read from: target '{}'", target.to, target.name()),
                        "write to another connection"));
    } else if (!connector.capabilities.delivery(target.mode)) {
      std::vector<std::string> modes;
      for (const auto& [known, delivery] : connector.capabilities.writes)
        modes.push_back(config::Conversion<connector::WriteMode>::write(known));
      errors_.add(Error(ErrorCode::unsupported, fmt::format("{} cannot be written in mode '{}': target '{}'",
                                                            connector.title, mode, target.name()))
                      .at(target.position)
                      .hint(fmt::format("it has: {}", fmt::join(modes, ", "))));
    }
  }

  void check_doubled_targets() {
    for (size_t i = 0; i < spec_.targets.size(); ++i)
      for (size_t j = 0; j < i; ++j) {
        const auto& a = spec_.targets[j];
        const auto& b = spec_.targets[i];
        if (a.to == b.to && a.name() == b.name())
          errors_.add(wrong(b.position, fmt::format("'{}' is a target twice", b.name()),
                            fmt::format("the first is at {}", a.position.to_string())));
      }
  }

  const PipelineSpec& spec_;
  const Project& project_;
  const std::vector<ConnectorSpec>& connectors_;
  ErrorList& errors_;
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0; }

}  // namespace

bool is_plain_name(std::string_view name) {
  constexpr size_t kLongest = 100;
  constexpr std::string_view kOurs = "_mainstem";
  if (name.empty() || name.size() > kLongest || !is_letter(name.front())) return false;
  if (name.size() >= kOurs.size() && same_name(name.substr(0, kOurs.size()), kOurs)) return false;
  return std::ranges::all_of(name, [](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

void inherit(PipelineSpec& spec) {
  for (auto& target : spec.targets) {
    const auto* source = spec.find_source(target.model);
    if (target.key.empty() && source != nullptr) target.key = source->key;
  }
}

void validate(const PipelineSpec& spec, const Project& project, const std::vector<ConnectorSpec>& connectors,
              ErrorList& errors) {
  Validator(spec, project, connectors, errors).run();
}

Result<void> check_lookback(const Incremental& incremental, const arrow::DataType& type) {
  const auto& text = incremental.lookback;
  if (text.empty()) return {};
  const auto id = type.id();
  const bool whole = text.find_first_not_of("0123456789") == std::string::npos;
  const bool number = columnar::is_number(type);
  const bool time = arrow::is_date(id) || id == arrow::Type::TIMESTAMP || arrow::is_string(id);
  if (!(number && !whole) && !(time && whole)) return {};
  return Error(ErrorCode::invalid_config, fmt::format("lookback '{}' does not fit cursor column '{}' of type {}", text,
                                                      incremental.cursor, columnar::type_name(type)))
      .at(incremental.position)
      .hint(number ? "write a whole number"
                   : "write a duration such as 1h for dates and times, a whole number for numbers");
}

void validate_flow(const PipelineSpec& spec, const Graph& graph, ErrorList& errors) {
  for (const auto& target : spec.targets) {
    const bool replaces = target.mode == connector::WriteMode::replace;
    const bool appends = target.mode == connector::WriteMode::append;
    for (const auto& name : graph.sources_below(target.model)) {
      const auto* source = spec.find_source(name);
      if (source == nullptr || !source->incremental) continue;
      if (replaces)
        errors.add(wrong(
            target.position,
            fmt::format(
                "target '{}' would hold only what is new: it is replaced in every run, but '{}' is read incrementally",
                target.name(), name),
            "use 'mode: merge' with a key, or read the source whole"));
      if (appends && !source->incremental->lookback.empty())
        errors.add(wrong(
            target.position,
            fmt::format("target '{}' would hold rows twice: '{}' reads some again (lookback), and append adds them",
                        target.name(), name),
            "use 'mode: merge' with a key, or leave 'lookback' out"));
    }
  }
}

std::vector<std::string> references_to_news(const PipelineSpec& spec, const Graph& graph) {
  std::vector<std::string> found;
  const auto look = [&](const std::string& model, const std::vector<check::Check>& checks) {
    for (const auto& check : checks) {
      const auto* rule = std::get_if<check::References>(&check.rule);
      if (rule == nullptr) continue;
      for (const auto& name : graph.sources_below(rule->to_table))
        if (const auto* source = spec.find_source(name); source != nullptr && source->incremental)
          found.push_back(
              fmt::format("check {}.{} finds only what is new of '{}', which is read incrementally; refer to a second "
                          "source of the same table without 'incremental'",
                          model, check.name, name));
    }
  };
  for (const auto& source : spec.sources) look(source.name, source.checks);
  for (const auto& model : spec.transforms) look(model.name, model.checks);
  return found;
}

}  // namespace mainstem::pipeline
