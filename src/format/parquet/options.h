#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "base/units.h"
#include "config/fields.h"

namespace mainstem::format::parquet {

/// INT96 timestamps count nanoseconds over more years than 64 bits hold: one of both must give.
enum class Int96 { micros, nanos };

struct ReadOptions {
  Int96 int96 = Int96::micros;
};

enum class Codec { none, snappy, gzip, zstd, lz4 };
enum class Timestamps { micros, as_is };

struct WriteOptions {
  Codec compression = Codec::snappy;
  std::optional<int> compression_level;
  ByteCount row_group_size = mebibytes(64);
  int64_t row_group_rows = 1 << 20;
  bool dictionary = true;
  Timestamps timestamps = Timestamps::micros;
};

const config::Fields<ReadOptions>& read_fields();
const config::Fields<WriteOptions>& write_fields();

/// Errors: invalid_config, placed; also for a level that the codec does not have.
Result<WriteOptions> read_write_options(const config::Node& node);

}  // namespace mainstem::format::parquet

namespace mainstem::config {

template <>
struct EnumNames<format::parquet::Int96> {
  using E = format::parquet::Int96;
  static constexpr std::array<std::pair<std::string_view, E>, 2> names{{{"micros", E::micros}, {"nanos", E::nanos}}};
};

template <>
struct EnumNames<format::parquet::Codec> {
  using E = format::parquet::Codec;
  static constexpr std::array<std::pair<std::string_view, E>, 5> names{
      {{"snappy", E::snappy}, {"zstd", E::zstd}, {"gzip", E::gzip}, {"lz4", E::lz4}, {"none", E::none}}};
};

template <>
struct EnumNames<format::parquet::Timestamps> {
  using E = format::parquet::Timestamps;
  static constexpr std::array<std::pair<std::string_view, E>, 2> names{{{"micros", E::micros}, {"as-is", E::as_is}}};
};

}  // namespace mainstem::config
