#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "base/units.h"
#include "config/fields.h"
#include "connector/declaration.h"

namespace mainstem::connectors::duckdb {

/// `automatic`: sources open the file for reading only, beside other readers; targets for writing, alone.
enum class Access { automatic, read_write, read_only };

struct ConnectionOptions {
  std::string path;
  Access access = Access::automatic;
  ByteCount memory;
};

struct SourceOptions {
  std::string table;
  std::string query;
};

using connector::NewColumns;

struct TargetOptions {
  std::string table;
  NewColumns new_columns = NewColumns::add;
};

const config::Fields<ConnectionOptions>& connection_fields();
const config::Fields<SourceOptions>& source_fields();
const config::Fields<TargetOptions>& target_fields();

/// Reads and cross-checks options. Errors: invalid_config, placed.
Result<SourceOptions> read_source(const config::Node& node);

/// duckdb:path/to/file.duckdb#schema.table
Result<connector::Address> read_url(const connector::Url& url);

}  // namespace mainstem::connectors::duckdb

namespace mainstem::config {

template <>
struct EnumNames<connectors::duckdb::Access> {
  using E = connectors::duckdb::Access;
  static constexpr std::array<std::pair<std::string_view, E>, 3> names{
      {{"auto", E::automatic}, {"read-write", E::read_write}, {"read-only", E::read_only}}};
};

}  // namespace mainstem::config
