#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/units.h"
#include "config/fields.h"

namespace mainstem::connectors::files {

struct ConnectionOptions {
  std::string path;
};

enum class CompressionChoice { automatic, none, gzip, zstd };
enum class HivePartitioning { automatic, on, off };
enum class WantedPlace { automatic, file, folder };

struct SourceOptions {
  std::vector<std::string> path;
  std::string format;
  CompressionChoice compression = CompressionChoice::automatic;
  HivePartitioning hive_partitioning = HivePartitioning::automatic;
  std::string file_name_column;
};

struct TargetOptions {
  std::string path;
  std::string format;
  CompressionChoice compression = CompressionChoice::automatic;
  WantedPlace place = WantedPlace::automatic;
  ByteCount max_file_size = mebibytes(256);
  int max_open_files = 64;
  bool overwrite = false;
};

const config::Fields<ConnectionOptions>& connection_fields();
const config::Fields<SourceOptions>& source_fields();
const config::Fields<TargetOptions>& target_fields();

}  // namespace mainstem::connectors::files

namespace mainstem::config {

template <>
struct EnumNames<connectors::files::CompressionChoice> {
  using E = connectors::files::CompressionChoice;
  static constexpr std::array<std::pair<std::string_view, E>, 4> names{
      {{"auto", E::automatic}, {"none", E::none}, {"gzip", E::gzip}, {"zstd", E::zstd}}};
};

template <>
struct EnumNames<connectors::files::HivePartitioning> {
  using E = connectors::files::HivePartitioning;
  static constexpr std::array<std::pair<std::string_view, E>, 3> names{
      {{"auto", E::automatic}, {"true", E::on}, {"false", E::off}}};
};

template <>
struct EnumNames<connectors::files::WantedPlace> {
  using E = connectors::files::WantedPlace;
  static constexpr std::array<std::pair<std::string_view, E>, 3> names{
      {{"auto", E::automatic}, {"file", E::file}, {"folder", E::folder}}};
};

}  // namespace mainstem::config
