#pragma once

#include <chrono>
#include <string>

#include "config/fields.h"
#include "connector/declaration.h"

namespace mainstem::connectors::sqlite {

struct ConnectionOptions {
  std::string path;
  std::chrono::milliseconds busy_timeout{5'000};
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

/// Read and cross-check options. Errors: invalid_config, placed.
Result<ConnectionOptions> read_connection(const config::Node& node);
Result<SourceOptions> read_source(const config::Node& node);
Result<TargetOptions> read_target(const config::Node& node);

/// sqlite:///shop.db#orders names shop.db in the current folder, sqlite:////data/shop.db an absolute path.
Result<connector::Address> read_url(const connector::Url& url);

/// The table named by a request or, if it names none, by its options. Errors: invalid_config for another schema than
/// main.
Result<std::string> table_name(const std::string& requested, const std::string& option);

}  // namespace mainstem::connectors::sqlite
