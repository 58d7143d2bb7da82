#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "config/fields.h"

namespace mainstem::format::arrow_ipc {

enum class Layout { file, stream };
enum class Codec { none, lz4, zstd };

/// Whether a stream must end with the mark that writers set when they are done.
enum class EndMark { required, optional };

struct ReadOptions {
  EndMark end_mark = EndMark::required;
};

struct WriteOptions {
  Layout layout = Layout::file;
  Codec compression = Codec::none;
};

const config::Fields<ReadOptions>& read_fields();
const config::Fields<WriteOptions>& write_fields();

}  // namespace mainstem::format::arrow_ipc

namespace mainstem::config {

template <>
struct EnumNames<format::arrow_ipc::Layout> {
  using E = format::arrow_ipc::Layout;
  static constexpr std::array<std::pair<std::string_view, E>, 2> names{{{"file", E::file}, {"stream", E::stream}}};
};

template <>
struct EnumNames<format::arrow_ipc::EndMark> {
  using E = format::arrow_ipc::EndMark;
  static constexpr std::array<std::pair<std::string_view, E>, 2> names{
      {{"required", E::required}, {"optional", E::optional}}};
};

template <>
struct EnumNames<format::arrow_ipc::Codec> {
  using E = format::arrow_ipc::Codec;
  static constexpr std::array<std::pair<std::string_view, E>, 3> names{
      {{"none", E::none}, {"lz4", E::lz4}, {"zstd", E::zstd}}};
};

}  // namespace mainstem::config
