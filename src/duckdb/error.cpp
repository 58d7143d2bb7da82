#include "duckdb/error.h"

#include <charconv>
#include <string>
#include <utility>

namespace mainstem::duckdb {
namespace {

struct Report {
  std::string type;
  std::string message;
  std::optional<size_t> position;  // bytes from the start of the SQL
};

void append_utf8(std::string& text, unsigned code) {
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xc0 | (code >> 6));
    text += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    text += static_cast<char>(0xe0 | (code >> 12));
    text += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    text += static_cast<char>(0x80 | (code & 0x3f));
  }
}

// Reads a JSON string that begins at `at` (a quote) and moves behind it. Nothing if it is cut off.
std::optional<std::string> json_string(std::string_view json, size_t& at) {
  std::string text;
  for (++at; at < json.size(); ++at) {
    if (json[at] == '"') {
      ++at;
      return text;
    }
    if (json[at] != '\\') {
      text += json[at];
      continue;
    }
    if (++at == json.size()) break;
    switch (json[at]) {
      case 'n': text += '\n'; break;
      case 't': text += '\t'; break;
      case 'r': text += '\r'; break;
      case 'u': {
        unsigned code = 0;
        if (at + 4 >= json.size()) return std::nullopt;
        std::from_chars(json.data() + at + 1, json.data() + at + 5, code, 16);
        append_utf8(text, code);
        at += 4;
        break;
      }
      default: text += json[at];
    }
  }
  return std::nullopt;
}

// DuckDB writes a flat object of strings.
std::optional<Report> parse_json(std::string_view json) {
  Report report;
  size_t at = 0;
  while ((at = json.find('"', at)) != std::string_view::npos) {
    const auto key = json_string(json, at);
    at = json.find('"', at);
    if (!key || at == std::string_view::npos) return std::nullopt;
    auto value = json_string(json, at);
    if (!value) return std::nullopt;
    if (*key == "exception_type")
      report.type = *std::move(value);
    else if (*key == "exception_message")
      report.message = *std::move(value);
    else if (*key == "position") {
      size_t position = 0;
      const auto [end, code] = std::from_chars(value->data(), value->data() + value->size(), position);
      if (code == std::errc()) report.position = position;
    }
  }
  if (report.message.empty()) return std::nullopt;
  return report;
}

Report parse(std::string_view text) {
  if (const auto brace = text.find("{\"exception_type\""); brace != std::string_view::npos)
    if (auto report = parse_json(text.substr(brace))) return *std::move(report);
  const auto end = text.find(" Error: ");
  if (end == std::string_view::npos || text.substr(0, end).find('\n') != std::string_view::npos)
    return {.type = "", .message = std::string(text), .position = {}};
  return {.type = std::string(text.substr(0, end)), .message = std::string(text.substr(end + 8)), .position = {}};
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

ErrorCode io_code(std::string_view message) {
  if (contains(message, "Could not set lock") || contains(message, "Conflicting lock")) return ErrorCode::conflict;
  if (contains(message, "No space left") || contains(message, "disk full") || contains(message, "Disk quota") ||
      contains(message, "File too large"))
    return ErrorCode::resource_exhausted;
  if (contains(message, "Permission denied") || contains(message, "Read-only file system"))
    return ErrorCode::permission_denied;
  if (contains(message, "No such file") || contains(message, "does not exist")) return ErrorCode::not_found;
  if (contains(message, "not a valid DuckDB database") || contains(message, "Serialization") ||
      contains(message, "checksum") || contains(message, "Corrupt") || contains(message, "Could not read enough bytes"))
    return ErrorCode::invalid_data;
  if (contains(message, "version number")) return ErrorCode::unsupported;
  return ErrorCode::unavailable;
}

ErrorCode code_of(const Report& report) {
  static constexpr std::pair<std::string_view, ErrorCode> kCodes[] = {
      {"Parser", ErrorCode::invalid_config},
      {"Syntax", ErrorCode::invalid_config},
      {"Binder", ErrorCode::invalid_config},
      {"Catalog", ErrorCode::invalid_config},
      {"Parameter Not Resolved", ErrorCode::invalid_config},
      {"Parameter Not Allowed", ErrorCode::invalid_config},
      {"Settings", ErrorCode::invalid_config},
      {"Invalid Configuration", ErrorCode::invalid_config},
      {"Unknown Type", ErrorCode::invalid_config},
      {"Dependency", ErrorCode::conflict},
      {"TransactionContext", ErrorCode::conflict},
      {"Out of Range", ErrorCode::invalid_data},
      {"Conversion", ErrorCode::invalid_data},
      {"Decimal", ErrorCode::invalid_data},
      {"Mismatch Type", ErrorCode::invalid_data},
      {"Divide by Zero", ErrorCode::invalid_data},
      {"Object Size", ErrorCode::invalid_data},
      {"Constraint", ErrorCode::invalid_data},
      {"Sequence", ErrorCode::invalid_data},
      {"Invalid Input", ErrorCode::invalid_data},
      {"Invalid type", ErrorCode::invalid_data},
      {"Serialization", ErrorCode::invalid_data},
      {"Not implemented", ErrorCode::unsupported},
      {"Missing Extension", ErrorCode::unsupported},
      {"Extension Autoloading", ErrorCode::unsupported},
      {"Out of Memory", ErrorCode::resource_exhausted},
      {"Permission", ErrorCode::permission_denied},
      {"INTERRUPT", ErrorCode::cancelled},
      {"Connection", ErrorCode::unavailable},
      {"HTTP", ErrorCode::unavailable},
  };
  if (report.type == "IO") return io_code(report.message);
  if (contains(report.message, "read-only mode")) return ErrorCode::permission_denied;
  if (contains(report.message, "No space left")) return ErrorCode::resource_exhausted;
  for (const auto& [type, code] : kCodes)
    if (type == report.type) return code;
  return ErrorCode::internal;
}

FilePosition place(std::string_view sql, size_t offset) {
  FilePosition position{.file = "", .line = 1, .column = 1};
  for (size_t i = 0; i < offset && i < sql.size(); ++i) {
    const auto byte = static_cast<unsigned char>(sql[i]);
    if (byte == '\n') {
      ++position.line;
      position.column = 1;
    } else if ((byte & 0xc0) != 0x80) {  // columns count characters, not bytes
      ++position.column;
    }
  }
  return position;
}

// Every run of white space becomes one blank.
std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool blank = std::string_view(" \t\r\n").contains(c);
    if (!blank)
      line += c;
    else if (!line.empty() && line.back() != ' ')
      line += ' ';
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  // DuckDB writes "Candidate bindings: : a, b" where two tables could have been meant.
  if (const auto twice = line.find(": : "); twice != std::string::npos) line.erase(twice, 2);
  return line;
}

}  // namespace

Error to_error(std::string_view text, std::string_view sql) {
  const auto report = parse(text);
  // The first line says what is wrong; further ones, if any, what may have been meant.
  const auto line_end = report.message.find('\n');
  std::string hint;
  if (contains(report.message, "File too large"))
    hint = "raise the limit on the size of files (ulimit -f)";
  else if (code_of(report) == ErrorCode::resource_exhausted && report.type == "IO")
    hint = "free space on the disk";
  else if (report.type == "Out of Memory")
    hint = "raise the memory limit or the limit of spilled bytes, or lower the number of threads";
  else if (line_end != std::string::npos)
    hint = one_line(std::string_view(report.message).substr(line_end + 1));
  Error error =
      Error(code_of(report), one_line(std::string_view(report.message).substr(0, line_end))).hint(std::move(hint));
  if (report.position && !sql.empty()) return std::move(error).at(place(sql, *report.position));
  return error;
}

void ErrorSlot::keep(Error error) {
  const std::lock_guard lock(mutex_);
  if (!error_) error_ = std::move(error);
}

std::optional<Error> ErrorSlot::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(error_, std::nullopt);
}

}  // namespace mainstem::duckdb
