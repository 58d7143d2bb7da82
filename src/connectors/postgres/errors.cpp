#include "connectors/postgres/errors.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>

namespace mainstem::connectors::postgres {
namespace {

struct Meaning {
  std::string_view prefix;  // whole SQLSTATE, or its class
  ErrorCode code;
  std::string_view hint;
};

// First match counts: whole states before their classes.
constexpr std::array<Meaning, 48> kMeanings{{
    {"28P01", ErrorCode::unauthenticated, "check user and password (option password, PGPASSWORD, ~/.pgpass)"},
    {"28000", ErrorCode::unauthenticated,
     "check the user's name, and that pg_hba.conf lets this user in from here (with or without TLS)"},
    {"3D000", ErrorCode::not_found, "check the database's name; `psql -l` lists what is there"},
    {"3F000", ErrorCode::not_found, "create the schema, or correct its name"},
    {"42P01", ErrorCode::not_found, "check the table's name and schema"},
    {"42703", ErrorCode::not_found, "check the column's name"},
    {"42883", ErrorCode::invalid_config, "the types do not fit the operator or function; add a cast"},
    {"42501", ErrorCode::permission_denied, "ask for the missing right with GRANT"},
    {"42P07", ErrorCode::already_exists, ""},
    {"42P06", ErrorCode::already_exists, ""},
    {"42701", ErrorCode::already_exists, ""},
    {"42710", ErrorCode::already_exists, ""},
    {"42704", ErrorCode::not_found, ""},
    {"42601", ErrorCode::invalid_config, "correct the SQL"},
    {"42804", ErrorCode::invalid_data, "the types do not fit; cast the column"},
    {"42", ErrorCode::invalid_config, ""},
    {"53100", ErrorCode::resource_exhausted, "free disk space on the server"},
    {"53200", ErrorCode::resource_exhausted, "the server is out of memory"},
    {"53300", ErrorCode::unavailable, "the server has no connection left; lower `connections`, or raise its limit"},
    {"53", ErrorCode::resource_exhausted, ""},
    {"54", ErrorCode::resource_exhausted, ""},
    {"57014", ErrorCode::timeout, "statement_timeout or an administrator stopped the statement"},
    {"57P01", ErrorCode::unavailable, "the server or an administrator ended the connection"},
    {"57P02", ErrorCode::unavailable, "the server crashed"},
    {"57P03", ErrorCode::unavailable, "the server is starting up or shutting down"},
    {"57P04", ErrorCode::not_found, "the database was dropped"},
    {"57P05", ErrorCode::unavailable, ""},
    {"58", ErrorCode::unavailable, "the server has trouble with its disk; its log says more"},
    {"08", ErrorCode::unavailable, ""},
    {"40", ErrorCode::conflict, ""},
    {"2B", ErrorCode::conflict, "something has come to depend on it; try again"},
    {"55P03", ErrorCode::conflict, "somebody else holds a lock on it; try again later"},
    {"55006", ErrorCode::conflict, "somebody else uses it; try again later"},
    {"55", ErrorCode::conflict, ""},
    {"25006", ErrorCode::permission_denied, "the server or the session is read-only; write to the primary"},
    {"25P03", ErrorCode::timeout, "idle_in_transaction_session_timeout ended the session"},
    {"25", ErrorCode::internal, ""},
    {"23502", ErrorCode::invalid_data, "a column that must not be null got null"},
    {"23503", ErrorCode::invalid_data, "a row that is referred to is missing"},
    {"23505", ErrorCode::invalid_data, "a key that must be unique occurs twice"},
    {"23", ErrorCode::invalid_data, ""},
    {"22", ErrorCode::invalid_data, ""},
    {"21", ErrorCode::invalid_data, ""},
    {"44", ErrorCode::invalid_data, ""},
    {"0A", ErrorCode::unsupported, ""},
    {"72", ErrorCode::unavailable, "the snapshot is too old; try again"},
    {"F0", ErrorCode::unavailable, ""},
    {"XX", ErrorCode::unavailable, "the server reports an internal error; its log says more"},
}};

const Meaning* meaning_of(std::string_view sqlstate) {
  const auto* found = std::ranges::find_if(kMeanings, [&](const Meaning& m) { return sqlstate.starts_with(m.prefix); });
  return found == kMeanings.end() ? nullptr : found;
}

std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

constexpr size_t kSqlstateLength = 5;
constexpr size_t kMaxMessageBytes = 2000;

bool is_sqlstate(std::string_view text) {
  return text.size() == kSqlstateLength &&
         std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) || std::isupper(c); });
}

// "FATAL:  28P01: password authentication failed" -> state and message, on any of the lines.
ServerError read_verbose(std::string_view message) {
  ServerError failure;
  for (size_t at = 0; at < message.size();
       at = message.find('\n', at) == std::string_view::npos ? message.size() : message.find('\n', at) + 1) {
    const auto line = first_line(message.substr(at));
    const auto colon = line.find(":  ");
    if (colon == std::string_view::npos) continue;
    const auto rest = line.substr(colon + 3);
    if (rest.size() < kSqlstateLength + 2 || !is_sqlstate(rest.substr(0, kSqlstateLength))) continue;
    if (rest.substr(kSqlstateLength, 2) != ": ") continue;
    failure.sqlstate = rest.substr(0, kSqlstateLength);
    failure.message = rest.substr(kSqlstateLength + 2);
    return failure;
  }
  return failure;
}

Error tls_error(std::string message) {
  return Error(ErrorCode::unavailable, "cannot make a protected connection: " + std::move(message))
      .hint("check tls.mode, and that tls.ca is the authority of the server's certificate and the host its name");
}

}  // namespace

Error to_error(const ServerError& failure) {
  const auto* meaning = meaning_of(failure.sqlstate);
  std::string text = failure.message;
  if (!failure.detail.empty()) text += fmt::format(" ({})", failure.detail);
  // The context of a COPY names table, line and column: where the bad value stands.
  if (failure.context.starts_with("COPY ")) text += fmt::format(" [{}]", first_line(failure.context));
  if (text.size() > kMaxMessageBytes) text.resize(kMaxMessageBytes);
  if (!failure.sqlstate.empty()) text += fmt::format(" [SQLSTATE {}]", failure.sqlstate);
  const auto code = meaning != nullptr ? meaning->code : ErrorCode::internal;
  std::string hint = failure.hint;
  if (hint.empty() && meaning != nullptr) hint = meaning->hint;
  return Error(code, "PostgreSQL says: " + text).hint(std::move(hint));
}

Error connection_error(std::string_view message) {
  auto failure = read_verbose(message);
  if (!failure.sqlstate.empty()) return to_error(failure);
  std::string text(message.substr(0, kMaxMessageBytes));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::ranges::replace(text, '\n', ' ');
  if (text.find("no password supplied") != std::string::npos)
    return Error(ErrorCode::unauthenticated, "the server asks for a password and none was given")
        .hint("set option password, PGPASSWORD, or a line in ~/.pgpass");
  const auto has = [&text](std::string_view word) { return text.find(word) != std::string::npos; };
  if (has("SSL") || has("certificate")) return tls_error(std::move(text));
  return Error(ErrorCode::unavailable, "no connection to PostgreSQL: " + text)
      .hint("check host, port and that the server runs and can be reached from here");
}

std::string_view sqlstate_of(const Error& error) {
  const std::string_view message = error.message();
  constexpr std::string_view kMark = "[SQLSTATE ";
  const auto at = message.rfind(kMark);
  if (at == std::string_view::npos) return {};
  return message.substr(at + kMark.size(), kSqlstateLength);
}

}  // namespace mainstem::connectors::postgres
