#include "config/reference_page.h"

#include <fmt/format.h>

namespace mainstem::config {
namespace {

// Text in a cell: a pipe would end it, a line break the row.
std::string cell(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '|')
      out += "\\|";
    else
      out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string code(const std::string& text) { return text.empty() ? "" : "`" + cell(text) + "`"; }

std::string type_of(const Option& option) {
  if (option.choices.empty()) return option.type;
  std::string text;
  for (const auto& choice : option.choices) text += (text.empty() ? "" : ", ") + code(choice);
  return text;
}

std::string meaning(const Option& option) {
  std::string text = cell(option.doc);
  if (option.min && option.max) text += fmt::format(" {} to {}.", *option.min, *option.max);
  if (option.min && !option.max) text += fmt::format(" At least {}.", *option.min);
  if (option.max && !option.min) text += fmt::format(" At most {}.", *option.max);
  if (!option.unit.empty()) text += " Unit: " + cell(option.unit) + ".";
  if (!option.since.empty()) text += " Since " + cell(option.since) + ".";
  for (const auto& example : option.examples) text += " Example: " + code(example) + ".";
  return text;
}

std::string dotted(const std::string& prefix, const Option& option) {
  if (option.type.starts_with("map of")) return prefix + option.name + ".*.";
  return prefix + option.name + (option.type.starts_with("list of") ? "[]." : ".");
}

void add_rows(std::string& page, const OptionTable& table, const std::string& prefix) {
  for (const auto& option : table.options) {
    const auto fallback = option.required ? "required" : code(option.default_text);
    page += fmt::format("| `{}{}` | {} | {} | {} |\n", prefix, option.name, type_of(option), fallback, meaning(option));
    if (option.nested) add_rows(page, *option.nested, dotted(prefix, option));
  }
}

}  // namespace

std::string reference_table(const OptionTable& table) {
  std::string page = "| Key | Type | Default | Meaning |\n|---|---|---|---|\n";
  add_rows(page, table, "");
  return page;
}

}  // namespace mainstem::config
