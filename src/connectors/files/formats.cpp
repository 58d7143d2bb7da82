#include "connectors/files/formats.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <fmt/format.h>
#include <set>

#include "io/compression.h"

namespace mainstem::connectors::files {
namespace {

using config::Node;
using config::OptionTable;

std::vector<std::string> names_of(const Formats& formats) {
  std::vector<std::string> names;
  for (const auto& format : formats) names.push_back(format.name);
  return names;
}

const FilePosition& place_of(const Node& options, std::string_view key) {
  const Node* value = options.find(key);
  return value == nullptr ? options.position() : value->position();
}

// Adds an option of a format, or the format's name to one that another format has too.
void add_format_option(OptionTable& all, const config::Option& option, const std::string& format) {
  for (auto& known : all.options) {
    if (known.name != option.name) continue;
    known.doc += fmt::format(" {}: {}", format, option.doc);
    if (known.type != option.type) known.type = "any";
    for (const auto& choice : option.choices)
      if (!known.choices.empty() && std::ranges::find(known.choices, choice) == known.choices.end())
        known.choices.push_back(choice);
    if (option.choices.empty()) known.choices.clear();
    known.default_text.clear();
    known.min.reset();
    known.max.reset();
    return;
  }
  auto added = option;
  added.doc = fmt::format("{}: {}", format, option.doc);
  added.required = false;
  all.options.push_back(std::move(added));
}

std::set<std::string> known_options(const Formats& formats) {
  std::set<std::string> names;
  const auto add = [&names](const config::OptionTable& table) {
    for (const auto& option : table.options) names.insert(option.name);
  };
  add(source_fields().table());
  add(target_fields().table());
  for (const auto& format : formats) {
    add(*format.read_options);
    add(*format.write_options);
  }
  names.erase("path");
  return names;
}

// What is no percent sign with two digits stays as it is: a plain path is not a URL.
std::string decoded(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    const auto digits = text.substr(i).substr(text[i] == '%' ? 1 : 0).substr(0, 2);
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    const bool escape = text[i] == '%' && digits.size() == 2 && failure == std::errc() && end == digits.end();
    result += escape ? static_cast<char>(byte) : text[i];
    if (escape) i += 2;
  }
  return result;
}

}  // namespace

const format::FormatSpec* find_format(const Formats& formats, std::string_view name) {
  const auto it = std::ranges::find(formats, name, &format::FormatSpec::name);
  return it == formats.end() ? nullptr : &*it;
}

const format::FormatSpec* format_of_name(const Formats& formats, std::string_view path) {
  path = io::without_compression_ending(path);
  path.remove_prefix(std::min(path.rfind('/') + 1, path.size()));
  const size_t dot = path.rfind('.');
  if (dot == std::string_view::npos) return nullptr;
  std::string ending(path.substr(dot + 1));
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const auto& format : formats)
    if (std::ranges::find(format.extensions, ending) != format.extensions.end()) return &format;
  return nullptr;
}

Result<const format::FormatSpec*> named_format(const Formats& formats, const std::string& name, const Node& options) {
  const auto* format = find_format(formats, name);
  if (format != nullptr) return format;
  const auto names = names_of(formats);
  const auto near = config::nearest(name, names);
  return Error(ErrorCode::invalid_config, fmt::format("unknown format '{}'", name))
      .at(place_of(options, "format"))
      .hint(near ? fmt::format("did you mean '{}'?", *near) : fmt::format("there are {}", fmt::join(names, ", ")));
}

Error unknown_format(const Formats& formats, const std::string& what, const Node& options) {
  return Error(ErrorCode::invalid_config, fmt::format("the format of {} is not known from its name", what))
      .at(place_of(options, "path"))
      .hint(fmt::format("add `format`: {}", fmt::join(names_of(formats), ", ")));
}

Result<SplitOptions> split_options(const Node& options, const OptionTable& own, const OptionTable* format) {
  if (!options.is_null() && !options.is_map()) return config::wrong_type(options, "a map of options");
  SplitOptions split{.own = Node::map({}, options.position()), .format = Node::map({}, options.position())};
  for (const auto& [key, value] : options.entries()) {
    const bool of_format = format != nullptr && format->find(key) != nullptr;
    if (of_format) {
      split.format.set(key, value, options.key_position(key));
    } else if (own.find(key) != nullptr) {
      split.own.set(key, value, options.key_position(key));
    } else {
      OptionTable all = own;
      if (format != nullptr) all.options.insert(all.options.end(), format->options.begin(), format->options.end());
      return config::unknown_key(options, key, all);
    }
  }
  return split;
}

std::shared_ptr<const OptionTable> with_format_options(const OptionTable& own, const Formats& formats,
                                                       Direction direction) {
  auto all = std::make_shared<OptionTable>(own);
  for (const auto& format : formats) {
    const auto& table = direction == Direction::read ? format.read_options : format.write_options;
    if (table == nullptr) continue;
    for (const auto& option : table->options) add_format_option(*all, option, format.name);
  }
  return all;
}

std::optional<io::Compression> to_compression(CompressionChoice choice) {
  switch (choice) {
    case CompressionChoice::automatic: return std::nullopt;
    case CompressionChoice::none: return io::Compression::none;
    case CompressionChoice::gzip: return io::Compression::gzip;
    case CompressionChoice::zstd: return io::Compression::zstd;
  }
  return std::nullopt;
}

Result<void> take_path_options(const Formats& formats, std::string& path,
                               std::vector<std::pair<std::string, std::string>>& options) {
  const auto known = known_options(formats);
  const auto key_behind = [&path](size_t question) {
    const auto equals = path.find('=', question);
    return equals == std::string::npos ? std::string() : path.substr(question + 1, equals - question - 1);
  };
  auto question = path.find('?');
  while (question != std::string::npos && !known.contains(key_behind(question)))
    question = path.find('?', question + 1);
  if (question == std::string::npos) return {};
  auto rest = std::string_view(path).substr(question + 1);
  while (!rest.empty()) {
    const auto pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    const std::string key(pair.substr(0, equals));
    if (!known.contains(key)) {
      const auto near = config::nearest(key, {known.begin(), known.end()});
      return Error(ErrorCode::invalid_config, fmt::format("unknown option '{}' behind the path", key))
          .hint(near ? "did you mean '" + *near + "'?" : "an & of a value is written %26");
    }
    options.emplace_back(key, decoded(pair.substr(std::min(equals + 1, pair.size()))));
  }
  path.resize(question);
  return {};
}

}  // namespace mainstem::connectors::files
