#include "cli/syntax/parse.h"

#include <algorithm>
#include <fmt/format.h>

#include "config/yaml.h"

namespace mainstem::cli::syntax {
namespace {

using config::Node;

Error wrong(std::string message, std::string hint) {
  return Error(ErrorCode::invalid_config, std::move(message)).hint(std::move(hint));
}

std::string key_of(std::string_view name) {
  std::string key(name);
  std::ranges::replace(key, '-', '_');
  return key;
}

bool is_flag(const config::Option* option) { return option != nullptr && option->type == "boolean"; }

Error unknown_option(const Command& command, const std::string& key) {
  std::vector<std::string> known;
  for (const auto& option : command.options->options) known.push_back(option.name);
  const auto guess = config::nearest(key, known);
  return wrong(fmt::format("unknown option {}", option_name(key)),
               guess ? fmt::format("did you mean {}?", option_name(*guess))
                     : fmt::format("see mainstem {} --help", command.name));
}

// The command whose one or two words stand first; takes them off.
Result<const Command*> find_command(std::vector<std::string>& words, const std::vector<Command>& commands) {
  const auto named = [&](const std::string& name) {
    const auto it = std::ranges::find(commands, name, &Command::name);
    return it == commands.end() ? nullptr : &*it;
  };
  if (words.size() > 1) {
    if (const auto* command = named(words[0] + " " + words[1])) {
      words.erase(words.begin(), words.begin() + 2);
      return command;
    }
  }
  if (const auto* command = named(words[0])) {
    words.erase(words.begin());
    return command;
  }
  std::vector<std::string> names;
  std::vector<std::string> second;
  for (const auto& command : commands) {
    names.push_back(command.name);
    if (command.name.starts_with(words[0] + " ")) second.push_back(command.name);
  }
  if (!second.empty())
    return wrong(fmt::format("'{}' needs a second word", words[0]), fmt::format("one of: {}", fmt::join(second, ", ")));
  const auto guess = config::nearest(words[0], names);
  return wrong(fmt::format("unknown command '{}'", words[0]),
               guess ? fmt::format("did you mean '{}'?", *guess) : "mainstem --help lists the commands");
}

class OptionReader {
 public:
  explicit OptionReader(const Command& command) : command_(command) {}

  Result<void> read(const std::vector<std::string>& words) {
    bool options_ended = false;
    for (size_t i = 0; i < words.size(); ++i) {
      const auto& word = words[i];
      if (!options_ended && word == "--") {
        options_ended = true;
      } else if (!options_ended && word.starts_with("--")) {
        MS_TRY(take_option(words, i));
      } else if (!options_ended && word == "-h") {
        help_ = true;
      } else if (!options_ended && word.size() > 1 && word[0] == '-' && !is_number(word)) {
        return wrong(fmt::format("unknown option {}", word), "options are written with two dashes");
      } else {
        MS_TRY(take_positional(word));
      }
    }
    return {};
  }

  bool help() const { return help_; }
  Node take() && { return std::move(options_); }

  Result<void> check_complete() const {
    for (const auto& name : command_.positionals) {
      const auto* option = command_.options->find(name);
      if (option != nullptr && option->required && options_.find(name) == nullptr)
        return wrong(fmt::format("mainstem {} needs {}", command_.name, upper(name)), option->doc);
    }
    return {};
  }

 private:
  static bool is_number(const std::string& word) {
    return word.find_first_not_of("0123456789.", 1) == std::string::npos;
  }
  static std::string upper(std::string name) {
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::toupper(c); });
    return name;
  }

  Result<void> take_option(const std::vector<std::string>& words, size_t& i) {
    const auto& word = words[i];
    const auto equals = word.find('=');
    const auto key = key_of(word.substr(2, equals == std::string::npos ? equals : equals - 2));
    if (key == "help") {
      help_ = true;
      return {};
    }
    const auto* option = command_.options->find(key);
    if (option == nullptr && !command_.passes_options) return unknown_option(command_, key);
    if (equals != std::string::npos) return put(key, word.substr(equals + 1));
    if (is_flag(option)) return put(key, "true");
    if (i + 1 >= words.size())
      return wrong(fmt::format("{} needs a value", option_name(key)), option == nullptr ? "" : option->doc);
    return put(key, words[++i]);
  }

  Result<void> put(const std::string& key, const std::string& value) {
    const auto* option = command_.options->find(key);
    // Of the options that are passed on, only whom they are passed to knows which are lists.
    auto node = option == nullptr ? config::read_short_value(value, option_name(key))
                                  : Node::scalar(value, FilePosition{.file = option_name(key)}, false);
    const auto* before = options_.find(key);
    if (before == nullptr) {
      options_.set(key, std::move(node), FilePosition{.file = option_name(key)});
      return {};
    }
    if (option != nullptr && !option->type.starts_with("list of"))
      return wrong(fmt::format("{} is given twice", option_name(key)), "it takes one value");
    Node list = before->is_list() ? *before : Node::list({*before}, before->position());
    list.append(std::move(node));
    options_.set(key, std::move(list), FilePosition{.file = option_name(key)});
    return {};
  }

  Result<void> take_positional(const std::string& word) {
    const auto& names = command_.positionals;
    if (names.empty())
      return wrong(fmt::format("what is '{}'?", word), fmt::format("see mainstem {} --help", command_.name));
    const auto* last = command_.options->find(names.back());
    const bool more = last != nullptr && last->type.starts_with("list of");
    if (taken_ >= names.size() && !more)
      return wrong(fmt::format("'{}' is one value too many", word),
                   fmt::format("see mainstem {} --help", command_.name));
    return put(names[std::min(taken_++, names.size() - 1)], word);
  }

  const Command& command_;
  Node options_ = Node::map({}, FilePosition{.file = "mainstem " + command_.name});
  size_t taken_ = 0;
  bool help_ = false;
};

}  // namespace

std::string option_name(const std::string& key) {
  std::string name = "--" + key;
  std::ranges::replace(name, '_', '-');
  return name;
}

std::vector<std::string> split_list(const std::vector<std::string>& values) {
  std::vector<std::string> parts;
  const auto add = [&](std::string_view part) {
    const auto begin = part.find_first_not_of(' ');
    if (begin != std::string_view::npos) parts.emplace_back(part.substr(begin, part.find_last_not_of(' ') - begin + 1));
  };
  for (const auto& value : values) {
    int depth = 0;
    size_t start = 0;
    for (size_t i = 0; i < value.size(); ++i) {
      if (value[i] == '(' || value[i] == '[') ++depth;
      if (value[i] == ')' || value[i] == ']') --depth;
      if (value[i] != ',' || depth > 0) continue;
      add(std::string_view(value).substr(start, i - start));
      start = i + 1;
    }
    add(std::string_view(value).substr(start));
  }
  return parts;
}

Result<Invocation> parse_command_line(const std::vector<std::string>& words, const std::vector<Command>& commands) {
  Invocation invocation;
  auto rest = words;
  if (rest.empty() || rest[0] == "--help" || rest[0] == "-h" || rest[0] == "help") {
    invocation.help = true;
    if (rest.size() < 2 || rest[0] != "help") return invocation;
    rest.erase(rest.begin());
    MS_ASSIGN(invocation.command, find_command(rest, commands));
    return invocation;
  }
  if (rest[0] == "--version" || rest[0] == "-V") {
    invocation.version = true;
    return invocation;
  }
  MS_ASSIGN(invocation.command, find_command(rest, commands));
  OptionReader reader(*invocation.command);
  MS_TRY(reader.read(rest));
  invocation.help = reader.help();
  if (!invocation.help) MS_TRY(reader.check_complete());
  invocation.options = std::move(reader).take();
  return invocation;
}

}  // namespace mainstem::cli::syntax
