#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/units.h"
#include "config/convert.h"
#include "config/fields.h"

namespace mainstem::format::json {

enum class Layout { automatic, lines, array, document };
enum class Nested { keep, flatten, split };
enum class NotFinite { error, null };

struct ReadOptions {
  Layout layout = Layout::automatic;
  std::string records;
  Nested nested = Nested::keep;
  std::string separator = "_";
  std::string rows;
  std::vector<std::string> keys;
  bool infer_dates = false;
  int max_depth = 64;
  ByteCount max_record = mebibytes(64);
};

struct WriteOptions {
  Layout layout = Layout::lines;
  NotFinite not_finite = NotFinite::error;
};

const config::Fields<ReadOptions>& read_fields();
const config::Fields<WriteOptions>& write_fields();

}  // namespace mainstem::format::json

namespace mainstem::config {

template <>
struct EnumNames<format::json::Layout> {
  using Layout = format::json::Layout;
  static constexpr std::array<std::pair<std::string_view, Layout>, 4> names = {{{"auto", Layout::automatic},
                                                                                {"lines", Layout::lines},
                                                                                {"array", Layout::array},
                                                                                {"document", Layout::document}}};
};

template <>
struct EnumNames<format::json::Nested> {
  using Nested = format::json::Nested;
  static constexpr std::array<std::pair<std::string_view, Nested>, 3> names = {
      {{"keep", Nested::keep}, {"flatten", Nested::flatten}, {"split", Nested::split}}};
};

template <>
struct EnumNames<format::json::NotFinite> {
  using NotFinite = format::json::NotFinite;
  static constexpr std::array<std::pair<std::string_view, NotFinite>, 2> names = {
      {{"error", NotFinite::error}, {"null", NotFinite::null}}};
};

}  // namespace mainstem::config
