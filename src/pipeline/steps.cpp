#include "pipeline/steps.h"

#include <algorithm>
#include <arrow/api.h>
#include <fmt/format.h>
#include <functional>

#include "columnar/type_name.h"
#include "config/fields.h"
#include "connector/table.h"

namespace mainstem::pipeline {
namespace {

using config::Fields;
using config::Node;
using connector::quote_identifier;
using connector::quote_literal;
using Pairs = std::vector<std::pair<std::string, Node>>;

struct Dedupe {
  std::vector<std::string> key;
  std::string latest;
};
struct Lookup {
  std::string from;
  Node on;
  std::vector<std::string> take;
};
struct Flatten {
  std::string column;
  Pairs fields;
  bool keep = false;
};

const Fields<Dedupe>& dedupe_fields() {
  static const auto fields =
      Fields<Dedupe>()
          .required("key", &Dedupe::key, "Columns in which rows agree that are the same thing.")
          .required("latest", &Dedupe::latest, "Column whose greatest value says which row stays.");
  return fields;
}

const Fields<Lookup>& lookup_fields() {
  static const auto fields =
      Fields<Lookup>()
          .required("from", &Lookup::from, "Source or model to look into; a key may occur there once.")
          .required("on", &Lookup::on, "Column with the same name on both sides, or a map from ours to theirs.")
          .required("take", &Lookup::take, "Columns to add.");
  return fields;
}

const Fields<Flatten>& flatten_fields() {
  static const auto fields =
      Fields<Flatten>()
          .required("column", &Flatten::column, "Text column that holds JSON.")
          .required("fields", &Flatten::fields, "Path in the JSON (parts divided by dots) and type of each new column.",
                    {.examples = {"{address.city: text}"}, .type = "map of text"})
          .optional("keep", &Flatten::keep, "Leaves the JSON column in place.");
  return fields;
}

Error empty_step(const Node& node) { return config::wrong_type(node, "at least one column"); }

Result<Pairs> read_pairs(const Node& node) {
  if (!node.is_map() || node.entries().empty()) return config::wrong_type(node, "a map of columns");
  return node.entries();
}

Result<std::string> rename(const Node& node, const std::string& input) {
  MS_ASSIGN(const auto pairs, read_pairs(node));
  std::string list;
  for (const auto& [from, to] : pairs) {
    MS_ASSIGN(const auto name, config::read_text(to));
    list += fmt::format("{}{} as {}", list.empty() ? "" : ", ", quote_identifier(from), quote_identifier(name));
  }
  return fmt::format("select * rename ({}) from {}", list, input);
}

// The type in words that mean the same to the engine: a bare "float" or "decimal" is not what DuckDB takes it for.
Result<std::string> engine_type(const Node& node) {
  MS_ASSIGN(const auto text, read_type(node));
  MS_ASSIGN(const auto type, columnar::parse_type(text));
  return columnar::type_name(*type);
}

Result<std::string> cast(const Node& node, const std::string& input) {
  MS_ASSIGN(const auto pairs, read_pairs(node));
  std::string list;
  for (const auto& [column, type] : pairs) {
    MS_ASSIGN(const auto sql_type, engine_type(type));
    list += fmt::format("{0}cast({1} as {2}) as {1}", list.empty() ? "" : ", ", quote_identifier(column), sql_type);
  }
  return fmt::format("select * replace ({}) from {}", list, input);
}

Result<std::string> trim(const Node& node, const std::string& input) {
  MS_ASSIGN(const auto columns, config::Conversion<std::vector<std::string>>::read(node));
  if (columns.empty()) return empty_step(node);
  std::string list;
  for (const auto& column : columns)
    list += fmt::format("{0}trim({1}) as {1}", list.empty() ? "" : ", ", quote_identifier(column));
  return fmt::format("select * replace ({}) from {}", list, input);
}

std::string quoted_list(const std::vector<std::string>& columns) {
  std::string list;
  for (const auto& column : columns) list += (list.empty() ? "" : ", ") + quote_identifier(column);
  return list;
}

Result<std::string> drop(const Node& node, const std::string& input) {
  MS_ASSIGN(const auto columns, config::Conversion<std::vector<std::string>>::read(node));
  if (columns.empty()) return empty_step(node);
  return fmt::format("select * exclude ({}) from {}", quoted_list(columns), input);
}

// The line break before the bracket keeps a comment at the condition's end from swallowing it.
Result<std::string> filter(const Node& node, const std::string& input) {
  MS_ASSIGN(const auto condition, config::read_text(node));
  return fmt::format("select * from {} where ({}\n)", input, condition);
}

Result<std::string> dedupe(const Node& node, const std::string& input) {
  MS_ASSIGN(const auto step, dedupe_fields().read(node));
  if (step.key.empty()) return empty_step(node);
  return fmt::format("select * from {} qualify row_number() over (partition by {} order by {} desc nulls last) = 1",
                     input, quoted_list(step.key), quote_identifier(step.latest));
}

Result<std::string> lookup(const Node& node, const std::string& input) {
  MS_ASSIGN(const auto step, lookup_fields().read(node));
  Pairs on = step.on.entries();
  if (step.on.is_scalar()) on.emplace_back(step.on.text(), step.on);
  if (on.empty() || step.take.empty()) return empty_step(node);
  std::string condition;
  std::vector<std::string> theirs;
  for (const auto& [ours, their] : on) {
    MS_ASSIGN(theirs.emplace_back(), config::read_text(their));
    condition += fmt::format("{}t.{} = l.{}", condition.empty() ? "" : " and ", quote_identifier(ours),
                             quote_identifier(theirs.back()));
  }
  std::string known;
  for (const auto& column : theirs) known += (known.empty() ? "" : " and ") + quote_identifier(column) + " is not null";
  std::string taken;
  for (const auto& column : step.take) taken += ", l." + quote_identifier(column);
  // A key that occurs twice would double rows without a word, so it stops the query.
  const auto unique = fmt::format("case when count(*) over (partition by {}) > 1 then error({}) else true end",
                                  quoted_list(theirs), quote_literal("lookup: a key occurs twice in " + step.from));
  return fmt::format("select t.*{} from {} as t left join (select * from {} where {} qualify {}) as l on {}", taken,
                     input, quote_identifier(step.from), known, unique, condition);
}

Result<std::string> flatten(const Node& node, const std::string& input) {
  MS_ASSIGN(const auto step, flatten_fields().read(node));
  if (step.fields.empty()) return empty_step(node);
  std::string columns;
  for (const auto& [path, type] : step.fields) {
    MS_ASSIGN(const auto sql_type, engine_type(type));
    std::string json_path = "$";
    std::string name;
    for (size_t start = 0; start <= path.size();) {
      const size_t end = std::min(path.find('.', start), path.size());
      const auto part = path.substr(start, end - start);
      if (part.empty() || part.find('"') != std::string::npos)
        return config::wrong_type(type, "a path like address.city");
      json_path += ".\"" + part + "\"";
      name += (name.empty() ? "" : "_") + part;
      start = end + 1;
    }
    columns += fmt::format(", cast(json_extract_string({}, {}) as {}) as {}", quote_identifier(step.column),
                           quote_literal(json_path), sql_type, quote_identifier(name));
  }
  const auto rest = step.keep ? "*" : fmt::format("* exclude ({})", quote_identifier(step.column));
  return fmt::format("select {}{} from {}", rest, columns, input);
}

// A step's word, its doc, and how it becomes a SELECT from `input`, which is quoted.
struct StepShape {
  std::string word;
  std::string doc;
  std::string type;
  std::shared_ptr<const config::OptionTable> options;
  std::function<Result<std::string>(const Node& body, const std::string& input)> compile;
};

const std::vector<StepShape>& shapes() {
  static const std::vector<StepShape> all{
      {"rename", "Gives columns new names: {old: new}.", "map of text", nullptr, rename},
      {"cast", "Changes types: {column: type}.", "map of text", nullptr, cast},
      {"trim", "Takes blanks off both ends of texts.", "list of text", nullptr, trim},
      {"drop", "Leaves columns out.", "list of text", nullptr, drop},
      {"filter", "Keeps the rows for which an SQL condition holds.", "text", nullptr, filter},
      {"dedupe", "Keeps one row of each key.", "table", dedupe_fields().shared_table(), dedupe},
      {"lookup", "Adds columns found in another source or model.", "table", lookup_fields().shared_table(), lookup},
      {"flatten", "Makes columns from a JSON text.", "table", flatten_fields().shared_table(), flatten}};
  return all;
}

Result<std::string> compile_step(const Node& step, const std::string& input) {
  if (!step.is_map() || step.entries().size() != 1) return config::wrong_type(step, "one step, like 'trim: [name]'");
  const auto& [word, body] = step.entries().front();
  auto it = std::ranges::find(shapes(), word, &StepShape::word);
  if (it == shapes().end()) return config::unknown_key(step, word, *step_options());
  auto sql = it->compile(body, input);
  if (!sql) return std::move(sql).error().during(fmt::format("reading step '{}'", word)).at(step.position());
  return sql;
}

}  // namespace

Result<std::string> read_type(const Node& node) {
  MS_ASSIGN(auto text, config::read_text(node));
  if (auto type = columnar::parse_type(text); !type)
    return config::not_readable(node, std::move(type).error(), "a type, like integer, decimal(12,2) or timestamp");
  return text;
}

Result<std::string> compile_steps(const std::string& from, const Node& steps) {
  if (!steps.is_list() || steps.items().empty()) return config::wrong_type(steps, "a list of steps");
  std::string sql;
  std::string input = quote_identifier(from);
  for (size_t i = 0; i < steps.items().size(); ++i) {
    MS_ASSIGN(const auto query, compile_step(steps.items()[i], input));
    const bool last = i + 1 == steps.items().size();
    const auto name = fmt::format("_mainstem_step_{}", i + 1);
    if (!last) sql += fmt::format("{}{} as ({})", i == 0 ? "with " : ",\n", name, query);
    if (last) sql += (i == 0 ? "" : "\n") + query;
    input = name;
  }
  return sql;
}

std::shared_ptr<const config::OptionTable> step_options() {
  auto table = std::make_shared<config::OptionTable>();
  for (const auto& shape : shapes())
    table->options.push_back(
        config::Option{.name = shape.word, .type = shape.type, .doc = shape.doc, .nested = shape.options});
  return table;
}

}  // namespace mainstem::pipeline
