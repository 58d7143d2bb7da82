#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/units.h"
#include "config/fields.h"

namespace mainstem::format::csv {

enum class Header { automatic, yes, no };
enum class Encoding { automatic, utf8, utf16le, utf16be, latin1, windows1252 };
enum class Infer { automatic, text };
enum class Quoting { minimal, all };
enum class LineEnding { lf, crlf };
enum class BinaryForm { hex, base64 };

/// As the user wrote them; `Dialect` holds what the reader works with.
struct ReadOptions {
  std::string delimiter;
  std::string quote = "\"";
  std::string escape;
  Header header = Header::automatic;
  std::vector<std::string> column_names;
  int64_t skip_lines = 0;
  int64_t skip_footer = 0;
  std::string comment;
  Encoding encoding = Encoding::automatic;
  std::vector<std::string> null_values = {""};
  bool quoted_null = false;
  std::vector<std::string> true_values = {"true"};
  std::vector<std::string> false_values = {"false"};
  std::string date_format;
  std::string timestamp_format;
  std::string decimal_separator = ".";
  std::string thousands_separator;
  bool trim = false;
  ByteCount max_field_size = mebibytes(64);
  int64_t max_columns = 16'384;
  ByteCount sample_size = kibibytes(256);
  Infer infer = Infer::automatic;
  BinaryForm binary = BinaryForm::hex;
};

struct WriteOptions {
  std::string delimiter = ",";
  std::string quote = "\"";
  Quoting quoting = Quoting::minimal;
  bool header = true;
  std::string null_text;
  LineEnding line_ending = LineEnding::lf;
  BinaryForm binary = BinaryForm::hex;
  bool bom = false;
};

const config::Fields<ReadOptions>& read_fields();
const config::Fields<WriteOptions>& write_fields();

/// Reads and cross-checks options; `delimiter`, `quote`, `escape` and `comment` are then one byte or empty (delimiter
/// "none" stays). Errors: invalid_config, placed.
Result<ReadOptions> parse_read_options(const config::Node& node);
Result<WriteOptions> parse_write_options(const config::Node& node);

/// "utf-8": as the user writes it.
std::string name_of(Encoding encoding);
/// A byte for people: ',', '\t', '\x1f'.
std::string show_byte(uint8_t byte);

}  // namespace mainstem::format::csv

namespace mainstem::config {

template <>
struct EnumNames<format::csv::Header> {
  using E = format::csv::Header;
  static constexpr std::array<std::pair<std::string_view, E>, 3> names{
      {{"auto", E::automatic}, {"yes", E::yes}, {"no", E::no}}};
};

template <>
struct EnumNames<format::csv::Encoding> {
  using E = format::csv::Encoding;
  static constexpr std::array<std::pair<std::string_view, E>, 6> names{{{"auto", E::automatic},
                                                                        {"utf-8", E::utf8},
                                                                        {"utf-16le", E::utf16le},
                                                                        {"utf-16be", E::utf16be},
                                                                        {"latin-1", E::latin1},
                                                                        {"windows-1252", E::windows1252}}};
};

template <>
struct EnumNames<format::csv::Infer> {
  using E = format::csv::Infer;
  static constexpr std::array<std::pair<std::string_view, E>, 2> names{{{"auto", E::automatic}, {"text", E::text}}};
};

template <>
struct EnumNames<format::csv::Quoting> {
  using E = format::csv::Quoting;
  static constexpr std::array<std::pair<std::string_view, E>, 2> names{{{"minimal", E::minimal}, {"all", E::all}}};
};

template <>
struct EnumNames<format::csv::LineEnding> {
  using E = format::csv::LineEnding;
  static constexpr std::array<std::pair<std::string_view, E>, 2> names{{{"lf", E::lf}, {"crlf", E::crlf}}};
};

template <>
struct EnumNames<format::csv::BinaryForm> {
  using E = format::csv::BinaryForm;
  static constexpr std::array<std::pair<std::string_view, E>, 2> names{{{"hex", E::hex}, {"base64", E::base64}}};
};

}  // namespace mainstem::config
