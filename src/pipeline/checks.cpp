#include "pipeline/checks.h"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <optional>
#include <type_traits>

#include "config/fields.h"
#include "pipeline/error_list.h"
#include "pipeline/sql_text.h"

namespace mainstem::pipeline {
namespace {

using check::Check;
using config::Fields;
using config::Node;

struct Facts {
  std::string name;
  check::Severity severity = check::Severity::error;
  check::OnFail on_fail = check::OnFail::block;
};

// A rule as written: its own options and those that all have. `to` of `references` is one word in the file.
template <class Rule>
struct Entry : Rule, Facts {};
struct ReferencesFile {
  std::string column;
  std::string to;
};

const Fields<Facts>& facts_fields() {
  static const auto fields =
      Fields<Facts>()
          .optional("name", &Facts::name, "Name in results; made from the rule if not given.")
          .optional("severity", &Facts::severity, "error stops or quarantines, warn only reports.")
          .optional("on_fail", &Facts::on_fail, "What happens when a check of severity error fails.");
  return fields;
}

template <class Rule>
Fields<Entry<Rule>> entry(const Fields<Rule>& rule) {
  return Fields<Entry<Rule>>().include(rule).include(facts_fields());
}

template <class Rule>
check::Rule rule_of(const Entry<Rule>& entry) {
  return static_cast<const Rule&>(entry);
}

using Reader = std::function<Result<Check>(const Node&)>;

// One rule of the language: its word, the option that stands for a body that is not a map, and how it is read.
struct RuleShape {
  std::string word;
  std::string doc;
  std::string short_form;
  std::shared_ptr<const config::OptionTable> options;
  Reader read;
};

Check make_check(const Facts& facts, check::Rule rule) {
  Check check{.name = facts.name, .rule = std::move(rule), .severity = facts.severity, .on_fail = facts.on_fail};
  if (check.name.empty()) check.name = check::default_name(check.rule);
  return check;
}

template <class Rule>
RuleShape shape(std::string word, std::string doc, std::string short_form, const Fields<Rule>& rule) {
  auto fields = std::make_shared<Fields<Entry<Rule>>>(entry(rule));
  return {.word = std::move(word),
          .doc = std::move(doc),
          .short_form = std::move(short_form),
          .options = fields->shared_table(),
          .read = [fields](const Node& body) -> Result<Check> {
            MS_ASSIGN(auto read, fields->read(body));
            return make_check(read, rule_of(read));
          }};
}

Result<Check> read_references(const Fields<Entry<ReferencesFile>>& fields, const Node& body) {
  MS_ASSIGN(auto read, fields.read(body));
  const size_t dot = read.to.rfind('.');
  if (dot == std::string::npos || dot == 0 || dot + 1 == read.to.size())
    return config::wrong_type(*body.find("to"), "a source or model and its column, like customers.id");
  return make_check(
      read, check::References{
                .column = read.column, .to_table = read.to.substr(0, dot), .to_column = read.to.substr(dot + 1)});
}

RuleShape references_shape() {
  auto fields = std::make_shared<Fields<Entry<ReferencesFile>>>(
      entry(Fields<ReferencesFile>()
                .required("column", &ReferencesFile::column, "Column whose values must occur elsewhere.")
                .required("to", &ReferencesFile::to, "Source or model and column.", {.examples = {"customers.id"}})));
  return {.word = "references",
          .doc = "Every value occurs in a column of another source or model.",
          .options = fields->shared_table(),
          .read = [fields](const Node& body) { return read_references(*fields, body); }};
}

std::vector<RuleShape> make_shapes() {
  using namespace check;
  std::vector<RuleShape> all;
  all.push_back(shape("not_null", "The columns hold no null.", "columns",
                      Fields<NotNull>().required("columns", &NotNull::columns, "Columns that hold no null.")));
  all.push_back(shape("unique", "No two rows agree in all columns.", "columns",
                      Fields<Unique>().required("columns", &Unique::columns, "Columns that are unique together.")));
  all.push_back(shape("range", "Values lie between two bounds, both included.", "",
                      Fields<Range>()
                          .required("column", &Range::column, "Column with the values.")
                          .optional("min", &Range::min, "Least value.")
                          .optional("max", &Range::max, "Greatest value.")));
  all.push_back(shape("accepted_values", "Values are of a list.", "",
                      Fields<AcceptedValues>()
                          .required("column", &AcceptedValues::column, "Column with the values.")
                          .required("values", &AcceptedValues::values, "Values that may occur.")));
  all.push_back(shape("matches", "Texts match a regular expression from end to end.", "",
                      Fields<Matches>()
                          .required("column", &Matches::column, "Column with the texts.")
                          .required("pattern", &Matches::pattern, "Regular expression (RE2).")));
  all.push_back(shape("length", "Texts have a length within bounds, in characters.", "",
                      Fields<Length>()
                          .required("column", &Length::column, "Column with the texts.")
                          .optional("min", &Length::min, "Least length.", {.min = 0})
                          .optional("max", &Length::max, "Greatest length.", {.min = 0})));
  all.push_back(references_shape());
  all.push_back(shape("row_count", "The number of rows lies within bounds.", "",
                      Fields<RowCount>()
                          .optional("min", &RowCount::min, "Least number of rows.", {.min = 0})
                          .optional("max", &RowCount::max, "Greatest number of rows.", {.min = 0})));
  all.push_back(
      shape("freshness", "The newest value of a date or time column is not too old.", "",
            Fields<Freshness>()
                .required("column", &Freshness::column, "Column with dates or times.")
                .required("within", &Freshness::within, "Greatest age of the newest.", {.examples = {"2d"}})));
  all.push_back(shape("sql", "Every row that a query returns is a failure.", "sql",
                      Fields<Sql>().required("sql", &Sql::sql, "Query over the pipeline's sources and models.")));
  return all;
}

const std::vector<RuleShape>& shapes() {
  static const auto all = make_shapes();
  return all;
}

// The key of the map that names the rule; all others must be facts.
Result<const RuleShape*> find_rule(const Node& node) {
  const RuleShape* found = nullptr;
  for (const auto& [key, value] : node.entries()) {
    if (facts_fields().table().find(key) != nullptr) continue;
    auto it = std::ranges::find(shapes(), key, &RuleShape::word);
    if (it == shapes().end()) {
      std::vector<std::string> words;
      for (const auto& shape : shapes()) words.push_back(shape.word);
      return Error(ErrorCode::invalid_config, fmt::format("unknown check '{}'", key))
          .at(node.key_position(key))
          .hint(suggestion(key, words));
    }
    if (found != nullptr)
      return Error(ErrorCode::invalid_config, fmt::format("a second check in one item: '{}'", key))
          .at(node.key_position(key))
          .hint("begin each check with '- '");
    found = &*it;
  }
  if (found == nullptr) return config::wrong_type(node, "a check, like 'unique: id'");
  return found;
}

// The rule's options in one map, whichever way they were written.
Result<Node> body_of(const Node& node, const RuleShape& rule) {
  const auto& value = *node.find(rule.word);
  auto body = Node::map({}, node.key_position(rule.word));
  if (value.is_map())
    body = value;
  else if (!value.is_null() && rule.short_form.empty())
    return config::wrong_type(value,
                              fmt::format("a map, like '{}: {{{}: ...}}'", rule.word, rule.options->options[0].name));
  else if (!value.is_null())
    body.set(rule.short_form, value, node.key_position(rule.word));
  for (const auto& [key, fact] : node.entries()) {
    if (key == rule.word) continue;
    if (body.find(key) != nullptr)
      return Error(ErrorCode::invalid_config, fmt::format("'{}' is there twice", key)).at(node.key_position(key));
    body.set(key, fact, node.key_position(key));
  }
  return body;
}

Error says_nothing(std::string message, std::string hint) {
  return Error(ErrorCode::invalid_config, std::move(message)).hint(std::move(hint));
}

// Bounds of which both may be left out; those of a range are numbers only if both can be read as such.
template <class Bound>
Result<void> check_bounds(const std::optional<Bound>& min, const std::optional<Bound>& max) {
  if (!min && !max) return says_nothing("the check has no bounds", "give min, max or both");
  if (!min || !max) return {};
  if constexpr (std::is_same_v<Bound, std::string>) {
    const auto low = config::read_number(Node::scalar(*min));
    const auto high = config::read_number(Node::scalar(*max));
    if (low && high && *low > *high) return says_nothing("min is greater than max", "exchange them");
  } else if (*min > *max) {
    return says_nothing("min is greater than max", "exchange them");
  }
  return {};
}

Result<void> check_columns(const std::vector<std::string>& columns) {
  if (columns.empty()) return says_nothing("the check names no columns", "name at least one");
  return {};
}

struct Sense {
  Result<void> operator()(const check::NotNull& rule) const { return check_columns(rule.columns); }
  Result<void> operator()(const check::Unique& rule) const { return check_columns(rule.columns); }
  Result<void> operator()(const check::Range& rule) const { return check_bounds(rule.min, rule.max); }
  Result<void> operator()(const check::Length& rule) const { return check_bounds(rule.min, rule.max); }
  Result<void> operator()(const check::RowCount& rule) const { return check_bounds(rule.min, rule.max); }
  Result<void> operator()(const check::AcceptedValues& rule) const {
    if (rule.values.empty()) return says_nothing("the check accepts no value", "list the values that may occur");
    return {};
  }
  Result<void> operator()(const auto&) const { return {}; }
};

// What can be read and still cannot be meant.
Result<void> check_sense(const Check& check) {
  MS_TRY(std::visit(Sense{}, check.rule));
  if (check.on_fail == check::OnFail::quarantine && !check::names_rows(check.rule))
    return Error(ErrorCode::invalid_config, "the check cannot quarantine: it does not say which rows fail")
        .hint("use 'on_fail: block' or 'on_fail: warn'");
  return {};
}

Result<Check> read_check(const Node& node) {
  if (!node.is_map()) return config::wrong_type(node, "a check, like 'unique: id'");
  MS_ASSIGN(const auto* rule, find_rule(node));
  const auto position = node.key_position(rule->word);
  MS_ASSIGN(const auto body, body_of(node, *rule));
  MS_ASSIGN_DURING(auto check, rule->read(body), fmt::format("reading check '{}'", rule->word));
  check.position = position;
  if (auto* sql = std::get_if<check::Sql>(&check.rule)) sql->sql = without_end(sql->sql);
  auto sense = check_sense(check);
  if (!sense) return std::move(sense).error().at(position).during(fmt::format("reading check '{}'", rule->word));
  return check;
}

}  // namespace

std::vector<Check> read_checks(const Node& list, ErrorList& errors) {
  std::vector<Check> checks;
  if (list.is_null()) return checks;
  if (!list.is_list()) {
    errors.add(config::wrong_type(list, "a list of checks"));
    return checks;
  }
  for (const auto& item : list.items())
    if (auto check = errors.keep(read_check(item))) checks.push_back(*std::move(check));
  return checks;
}

void make_names_unique(std::vector<Check>& checks) {
  for (size_t i = 0; i < checks.size(); ++i) {
    const auto same = [&](const Check& other) { return other.name == checks[i].name; };
    const auto earlier = [&] { return std::any_of(checks.begin(), checks.begin() + static_cast<ptrdiff_t>(i), same); };
    const auto name = checks[i].name;
    for (int n = 2; earlier(); ++n) checks[i].name = fmt::format("{} #{}", name, n);
  }
}

std::shared_ptr<const config::OptionTable> check_options() {
  auto table = std::make_shared<config::OptionTable>();
  for (const auto& rule : shapes()) {
    config::Option option{.name = rule.word, .type = "table", .doc = rule.doc, .nested = rule.options};
    // The short form is another type; editors then check less, which is better than marking what is right.
    if (!rule.short_form.empty()) option.type = "any";
    table->options.push_back(std::move(option));
  }
  for (const auto& fact : facts_fields().table().options) table->options.push_back(fact);
  return table;
}

}  // namespace mainstem::pipeline
