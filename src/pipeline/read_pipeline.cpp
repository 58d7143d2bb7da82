#include "pipeline/read_pipeline.h"

#include <algorithm>
#include <fmt/format.h>

#include "config/yaml.h"
#include "config/yaml_text.h"
#include "pipeline/checks.h"
#include "pipeline/files.h"
#include "pipeline/read_tests.h"
#include "pipeline/spec_fields.h"
#include "pipeline/sql_text.h"
#include "pipeline/steps.h"
#include "security/digest.h"

namespace mainstem::pipeline {
namespace {

using config::Node;

// Of several texts one from which each can be told.
void add_text(std::string& texts, std::string_view text) { texts += fmt::format("{}\n{}", text.size(), text); }

void add_node(std::string& texts, const Node& node) {
  add_text(texts, node.kind_name());
  add_text(texts, node.text());
  for (const auto& item : node.items()) add_node(texts, item);
  for (const auto& [key, value] : node.entries()) {
    add_text(texts, key);
    add_node(texts, value);
  }
  texts += ';';
}

// Reads the items of one pipeline file into its spec; each item by itself, so that one mistake hides no other.
class Reader {
 public:
  /// Adds what it reads, its references resolved, to `texts`.
  Reader(const Reading& reading, PipelineFileContent& content, std::string& texts, ErrorList& errors,
         config::Resolver resolver)
      : reading_(reading),
        spec_(content.spec),
        tests_(content.tests),
        texts_(texts),
        errors_(errors),
        resolver_(std::move(resolver)) {}

  void read_sources(const Node& map) {
    for_each_entry(map, "source", [this](const std::string& name, const Node& node, const FilePosition& position) {
      return read_source(name, node, position);
    });
  }
  void read_transforms(const Node& map) {
    for_each_entry(map, "model", [this](const std::string& name, const Node& node, const FilePosition& position) {
      return read_transform(name, node, position);
    });
  }
  void read_masks(const Node& map) {
    for_each_entry(map, "mask", [this](const std::string& name, const Node& node, const FilePosition& position) {
      return read_mask(name, node, position);
    });
  }
  void read_targets(const Node& list) {
    if (list.is_null()) return;
    if (!list.is_list()) return errors_.add(config::wrong_type(list, "a list of targets"));
    for (size_t i = 0; i < list.items().size(); ++i) {
      auto read = read_target(list.items()[i]);
      if (!read) errors_.add(std::move(read).error().during(fmt::format("reading target {}", i + 1)));
    }
  }

 private:
  template <class Read>
  void for_each_entry(const Node& map, std::string_view what, const Read& read) {
    if (map.is_null()) return;
    if (!map.is_map()) return errors_.add(config::wrong_type(map, fmt::format("a map with a name for each {}", what)));
    for (const auto& [name, node] : map.entries()) {
      auto done = read(name, node, map.key_position(name));
      if (!done)
        errors_.add(
            std::move(done).error().at(map.key_position(name)).during(fmt::format("reading {} '{}'", what, name)));
    }
  }

  Result<void> read_source(const std::string& name, const Node& written, const FilePosition& position) {
    if (!written.is_map()) return config::wrong_type(written, "a map of options");
    MS_ASSIGN(const auto node, expand(written, resolver_));
    add_node(texts_, node);
    auto [own, options] = split_options(node, source_fields().table());
    MS_ASSIGN(auto file, source_fields().read(own));
    SourceSpec source = std::move(static_cast<SourceSpec&>(file));
    source.name = name;
    source.position = position;
    source.options = std::move(options);
    source.checks = read_checks(file.check_list, errors_);
    make_names_unique(source.checks);
    spec_.sources.push_back(std::move(source));
    return {};
  }

  Result<void> read_transform(const std::string& name, const Node& written, const FilePosition& position) {
    TransformSpec model{.name = name, .position = position};
    auto resolver = resolver_;
    if (resolver.stand_in)
      resolver.stand_in = [this, &model](Error error) {
        if (!model.missing) model.missing = error;
        return resolver_.stand_in(std::move(error));
      };
    MS_ASSIGN(const auto node, expand(written, resolver));
    add_node(texts_, node);
    MS_ASSIGN(const auto file, transform_fields().read(node));
    model.description = file.description;
    const bool has_steps = !file.from.empty() || !file.steps.is_null();
    if (file.sql.is_null() == !has_steps)
      return Error(ErrorCode::invalid_config, "a model needs either 'sql', or 'from' and 'steps'")
          .hint("write 'sql: select ...' or 'sql: models/NAME.sql'");
    model.checks = read_checks(file.check_list, errors_);
    if (has_steps) {
      MS_TRY(read_steps(file, position, model));
    } else {
      MS_TRY(read_sql(file.sql, model));
    }
    make_names_unique(model.checks);
    spec_.transforms.push_back(std::move(model));
    return {};
  }

  static Result<void> read_steps(const TransformFile& file, const FilePosition& position, TransformSpec& model) {
    if (file.from.empty() || file.steps.is_null())
      return Error(ErrorCode::invalid_config, "'from' and 'steps' go together")
          .hint("'from' names the source or model that the first step reads");
    MS_ASSIGN(model.sql.text, compile_steps(file.from, file.steps));
    model.sql.place = {.first = position, .next_column = 0};
    model.sql.generated = true;
    return {};
  }

  Result<void> read_sql(const Node& node, TransformSpec& model) {
    MS_ASSIGN(const auto text, config::read_text(node));
    if (text.ends_with(".sql") && text.find_first_of(" \t\r\n") == std::string::npos)
      return read_sql_file(text, node.position(), model);
    return take_sql(node, model);
  }

  Result<void> read_sql_file(const std::string& name, const FilePosition& named_at, TransformSpec& model) {
    const auto path = join_path(reading_.directory, name);
    auto text = read_text_file(path);
    if (!text) return std::move(text).error().at(named_at).hint("the path counts from the project's folder");
    MS_TRY(config::YamlText(*text, path).check_characters());
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (text->starts_with(kByteOrderMark)) text->erase(0, kByteOrderMark.size());
    auto node = Node::scalar(*std::move(text), {.file = path, .line = 1, .column = 1});
    node.set_text_place({.first = node.position(), .next_column = 1});
    MS_TRY(read_header(node, path, model));
    MS_ASSIGN(const auto sql, config::expand_sql(node, resolver_));
    add_node(texts_, sql);
    return take_sql(sql, model);
  }

  Result<void> read_header(const Node& sql, const std::string& path, TransformSpec& model) {
    const auto header = sql_file_header(sql.text());
    if (header.empty()) return {};
    MS_ASSIGN_DURING(const auto written, config::read_yaml(header, path), "reading the comment before the SQL");
    MS_ASSIGN(const auto node, expand(written, resolver_));
    MS_ASSIGN_DURING(auto file, sql_header_fields().read(node), "reading the comment before the SQL");
    if (model.description.empty()) model.description = file.description;
    for (auto& check : read_checks(file.check_list, errors_)) model.checks.push_back(std::move(check));
    for (auto& test : read_tests(file.test_list, model.name, errors_)) {
      test.pipeline = spec_.name;
      tests_.push_back(std::move(test));
    }
    return {};
  }

  static Result<void> take_sql(const Node& node, TransformSpec& model) {
    model.sql = {.text = without_end(node.text()), .place = node.text_place()};
    if (model.sql.text.find_first_not_of(" \t\r\n") == std::string::npos)
      return Error(ErrorCode::invalid_config, "the SQL is empty").at(node.position()).hint("write a SELECT");
    return {};
  }

  Result<void> read_mask(const std::string& name, const Node& written, const FilePosition& position) {
    const size_t dot = name.rfind('.');
    if (dot == std::string::npos || dot == 0 || dot + 1 == name.size())
      return Error(ErrorCode::invalid_config, "a mask is named by model and column")
          .hint("write for example customers.email");
    MS_ASSIGN(auto node, expand(written, resolver_));
    add_node(texts_, node);
    // YAML takes the method's name for nothing.
    const auto* method = node.find("method");
    if (method != nullptr && method->is_null())
      node.set("method", Node::scalar("null", method->position()), node.key_position("method"));
    MS_ASSIGN(auto file, mask_fields().read(node));
    MS_TRY(security::Masker::make(file.method, file.key));
    spec_.masks.push_back({.model = name.substr(0, dot),
                           .column = name.substr(dot + 1),
                           .method = file.method,
                           .key = std::move(file.key),
                           .position = position});
    return {};
  }

  Result<void> read_target(const Node& written) {
    if (!written.is_map()) return config::wrong_type(written, "a map, like {model: a, to: b, table: c}");
    MS_ASSIGN(const auto node, expand(written, resolver_));
    add_node(texts_, node);
    auto [own, options] = split_options(node, target_fields().table());
    MS_ASSIGN(auto target, target_fields().read(own));
    target.position = written.position();
    target.options = std::move(options);
    spec_.targets.push_back(std::move(target));
    return {};
  }

  const Reading& reading_;
  PipelineSpec& spec_;
  std::vector<TestSpec>& tests_;
  std::string& texts_;
  ErrorList& errors_;
  config::Resolver resolver_;
};

std::optional<std::string> read_name(const Node& file, const std::string& path, ErrorList& errors) {
  if (!file.is_map()) {
    errors.add(Error(ErrorCode::invalid_config, "the pipeline file is empty or not a map")
                   .at({.file = path, .line = 1, .column = 1})
                   .hint("begin with 'pipeline: NAME'"));
    return std::nullopt;
  }
  const auto* name = file.find("pipeline");
  return name != nullptr && name->is_scalar() ? name->text() : "";
}

}  // namespace

std::optional<PipelineFileContent> read_pipeline(const Reading& reading, const std::string& path, ErrorList& errors) {
  auto file = errors.keep(read_yaml_file(path));
  if (!file) return std::nullopt;
  const auto name = read_name(*file, path, errors);
  if (!name) return std::nullopt;
  PipelineFileContent content;
  auto& spec = content.spec;
  spec.name = *name;
  spec.position = file->key_position("pipeline");
  const auto params = errors.keep(read_params(*file)).value_or(NamedTexts{});
  reading.parameters.declare(params);
  const auto resolver = reading.resolver(params);

  // What the items hold is expanded with each of them; here only what stands around them.
  Node frame = *file;
  for (const auto* key : {"sources", "transforms", "mask", "targets"})
    if (const auto* items = frame.find(key); items != nullptr && !items->is_null())
      frame.set(key, Node::scalar("", items->position()), frame.key_position(key));
  auto expanded = errors.keep(expand(frame, resolver));
  if (auto read = expanded ? errors.keep(pipeline_fields().read(*expanded)) : std::nullopt) {
    spec.description = std::move(read->description);
    spec.owner = std::move(read->owner);
    spec.schedule = std::move(read->schedule);
    spec.publish = read->publish;
    spec.budget = read->budget.bad_rows;
  }
  std::string texts;
  if (expanded) add_node(texts, *expanded);
  Reader reader(reading, content, texts, errors, resolver);
  reader.read_sources(file->take("sources"));
  reader.read_transforms(file->take("transforms"));
  reader.read_masks(file->take("mask"));
  reader.read_targets(file->take("targets"));
  spec.fingerprint = security::sha256(texts);
  return content;
}

}  // namespace mainstem::pipeline
