#include "base/cron.h"

#include <array>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

namespace mainstem {
namespace {

struct FieldShape {
  const char* what;
  int first;
  int last;
  std::vector<std::string_view> names;  // of first, first + 1, ...
};

const std::array<FieldShape, 5>& shapes() {
  static const std::array<FieldShape, 5> all{
      {{"minute", 0, 59, {}},
       {"hour", 0, 23, {}},
       {"day of month", 1, 31, {}},
       {"month", 1, 12, {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
       {"day of week", 0, 7, {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}}}};
  return all;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find(separator, start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> result;
  for (auto part : split(text, ' '))
    for (auto word : split(part, '\t'))
      if (!word.empty()) result.push_back(word);
  return result;
}

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || ec != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::optional<int> point(std::string_view text, const FieldShape& shape) {
  for (size_t i = 0; i < shape.names.size(); ++i)
    if (lower(text) == shape.names[i]) return shape.first + static_cast<int>(i);
  auto value = number(text);
  if (!value || *value < shape.first || *value > shape.last) return std::nullopt;
  return value;
}

// One item of a list: "*", "5", "1-5", each with "/n".
std::optional<uint64_t> item_bits(std::string_view text, const FieldShape& shape) {
  const size_t slash = text.find('/');
  const auto range = text.substr(0, slash);
  std::optional<int> step = 1;
  if (slash != std::string_view::npos) step = number(text.substr(slash + 1));
  if (!step || *step < 1 || *step > shape.last) return std::nullopt;
  std::optional<int> first = shape.first;
  std::optional<int> last = shape.last;
  if (range != "*") {
    const size_t dash = range.find('-');
    first = point(range.substr(0, dash), shape);
    last = dash == std::string_view::npos ? first : point(range.substr(dash + 1), shape);
    // "5/n" has no agreed meaning: some take it for "5-59/n", others for "5".
    if (dash == std::string_view::npos && slash != std::string_view::npos) return std::nullopt;
  }
  // Sunday is both ends of the week.
  if (first && last == 0 && *first > 0 && shape.last == 7) last = 7;
  if (!first || !last || *first > *last) return std::nullopt;
  uint64_t bits = 0;
  for (int value = *first; value <= *last; value += *step) bits |= uint64_t{1} << value;
  return bits;
}

Result<uint64_t> field_bits(std::string_view text, const FieldShape& shape) {
  uint64_t bits = 0;
  for (auto part : split(text, ',')) {
    auto item = item_bits(part, shape);
    if (!item)
      return Error(ErrorCode::invalid_config, "not a cron " + std::string(shape.what) + ": '" + std::string(part) + "'")
          .hint("write *, " + std::to_string(shape.first) + " to " + std::to_string(shape.last) +
                ", a range a-b, steps */n or a-b/n, or several of them with commas");
    bits |= *item;
  }
  return bits;
}

std::string_view expand_nickname(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> nicknames{{{"@hourly", "0 * * * *"},
                                                                                    {"@daily", "0 0 * * *"},
                                                                                    {"@midnight", "0 0 * * *"},
                                                                                    {"@weekly", "0 0 * * 0"},
                                                                                    {"@monthly", "0 0 1 * *"},
                                                                                    {"@yearly", "0 0 1 1 *"},
                                                                                    {"@annually", "0 0 1 1 *"}}};
  for (const auto& [name, meaning] : nicknames)
    if (text == name) return meaning;
  return text;
}

// False for dates like 30 February.
bool ever_comes(const Cron& cron) {
  if (cron.any_month_day || !cron.any_week_day) return true;
  constexpr std::array<int, 13> days{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (int month = 1; month <= 12; ++month)
    for (int day = 1; day <= days[static_cast<size_t>(month)]; ++day)
      if ((cron.months >> month & 1) != 0 && (cron.month_days >> day & 1) != 0) return true;
  return false;
}

}  // namespace

Result<Cron> parse_cron(std::string_view text) {
  const auto parts = words(expand_nickname(text));
  if (parts.size() != shapes().size())
    return Error(ErrorCode::invalid_config, "not a cron expression: '" + std::string(text) + "'")
        .hint("it has five parts: minute hour day-of-month month day-of-week, for example \"15 2 * * *\"");
  std::array<uint64_t, 5> bits{};
  for (size_t i = 0; i < bits.size(); ++i) {
    MS_ASSIGN(bits[i], field_bits(parts[i], shapes()[i]));
  }
  Cron cron{.text = std::string(text), .minutes = bits[0]};
  cron.hours = static_cast<uint32_t>(bits[1]);
  cron.month_days = static_cast<uint32_t>(bits[2]);
  cron.months = static_cast<uint32_t>(bits[3]);
  // 7 is Sunday too.
  cron.week_days = static_cast<uint32_t>((bits[4] | bits[4] >> 7) & 0x7f);
  cron.any_month_day = parts[2].starts_with('*');
  cron.any_week_day = parts[4].starts_with('*');
  if (!ever_comes(cron))
    return Error(ErrorCode::invalid_config, "this date never comes: '" + std::string(text) + "'")
        .hint("check day of month and month");
  return cron;
}

bool Cron::matches(int minute, int hour, int month_day, int month, int week_day) const {
  const bool time = (minutes >> minute & 1) != 0 && (hours >> hour & 1) != 0 && (months >> month & 1) != 0;
  const bool in_month = (month_days >> month_day & 1) != 0;
  const bool in_week = (week_days >> week_day & 1) != 0;
  const bool day = any_month_day || any_week_day ? in_month && in_week : in_month || in_week;
  return time && day;
}

}  // namespace mainstem
