#include "config/references.h"

#include <algorithm>
#include <fmt/format.h>

namespace mainstem::config {
namespace {

constexpr std::string_view kKnownKinds = "known: env, file, param";

// "${kind:name:-fallback}" taken apart; `end` is behind the brace.
struct Reference {
  std::string kind;
  std::string name;
  std::optional<std::string> fallback;
  size_t end = 0;
};

struct Expanded {
  std::string text;
  bool sensitive = false;
  bool whole = false;  // the text is one reference and nothing else
};

FilePosition place_of(const Node& scalar, size_t offset) {
  const auto before = std::string_view(scalar.text()).substr(0, offset);
  const auto line_break = before.rfind('\n');
  const auto line_start = line_break == std::string_view::npos ? 0 : line_break + 1;
  const auto characters = std::ranges::count_if(before.substr(line_start), [](char c) { return (c & 0xc0) != 0x80; });
  return scalar.text_place().at(static_cast<int>(std::ranges::count(before, '\n')) + 1,
                                static_cast<int>(characters) + 1);
}

Result<Reference> parse_reference(const std::string& text, size_t start) {
  const size_t end = text.find('}', start);
  if (end == std::string::npos)
    return Error(ErrorCode::invalid_config, "a reference is not closed")
        .hint("write ${env:NAME}; $${ stands for ${ itself");
  const auto inner = std::string_view(text).substr(start + 2, end - start - 2);
  const size_t colon = inner.find(':');
  if (colon == std::string_view::npos || colon == 0)
    return Error(ErrorCode::invalid_config, "a reference needs a kind")
        .hint(fmt::format("write ${{env:{}}}; {}", colon == 0 ? inner.substr(1) : inner, kKnownKinds));
  Reference reference{.kind = std::string(inner.substr(0, colon)), .end = end + 1};
  const auto rest = inner.substr(colon + 1);
  const size_t fallback = rest.find(":-");
  reference.name = rest.substr(0, fallback);
  if (fallback != std::string_view::npos) reference.fallback = rest.substr(fallback + 2);
  if (reference.name.empty())
    return Error(ErrorCode::invalid_config, "a reference names nothing").hint("write ${env:NAME}");
  return reference;
}

Error missing(const Reference& reference) {
  if (reference.kind == "env")
    return Error(ErrorCode::invalid_config, fmt::format("environment variable '{}' is not set", reference.name))
        .hint(fmt::format("set it, or give a default: ${{env:{}:-...}}", reference.name));
  return Error(ErrorCode::invalid_config, fmt::format("parameter '{}' has no value", reference.name))
      .hint(fmt::format("give --param {}=..., or a default: ${{param:{}:-...}}", reference.name, reference.name));
}

Result<Expanded> resolve(const Reference& reference, const Resolver& resolver) {
  const bool env = reference.kind == "env" && resolver.env;
  const bool param = reference.kind == "param" && resolver.param;
  if (env || param) {
    auto value = env ? resolver.env(reference.name) : resolver.param(reference.name);
    if (value) return Expanded{.text = *std::move(value), .sensitive = env};
    if (reference.fallback) return Expanded{.text = *reference.fallback};
    return missing(reference);
  }
  if (reference.kind == "file" && resolver.file) {
    auto content = resolver.file(reference.name);
    if (!content && content.error().code() == ErrorCode::not_found && reference.fallback)
      return Expanded{.text = *reference.fallback};
    if (!content) return std::move(content).error().during("reading a reference");
    if (content->ends_with('\n')) content->pop_back();
    if (content->ends_with('\r')) content->pop_back();
    return Expanded{.text = *std::move(content), .sensitive = true};
  }
  const bool known = reference.kind == "env" || reference.kind == "file" || reference.kind == "param";
  if (known)
    return Error(ErrorCode::invalid_config, fmt::format("a reference of kind '{}' may not stand here", reference.kind))
        .hint("SQL takes ${param:name} only");
  return Error(ErrorCode::invalid_config, fmt::format("unknown kind of reference '{}'", reference.kind))
      .hint(std::string(kKnownKinds));
}

// A stand-in for a value that nobody has here.
std::optional<Expanded> stand_in(const Reference& reference, const Resolver& resolver, Error error) {
  const bool may_miss = (reference.kind == "env" && resolver.env) || (reference.kind == "file" && resolver.file);
  if (!resolver.stand_in || !may_miss) return std::nullopt;
  return Expanded{.text = resolver.stand_in(std::move(error)), .sensitive = true};
}

using Writer = std::function<Result<std::string>(std::string)>;

Result<Expanded> expand(const Node& scalar, const Resolver& resolver, const Writer& write) {
  const auto& text = scalar.text();
  Expanded result;
  size_t done = 0;
  for (size_t at = text.find("${"); at != std::string::npos; at = text.find("${", done)) {
    if (at > done && text[at - 1] == '$') {  // "$${" stands for "${"
      result.text += text.substr(done, at - 1 - done) + "${";
      done = at + 2;
      continue;
    }
    const auto place = place_of(scalar, at);
    auto reference = parse_reference(text, at);
    if (!reference) return std::move(reference).error().at(place);
    auto value = resolve(*reference, resolver);
    if (!value) {
      auto error = std::move(value).error().at(place);
      auto instead = stand_in(*reference, resolver, error);
      if (!instead) return error;
      value = *std::move(instead);
    }
    auto written = write(std::move(value->text));
    if (!written) return std::move(written).error().at(place);
    result.text += text.substr(done, at - done) + *written;
    result.sensitive |= value->sensitive;
    result.whole = at == 0 && reference->end == text.size();
    done = reference->end;
  }
  result.text += text.substr(done);
  return result;
}

Result<std::string> as_sql_literal(std::string value) {
  const bool unsafe =
      std::ranges::any_of(value, [](char c) { return c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (unsafe)
    return Error(ErrorCode::invalid_config, "a parameter in SQL may not hold backslashes or control characters")
        .hint("put such a value into the SQL itself, quoted as its dialect wants it");
  std::string literal = "'";
  for (char c : value) literal += c == '\'' ? std::string("''") : std::string(1, c);
  return literal + "'";
}

Result<Node> expand_scalar(const Node& scalar, const Resolver& resolver, const Writer& write) {
  if (scalar.text().find("${") == std::string::npos) return scalar;
  MS_ASSIGN(auto expanded, expand(scalar, resolver, write));
  auto node = Node::scalar(std::move(expanded.text), scalar.position(), scalar.quoted() && !expanded.whole);
  node.set_text_place(scalar.text_place());
  node.set_sensitive(scalar.sensitive() || expanded.sensitive);
  return node;
}

}  // namespace

Result<Node> expand_text(const Node& scalar, const Resolver& resolver) {
  return expand_scalar(scalar, resolver, [](std::string value) -> Result<std::string> { return value; });
}

Result<Node> expand_sql(const Node& scalar, const Resolver& resolver) {
  return expand_scalar(scalar, Resolver{.param = resolver.param}, as_sql_literal);
}

Result<Node> expand_references(Node node, const Resolver& resolver, const std::vector<std::string>& sql_keys) {
  switch (node.kind()) {
    case Node::Kind::null: return node;
    case Node::Kind::scalar: return expand_text(node, resolver);
    case Node::Kind::list: {
      auto list = Node::list({}, node.position());
      for (const auto& item : node.items()) {
        MS_ASSIGN(auto expanded, expand_references(item, resolver, sql_keys));
        list.append(std::move(expanded));
      }
      return list;
    }
    case Node::Kind::map: {
      auto map = Node::map({}, node.position());
      for (const auto& [key, value] : node.entries()) {
        const bool sql = value.is_scalar() && std::ranges::find(sql_keys, key) != sql_keys.end();
        MS_ASSIGN(auto expanded, sql ? expand_sql(value, resolver) : expand_references(value, resolver, sql_keys));
        map.add_entry(key, std::move(expanded), node.key_position(key));
      }
      return map;
    }
  }
  return node;
}

}  // namespace mainstem::config
