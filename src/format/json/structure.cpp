#include "format/json/structure.h"

#include <algorithm>
#include <array>
#include <utility>

namespace mainstem::format::json {
namespace {

constexpr size_t kMaxBrackets = 10'000;
constexpr size_t kKeptOfTooLarge = size_t{64} << 10;

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

// Bytes that mean something outside of strings.
constexpr auto kMarks = [] {
  std::array<bool, 256> marks{};
  for (const char c : {'"', '{', '}', '[', ']', ','}) marks[static_cast<unsigned char>(c)] = true;
  return marks;
}();

}  // namespace

// How far a value has been looked at. It survives the window's growth, since it counts from the value's first byte.
struct Structure::Scan {
  bool single = false;
  bool in_string = false;
  bool ended = false;
  bool misplaced = false;  // a bracket or a line break that shows that the quotes do not match
  size_t at = 0;
  std::string open;  // the closing brackets that are due

  void run(std::string_view text);
  // Goes to behind the closing quote.
  void run_string(std::string_view text);

 private:
  void mark(char c);
};

void Structure::Scan::run(std::string_view text) {
  while (at < text.size() && !ended && !misplaced) {
    if (in_string) {
      run_string(text);
      if (in_string) return;
      continue;
    }
    while (at < text.size() && !kMarks[static_cast<unsigned char>(text[at])]) ++at;
    if (at < text.size()) mark(text[at]);
  }
}

void Structure::Scan::run_string(std::string_view text) {
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      in_string = false;
      ++at;
      return;
    }
    if (c == '\n') {
      misplaced = true;
      return;
    }
    // A backslash at the end of the window waits for what it escapes.
    if (c == '\\' && at + 1 == text.size()) return;
    at += c == '\\' ? 2 : 1;
  }
}

void Structure::Scan::mark(char c) {
  if (open.empty() && (c == ',' || c == '}' || c == ']')) {
    ended = true;
    return;
  }
  ++at;
  if (c == '"') in_string = true;
  if (c == '{' || c == '[') open.push_back(c == '{' ? '}' : ']');
  misplaced = open.size() > kMaxBrackets;
  if (c != '}' && c != ']') return;
  misplaced = open.back() != c;
  open.pop_back();
  ended = single && open.empty();
}

Error Structure::damaged(std::string what, int64_t line) const {
  return Error(ErrorCode::invalid_data, std::move(what)).at({.file = object_, .line = static_cast<int>(line)});
}

void Structure::eat(size_t bytes) {
  const auto text = window_.text().substr(0, bytes);
  line_ += std::count(text.begin(), text.end(), '\n');
  window_.eat(bytes);
}

Result<char> Structure::peek() {
  eat(std::exchange(pending_, 0));
  for (;;) {
    const auto text = window_.text();
    const auto first = std::find_if_not(text.begin(), text.end(), is_blank);
    eat(static_cast<size_t>(first - text.begin()));
    // A NUL byte is no end: what stands behind it would be lost.
    if (window_.text().starts_with('\0')) return damaged("a NUL byte stands outside of a string", line_);
    if (!window_.text().empty()) return window_.text().front();
    MS_ASSIGN(const bool more, window_.more());
    if (!more) return '\0';
  }
}

Result<bool> Structure::take(char expected) {
  MS_ASSIGN(const char next, peek());
  if (next != expected) return false;
  eat(1);
  return true;
}

// Looks at a value until its end. A value that is kept stays in the window up to the limit; behind it, and if it is
// not kept, its bytes are eaten.
Result<void> Structure::scan_value(Scan& scan, bool keep) {
  const int64_t first_line = line_;
  for (;;) {
    scan.run(window_.text());
    if (scan.misplaced)
      return damaged("quotes or brackets do not match, so that the end of the record cannot be told", first_line)
          .hint("mend the record that begins here; everything behind it is unread");
    if (scan.ended) return {};
    if (!keep) {
      eat(scan.at);
      scan.at = 0;
    } else if (static_cast<int64_t>(scan.at) > max_bytes_) {
      return {};
    }
    MS_ASSIGN(const bool more, window_.more());
    if (more) continue;
    if (scan.in_string || !scan.open.empty())
      return damaged("the input ends within the record that begins here", first_line);
    scan.ended = true;
    return {};
  }
}

Result<Structure::Value> Structure::take_value(bool single) {
  MS_TRY(peek());
  Value value{.line = line_, .offset = window_.offset()};
  Scan scan;
  scan.single = single;
  MS_TRY(scan_value(scan, true));
  if (scan.ended && static_cast<int64_t>(scan.at) <= max_bytes_) {
    value.text = window_.text().substr(0, scan.at);
    pending_ = scan.at;
    while (!value.text.empty() && is_blank(value.text.back())) value.text.remove_suffix(1);
    return value;
  }
  beginning_ = window_.text().substr(0, kKeptOfTooLarge);
  value.text = beginning_;
  value.too_large = true;
  MS_TRY(scan_value(scan, false));
  eat(scan.at);
  return value;
}

Result<void> Structure::skip_value() {
  MS_TRY(peek());
  Scan scan;
  MS_TRY(scan_value(scan, false));
  eat(scan.at);
  return {};
}

Result<std::string> Structure::take_string() {
  constexpr size_t longest_name = size_t{1} << 20;
  MS_ASSIGN(const bool quoted, take('"'));
  if (!quoted) return damaged("a name in quotes should stand here", line_);
  Scan scan;
  scan.in_string = true;
  for (;;) {
    scan.run_string(window_.text());
    if (!scan.in_string) break;
    if (scan.misplaced || scan.at > longest_name) return damaged("a name is not closed by a quote", line_);
    MS_ASSIGN(const bool more, window_.more());
    if (!more) return damaged("the input ends within a name", line_);
  }
  std::string name(window_.text().substr(0, scan.at - 1));
  eat(scan.at);
  return name;
}

}  // namespace mainstem::format::json
