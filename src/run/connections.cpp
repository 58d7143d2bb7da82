#include "run/connections.h"

#include <fmt/format.h>

namespace mainstem::run {
namespace {

Error has_no_side(const connector::ConnectorSpec& spec, const std::string& name, const char* side) {
  return Error(ErrorCode::unsupported, fmt::format("connection '{}' cannot be a {}", name, side))
      .hint(fmt::format("{} has no {} side; see mainstem connectors {}", spec.title, side, spec.name));
}

}  // namespace

void Connections::add(const std::string& name, const connector::ConnectorSpec& spec, config::Node options) {
  entries_.try_emplace(name, Entry{.spec = &spec, .options = std::move(options), .source = {}, .sink = {}});
}

const connector::ConnectorSpec* Connections::spec(const std::string& name) const {
  const auto it = entries_.find(name);
  return it == entries_.end() ? nullptr : it->second.spec;
}

Result<Connections::Entry*> Connections::find(const std::string& name) {
  const auto it = entries_.find(name);
  if (it == entries_.end()) return Error(ErrorCode::not_found, fmt::format("no connection '{}'", name));
  return &it->second;
}

Result<connector::Source*> Connections::source(const std::string& name) {
  MS_ASSIGN(auto* entry, find(name));
  if (!entry->spec->make_source) return has_no_side(*entry->spec, name, "source");
  if (entry->source == nullptr) {
    MS_ASSIGN_DURING(entry->source, entry->spec->make_source(entry->options), "opening connection " + name);
  }
  return entry->source.get();
}

Result<connector::Sink*> Connections::sink(const std::string& name) {
  MS_ASSIGN(auto* entry, find(name));
  if (!entry->spec->make_sink) return has_no_side(*entry->spec, name, "target");
  if (entry->sink == nullptr) {
    MS_ASSIGN_DURING(entry->sink, entry->spec->make_sink(entry->options), "opening connection " + name);
  }
  return entry->sink.get();
}

}  // namespace mainstem::run
