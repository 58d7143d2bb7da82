#pragma once

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "config/fields.h"
#include "connector/declaration.h"

namespace mainstem::connectors::postgres {

/// libpq's sslmode values. `unset` leaves the choice to PGSSLMODE, or to verify-full where a CA is named.
enum class TlsMode { unset, disable, prefer, require, verify_ca, verify_full };

struct TlsOptions {
  TlsMode mode = TlsMode::unset;
  std::string ca;
  std::string cert;
  std::string key;
};

/// Where the server is and who we are. What is left empty comes from libpq's usual places (PGHOST, PGUSER, PGPASSWORD,
/// ~/.pgpass, ...).
struct ConnectionOptions {
  std::string host;
  int port = 0;
  std::string database;
  std::string user;
  Secret password;
  TlsOptions tls;
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds statement_timeout{0};
  std::string application_name = "mainstem";
  int connections = 0;
  std::string state_schema = "_mainstem";
};

enum class Split { automatic, none };
/// `keep` makes them the greatest count of the type and its negative, which mean the same in DuckDB.
enum class Infinity { reject, null, clamp, keep };
enum class ArrayForm { list, text };

struct SourceOptions {
  std::string table;
  std::string query;
  Split split = Split::automatic;
  std::string numeric = "text";
  Infinity infinity = Infinity::reject;
  ArrayForm arrays = ArrayForm::list;
};

enum class ReplaceWay { automatic, swap, truncate, remove };
using connector::NewColumns;

struct TargetOptions {
  std::string table;
  ReplaceWay replace = ReplaceWay::automatic;
  NewColumns new_columns = NewColumns::add;
  bool unlogged = false;
  bool analyze = false;
};

/// Either all digits of every value as text, or decimal(precision, scale) with values that do not fit rejected.
struct NumericForm {
  bool text = true;
  int precision = 0;
  int scale = 0;
};
Result<NumericForm> parse_numeric_form(std::string_view text);

const config::Fields<ConnectionOptions>& connection_fields();
const config::Fields<SourceOptions>& source_fields();
const config::Fields<TargetOptions>& target_fields();

/// Reads and cross-checks options. Errors: invalid_config, placed.
Result<ConnectionOptions> read_connection(const config::Node& node);
Result<SourceOptions> read_source(const config::Node& node);
Result<TargetOptions> read_target(const config::Node& node);

/// postgres://user:password@host:port/database?sslmode=require#schema.table, with libpq's query parameters.
Result<connector::Address> read_url(const connector::Url& url);

}  // namespace mainstem::connectors::postgres

namespace mainstem::config {

template <>
struct EnumNames<connectors::postgres::TlsMode> {
  using E = connectors::postgres::TlsMode;
  static constexpr std::array<std::pair<std::string_view, E>, 5> names{{{"disable", E::disable},
                                                                        {"prefer", E::prefer},
                                                                        {"require", E::require},
                                                                        {"verify-ca", E::verify_ca},
                                                                        {"verify-full", E::verify_full}}};
};

template <>
struct EnumNames<connectors::postgres::Split> {
  using E = connectors::postgres::Split;
  static constexpr std::array<std::pair<std::string_view, E>, 2> names{{{"auto", E::automatic}, {"none", E::none}}};
};

template <>
struct EnumNames<connectors::postgres::Infinity> {
  using E = connectors::postgres::Infinity;
  static constexpr std::array<std::pair<std::string_view, E>, 4> names{
      {{"reject", E::reject}, {"null", E::null}, {"clamp", E::clamp}, {"keep", E::keep}}};
};

template <>
struct EnumNames<connectors::postgres::ArrayForm> {
  using E = connectors::postgres::ArrayForm;
  static constexpr std::array<std::pair<std::string_view, E>, 2> names{{{"list", E::list}, {"text", E::text}}};
};

template <>
struct EnumNames<connectors::postgres::ReplaceWay> {
  using E = connectors::postgres::ReplaceWay;
  static constexpr std::array<std::pair<std::string_view, E>, 4> names{
      {{"auto", E::automatic}, {"swap", E::swap}, {"truncate", E::truncate}, {"delete", E::remove}}};
};

}  // namespace mainstem::config
