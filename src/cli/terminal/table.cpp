#include "cli/terminal/table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <fmt/format.h>

#include "base/utf8.h"

namespace mainstem::cli::terminal {
namespace {

// The code point of a whole UTF-8 sequence.
uint32_t code_point(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence.front());
  if (sequence.size() == 1) return first;
  uint32_t value = first & (0xff >> (sequence.size() + 1));
  for (char c : sequence.substr(1)) value = value << 6 | (static_cast<unsigned char>(c) & 0x3f);
  return value;
}

// The blocks of East Asian scripts and pictures that terminals draw in two columns, and the marks that take none
// (Unicode Standard Annex 11, in broad strokes).
int columns_of(uint32_t c) {
  if ((c >= 0x300 && c <= 0x36f) || (c >= 0x200b && c <= 0x200f) || (c >= 0xfe00 && c <= 0xfe0f)) return 0;
  const bool wide = (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) || (c >= 0xac00 && c <= 0xd7a3) ||
                    (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
                    (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd);
  return wide ? 2 : 1;
}

// Takes one sequence off the front; a byte that belongs to none counts as one character.
std::string_view take_sequence(std::string_view& text) {
  const auto length = std::max<size_t>(1, utf8_length(text));
  const auto sequence = text.substr(0, length);
  text.remove_prefix(length);
  return sequence;
}

std::string one_line(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto sequence = take_sequence(text);
    const auto c = static_cast<unsigned char>(sequence.front());
    const bool broken = sequence.size() == 1 && c >= 0x80;
    if (broken)
      result += "\xef\xbf\xbd";
    else if (c < 0x20 || c == 0x7f)
      result += ' ';
    else
      result += sequence;
  }
  return result;
}

std::string padded(const std::string& text, int width, bool right) {
  const std::string blanks(static_cast<size_t>(std::max(0, width - display_width(text))), ' ');
  return right ? blanks + text : text + blanks;
}

// Column widths that fit: the widest columns give way first, none below eight.
std::vector<int> fit(std::vector<int> widths, int available) {
  constexpr int kLeast = 8;
  int total = 0;
  for (const int width : widths) total += width + 2;
  while (total - 2 > available) {
    auto widest = std::ranges::max_element(widths);
    if (*widest <= kLeast) break;
    --*widest;
    --total;
  }
  return widths;
}

std::vector<int> whole_widths(const std::vector<Column>& columns, const std::vector<std::vector<std::string>>& rows) {
  std::vector<int> widths;
  for (size_t i = 0; i < columns.size(); ++i) {
    int widest = display_width(columns[i].title);
    for (const auto& row : rows)
      if (i < row.size()) widest = std::max(widest, display_width(one_line(row[i])));
    widths.push_back(widest);
  }
  return widths;
}

std::string repeated(const char* text, int64_t times) {
  std::string result;
  for (int64_t i = 0; i < times; ++i) result += text;
  return result;
}

// `share` of `room` columns, to an eighth of a column.
std::string bar_of(double share, int room) {
  static constexpr std::array<const char*, 8> kEighths = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const auto eighths = std::lround(share * room * 8);
  return repeated("█", eighths / 8) + kEighths[static_cast<size_t>(eighths % 8)];
}

// A bar that ends at the line for zero, or begins there; whole columns, as there are no eighths that fill from the
// right.
std::string bar_around_zero(double value, double least, double greatest, int room) {
  const double span = greatest - least;
  const int left = static_cast<int>(std::lround(-least / span * room));
  const int length = static_cast<int>(std::lround(std::abs(value) / span * room));
  if (value < 0)
    return std::string(static_cast<size_t>(std::max(0, left - length)), ' ') + repeated("█", std::min(length, left)) +
           "│";
  return std::string(static_cast<size_t>(left), ' ') + "│" + repeated("█", length);
}

std::string draw_row(const std::vector<std::string>& cells, const std::vector<Column>& columns,
                     const std::vector<int>& widths) {
  std::string line;
  for (size_t i = 0; i < columns.size(); ++i) {
    const auto text = i < cells.size() ? fitted(cells[i], widths[i]) : "";
    line += (i == 0 ? "" : "  ") + padded(text, widths[i], columns[i].right);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

}  // namespace

int display_width(std::string_view text) {
  int width = 0;
  while (!text.empty()) width += columns_of(code_point(take_sequence(text)));
  return width;
}

std::string fitted(std::string_view text, int width) {
  auto clean = one_line(text);
  if (display_width(clean) <= width) return clean;
  std::string result;
  std::string_view rest = clean;
  int used = 0;
  while (!rest.empty()) {
    const auto sequence = take_sequence(rest);
    used += columns_of(code_point(sequence));
    if (used > width - 1) break;
    result += sequence;
  }
  return result + "…";
}

std::string draw_table(const std::vector<Column>& columns, const std::vector<std::vector<std::string>>& rows,
                       int width) {
  const auto widths = fit(whole_widths(columns, rows), width);
  std::vector<std::string> titles;
  std::vector<std::string> rules;
  for (size_t i = 0; i < columns.size(); ++i) {
    titles.push_back(columns[i].title);
    std::string rule;
    for (int n = 0; n < widths[i]; ++n) rule += "─";
    rules.push_back(std::move(rule));
  }
  std::string text = draw_row(titles, columns, widths) + draw_row(rules, columns, widths);
  for (const auto& row : rows) text += draw_row(row, columns, widths);
  return text;
}

int table_width(const std::vector<Column>& columns, const std::vector<std::vector<std::string>>& rows) {
  int total = -2;
  for (const int width : whole_widths(columns, rows)) total += width + 2;
  return total;
}

std::string draw_records(const std::vector<Column>& columns, const std::vector<std::vector<std::string>>& rows) {
  int widest = 0;
  for (const auto& column : columns) widest = std::max(widest, display_width(column.title));
  std::string text;
  for (size_t number = 0; number < rows.size(); ++number) {
    text += fmt::format("── row {} ──\n", number + 1);
    const auto& row = rows[number];
    for (size_t i = 0; i < std::min(columns.size(), row.size()); ++i)
      text += fmt::format("{}  {}\n", padded(columns[i].title, widest, false), one_line(row[i]));
  }
  return text;
}

std::string draw_bars(const std::vector<Bar>& bars, int width) {
  int labels = 0;
  int numbers = 0;
  double greatest = 0;
  double least = 0;
  for (const auto& bar : bars) {
    labels = std::max(labels, std::min(display_width(one_line(bar.label)), width / 3));
    numbers = std::max(numbers, display_width(bar.shown));
    greatest = std::max(greatest, bar.value);
    least = std::min(least, bar.value);
  }
  const int room = std::max(8, width - labels - numbers - 5);
  std::string text;
  for (const auto& bar : bars) {
    const double value = std::isfinite(bar.value) ? bar.value : 0;
    const auto blocks =
        least < 0 ? bar_around_zero(value, least, greatest, room) : bar_of(greatest > 0 ? value / greatest : 0, room);
    text += fmt::format("{}  {}  {}\n", padded(fitted(bar.label, labels), labels, false),
                        padded(bar.shown, numbers, true), blocks);
  }
  return text;
}

std::string with_separators(int64_t number) {
  auto text = std::to_string(number);
  const size_t start = text.starts_with('-') ? 1 : 0;
  for (size_t i = text.size(); i > start + 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

std::string short_bytes(int64_t bytes) {
  static constexpr std::array<const char*, 6> kUnits = {"B", "kB", "MB", "GB", "TB", "PB"};
  auto amount = static_cast<double>(bytes);
  size_t unit = 0;
  while (amount >= 999.5 && unit + 1 < kUnits.size()) {
    amount /= 1000;
    ++unit;
  }
  return fmt::format("{:.{}f} {}", amount, unit > 0 && amount < 99.5 ? 1 : 0, kUnits[unit]);
}

std::string short_seconds(double seconds) {
  if (seconds < 1) return fmt::format("{:.0f} ms", seconds * 1000);
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<int64_t>(seconds);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

}  // namespace mainstem::cli::terminal
