#include "base/json.h"

#include <cmath>
#include <fmt/format.h>

#include "base/check.h"
#include "base/utf8.h"

namespace mainstem {
namespace {

void append_ascii(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
    out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
  else
    out += c;
}

}  // namespace

std::string json_quote(std::string_view text) {
  std::string out = "\"";
  out.reserve(text.size() + 2);
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    if (length == 0)
      out += "\xef\xbf\xbd";
    else if (length == 1)
      append_ascii(out, text.front());
    else
      out += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out + "\"";
}

JsonWriter& JsonWriter::key(std::string_view name) {
  CHECK(!levels_.empty() && levels_.back().closing == '}' && !after_key_,
        "a key stands in an object, before its value");
  begin_item();
  text_ += json_quote(name);
  text_ += indent_ > 0 ? ": " : ":";
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(double number) {
  if (!std::isfinite(number)) return null();
  return write(fmt::format("{}", number));
}

JsonWriter& JsonWriter::open(char bracket) {
  write(std::string_view(&bracket, 1));
  levels_.push_back({.closing = bracket == '{' ? '}' : ']'});
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  CHECK(!levels_.empty() && levels_.back().closing == bracket && !after_key_, "an end matches its begin");
  const bool empty = levels_.back().empty;
  levels_.pop_back();
  if (!empty) new_line();
  text_ += bracket;
  return *this;
}

JsonWriter& JsonWriter::write(std::string_view token) {
  if (after_key_) {
    after_key_ = false;
  } else {
    CHECK(levels_.empty() ? text_.empty() : levels_.back().closing == ']', "a value in an object follows its key");
    if (!levels_.empty()) begin_item();
  }
  text_ += token;
  return *this;
}

void JsonWriter::begin_item() {
  if (!levels_.back().empty) text_ += ',';
  levels_.back().empty = false;
  new_line();
}

void JsonWriter::new_line() {
  if (indent_ <= 0) return;
  text_ += '\n';
  text_.append(levels_.size() * static_cast<size_t>(indent_), ' ');
}

std::string JsonWriter::take() {
  CHECK(levels_.empty() && !after_key_, "every begin has its end");
  return std::exchange(text_, {});
}

}  // namespace mainstem
