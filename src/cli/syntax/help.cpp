#include "cli/syntax/help.h"

#include <algorithm>
#include <fmt/format.h>

#include "cli/syntax/parse.h"

namespace mainstem::cli::syntax {
namespace {

constexpr const char* kIntroduction =
    "Mainstem moves data: extracts, transforms with SQL, checks, and publishes atomically.";

// What the manual page says behind the commands.
constexpr const char* kManualEnd = R"(.SH EXIT STATUS
0 done; 1 failed; 2 wrong usage or configuration; 3 stopped by a check; 75 a later try may
succeed; 99 nothing to do; 130 or 143 stopped by a signal; 141 nobody reads the output any more.
.SH ENVIRONMENT
.TP
.B MAINSTEM_DUCKDB_LIBRARY
The library of the SQL engine, in place of the one that is found beside the program.
.TP
.B NO_COLOR
Any value but an empty one: no colours.
.TP
.B PGHOST, PGUSER, PGPASSWORD, PGPASSFILE, PGSSLMODE, ...
What a PostgreSQL connection does not say, as in psql(1).
.PP
A project names further variables by itself, as ${env:NAME}.
.SH FILES
.TP
.I mainstem.yaml
The project: its connections and environments. Looked for here and in the folders above.
.TP
.I pipelines/*.yaml
What is read, checked and published.
.TP
.I models/*.sql
What is computed.
.TP
.I tests/*.yaml
Given rows and expected rows of models.
.TP
.I .mainstem/
What this machine remembers of the project: runs, cursors, quarantined rows.
)";

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

bool is_list(const config::Option& option) { return option.type.starts_with("list of"); }

bool is_positional(const Command& command, const config::Option& option) {
  return std::ranges::find(command.positionals, option.name) != command.positionals.end();
}

// "--memory SIZE".
std::string option_usage(const config::Option& option) {
  auto text = option_name(option.name);
  if (option.type == "boolean") return text;
  auto type = is_list(option) ? option.type.substr(8) : option.type;
  return text + " " + (option.choices.empty() ? upper(type) : fmt::format("{}", fmt::join(option.choices, "|")));
}

std::string option_meaning(const config::Option& option) {
  auto text = option.doc;
  if (option.type != "boolean" && !option.default_text.empty())
    text += fmt::format(" Default: {}.", option.default_text);
  if (is_list(option)) text += " May be given several times.";
  return text;
}

// Text in lines of at most `width`, the first one behind `indent` columns that the caller has filled.
std::string wrapped(const std::string& text, size_t indent, size_t width) {
  std::string result;
  size_t column = indent;
  size_t start = 0;
  while (start < text.size()) {
    const auto end = std::min(text.find(' ', start), text.size());
    const auto length = end - start;
    if (column > indent && column + 1 + length > width) {
      result += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      result += " ";
      ++column;
    }
    result += text.substr(start, length);
    column += length;
    start = end + 1;
  }
  return result + "\n";
}

// Left and right side of each line of a list.
std::string two_columns(const std::vector<std::pair<std::string, std::string>>& lines, size_t width) {
  size_t left = 0;
  for (const auto& [name, meaning] : lines) left = std::max(left, name.size());
  left = std::min<size_t>(left, 28);
  std::string text;
  for (const auto& [name, meaning] : lines) {
    text += "  " + name;
    if (name.size() > left)
      text += "\n" + std::string(left + 4, ' ');
    else
      text += std::string(left + 2 - name.size(), ' ');
    text += wrapped(meaning, left + 4, width);
  }
  return text;
}

std::string escaped_roff(const std::string& text) {
  std::string result;
  for (char c : text) {
    if (c == '\\')
      result += "\\e";
    else if (c == '-')
      result += "\\-";
    else
      result += c;
  }
  if (result.starts_with('.') || result.starts_with('\'')) result = "\\&" + result;
  return result;
}

}  // namespace

std::string usage(const Command& command) {
  auto text = "mainstem " + command.name;
  for (const auto& name : command.positionals) {
    const auto* option = command.options->find(name);
    auto word = upper(name) + (option != nullptr && is_list(*option) ? "..." : "");
    text += option != nullptr && option->required ? " " + word : " [" + word + "]";
  }
  return text + " [options]";
}

std::string program_help(const std::vector<Command>& commands) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const auto& command : commands) lines.emplace_back(command.name, command.summary);
  return fmt::format(
      "{}\n\nUsage: mainstem COMMAND [options]\n\nCommands:\n{}\n"
      "mainstem COMMAND --help tells more. Exit codes: 0 done, 1 failed, 2 wrong usage or configuration,\n"
      "3 stopped by a check, 75 a later try may succeed, 99 nothing to do, 130 or 143 stopped by a signal,\n"
      "141 nobody reads the output any more.\n",
      kIntroduction, two_columns(lines, 100));
}

std::string command_help(const Command& command, int width) {
  const auto columns = static_cast<size_t>(std::max(width, 60));
  auto text = wrapped(command.summary + (command.description.empty() ? "" : " " + command.description), 0, columns);
  text += fmt::format("\nUsage: {}\n", usage(command));
  std::vector<std::pair<std::string, std::string>> values;
  std::vector<std::pair<std::string, std::string>> options;
  for (const auto& option : command.options->options) {
    if (is_positional(command, option))
      values.emplace_back(upper(option.name), option.doc);
    else
      options.emplace_back(option_usage(option), option_meaning(option));
  }
  options.emplace_back("--help", "This text.");
  if (!values.empty()) text += "\n" + two_columns(values, columns);
  text += "\nOptions:\n" + two_columns(options, columns);
  if (!command.examples.empty()) text += "\nExamples:\n";
  for (const auto& example : command.examples)
    text += fmt::format("  mainstem {}\n      {}\n", example.command, example.what);
  return text;
}

std::string manual_page(const std::vector<Command>& commands) {
  auto text = fmt::format(
      ".TH MAINSTEM 1 \"\" \"Mainstem {0}\"\n.SH NAME\nmainstem \\- {1}\n.SH SYNOPSIS\n.B mainstem\n.I COMMAND\n"
      "[options]\n.SH COMMANDS\n",
      app::version(), escaped_roff(kIntroduction));
  for (const auto& command : commands) {
    text += fmt::format(".SS {}\n{}\n", escaped_roff(usage(command)), escaped_roff(command.summary));
    if (!command.description.empty()) text += escaped_roff(command.description) + "\n";
    for (const auto& option : command.options->options)
      text += fmt::format(".TP\n.B {}\n{}\n",
                          escaped_roff(is_positional(command, option) ? upper(option.name) : option_usage(option)),
                          escaped_roff(option_meaning(option)));
    for (const auto& example : command.examples)
      text +=
          fmt::format(".PP\n.nf\nmainstem {}\n.fi\n{}\n", escaped_roff(example.command), escaped_roff(example.what));
  }
  return text + kManualEnd;
}

std::string commands_page(const std::vector<Command>& commands) {
  std::string text = "# Commands\n";
  for (const auto& command : commands) {
    text +=
        fmt::format("\n## {}\n\n{}\n\n```\n{}\n```\n\n", command.name,
                    command.summary + (command.description.empty() ? "" : " " + command.description), usage(command));
    text += "| Option | Meaning |\n|---|---|\n";
    for (const auto& option : command.options->options) {
      auto meaning = option_meaning(option);
      for (size_t i = meaning.find('|'); i != std::string::npos; i = meaning.find('|', i + 2)) meaning.insert(i, "\\");
      auto name = is_positional(command, option) ? upper(option.name) : option_usage(option);
      for (size_t i = name.find('|'); i != std::string::npos; i = name.find('|', i + 2)) name.insert(i, "\\");
      text += fmt::format("| `{}` | {} |\n", name, meaning);
    }
    if (!command.examples.empty()) text += "\nExamples:\n\n";
    for (const auto& example : command.examples)
      text += fmt::format("- `mainstem {}`: {}\n", example.command, example.what);
  }
  return text;
}

}  // namespace mainstem::cli::syntax
