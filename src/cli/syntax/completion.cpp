#include "cli/syntax/completion.h"

#include <algorithm>
#include <fmt/format.h>

#include "cli/syntax/parse.h"

namespace mainstem::cli::syntax {
namespace {

bool is_positional(const Command& command, const config::Option& option) {
  return std::ranges::find(command.positionals, option.name) != command.positionals.end();
}

// What `mainstem completion` is asked for where such a value stands; empty if there is nothing to ask.
std::string names_for(const config::Option& option) {
  return option.type == "pipeline" || option.type == "connection" ? option.type + "s" : "";
}

std::string names_of_positionals(const Command& command) {
  for (const auto& name : command.positionals) {
    const auto* option = command.options->find(name);
    if (option != nullptr && !names_for(*option).empty()) return names_for(*option);
  }
  return "";
}

std::string words_of(const std::vector<Command>& commands) {
  std::vector<std::string> words;
  for (const auto& command : commands) {
    auto first = command.name.substr(0, command.name.find(' '));
    if (std::ranges::find(words, first) == words.end()) words.push_back(std::move(first));
  }
  return fmt::format("{}", fmt::join(words, " "));
}

std::string options_of(const Command& command) {
  std::vector<std::string> names;
  for (const auto& option : command.options->options)
    if (!is_positional(command, option)) names.push_back(option_name(option.name));
  names.emplace_back("--help");
  return fmt::format("{}", fmt::join(names, " "));
}

// The options of any command whose values are such names, as a pattern of bash.
std::string options_with(const std::vector<Command>& commands, const std::string& names) {
  std::vector<std::string> found;
  for (const auto& command : commands)
    for (const auto& option : command.options->options)
      if (names_for(option) == names && std::ranges::find(found, option_name(option.name)) == found.end())
        found.push_back(option_name(option.name));
  return fmt::format("{}", fmt::join(found, "|"));
}

// A case of bash's `case "$command"` for each command; second words are completed before options.
std::string bash_script(const std::vector<Command>& commands) {
  std::string text =
      "_mainstem() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} first=${COMP_WORDS[1]} words= names=\n"
      "  if [ \"$COMP_CWORD\" = 1 ]; then\n";
  text += fmt::format("    words='{} help --help --version'\n  else\n    case $first in\n", words_of(commands));
  std::vector<std::string> done;
  for (const auto& command : commands) {
    const auto first = command.name.substr(0, command.name.find(' '));
    if (std::ranges::find(done, first) != done.end()) continue;
    done.push_back(first);
    std::string words;
    std::string names;
    for (const auto& other : commands) {
      const auto space = other.name.find(' ');
      if (other.name.substr(0, space) != first) continue;
      if (space != std::string::npos) words += other.name.substr(space + 1) + " ";
      words += options_of(other) + " ";
      if (names.empty()) names = names_of_positionals(other);
    }
    text += fmt::format("      {}) words='{}' names={} ;;\n", first, words, names);
  }
  text +=
      "    esac\n  fi\n"
      "  case ${COMP_WORDS[COMP_CWORD-1]} in\n";
  for (const auto* names : {"pipelines", "connections"})
    text += fmt::format("    {}) names={} words= ;;\n", options_with(commands, names), names);
  text +=
      "  esac\n"
      "  [[ -n $names && $word != -* ]] && words+=\" $(mainstem completion $names 2>/dev/null)\"\n"
      "  case $word in\n    -*) COMPREPLY=($(compgen -W \"$words\" -- \"$word\")) ;;\n"
      "    *) COMPREPLY=($(compgen -W \"$words\" -f -- \"$word\")) ;;\n  esac\n}\n"
      "complete -o filenames -F _mainstem mainstem\n";
  return text;
}

std::string fish_script(const std::vector<Command>& commands) {
  std::string text;
  const auto quoted = [](std::string value) {
    std::ranges::replace(value, '\'', ' ');
    return "'" + value + "'";
  };
  const auto asked = [](const std::string& names) {
    return fmt::format("'(mainstem completion {} 2>/dev/null)'", names);
  };
  for (const auto& command : commands) {
    const auto space = command.name.find(' ');
    const auto first = command.name.substr(0, space);
    if (space == std::string::npos)
      text +=
          fmt::format("complete -c mainstem -n __fish_use_subcommand -a {} -d {}\n", first, quoted(command.summary));
    else
      text += fmt::format("complete -c mainstem -n '__fish_seen_subcommand_from {}' -a {} -d {}\n", first,
                          command.name.substr(space + 1), quoted(command.summary));
    if (const auto names = names_of_positionals(command); !names.empty())
      text += fmt::format("complete -c mainstem -n '__fish_seen_subcommand_from {}' -a {}\n", first, asked(names));
    for (const auto& option : command.options->options) {
      if (is_positional(command, option)) continue;
      const auto names = names_for(option);
      text += fmt::format("complete -c mainstem -n '__fish_seen_subcommand_from {}' -l {} {}-d {}\n", first,
                          option_name(option.name).substr(2), names.empty() ? "" : "-x -a " + asked(names) + " ",
                          quoted(option.doc));
    }
  }
  return text;
}

}  // namespace

Result<std::string> completion_script(const std::string& shell, const std::vector<Command>& commands) {
  if (shell == "bash") return bash_script(commands);
  if (shell == "zsh") return "autoload -U +X bashcompinit && bashcompinit\n" + bash_script(commands);
  if (shell == "fish") return fish_script(commands);
  return Error(ErrorCode::invalid_config, fmt::format("no completion for '{}'", shell)).hint("known: bash, zsh, fish");
}

}  // namespace mainstem::cli::syntax
