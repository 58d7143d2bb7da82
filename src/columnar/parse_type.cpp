#include <algorithm>
#include <array>
#include <arrow/api.h>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <utility>
#include <vector>

#include "base/nearest.h"
#include "columnar/type_name.h"

namespace mainstem::columnar {
namespace {

using arrow::TimeUnit;
using Type = std::shared_ptr<arrow::DataType>;
using Numbers = std::vector<int>;

constexpr int kMostDigits = 76;
constexpr int kMost128BitDigits = 38;
constexpr int kDeepest = 16;

Error wrong(std::string message) { return Error(ErrorCode::invalid_config, std::move(message)); }

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::optional<TimeUnit::type> unit_of(int digits) {
  switch (digits) {
    case 0: return TimeUnit::SECOND;
    case 3: return TimeUnit::MILLI;
    case 6: return TimeUnit::MICRO;
    case 9: return TimeUnit::NANO;
    default: return std::nullopt;
  }
}

Result<TimeUnit::type> read_unit(const std::string& name, const Numbers& numbers) {
  const auto unit = unit_of(numbers.empty() ? 6 : numbers[0]);
  if (!unit) return wrong(fmt::format("'{}' has 0, 3, 6 or 9 digits of a second, not {}", name, numbers[0]));
  return *unit;
}

Result<Type> make_text(const std::string& name, const Numbers& numbers) {
  if (!numbers.empty() && numbers[0] < 1) return wrong(fmt::format("the length of '{}' is at least 1", name));
  return arrow::utf8();
}

Result<Type> make_decimal(const std::string& name, const Numbers& numbers) {
  const int precision = numbers.empty() ? kMost128BitDigits : numbers[0];
  const int scale = numbers.empty() ? 9 : (numbers.size() > 1 ? numbers[1] : 0);
  if (precision < 1 || precision > kMostDigits)
    return wrong(fmt::format("'{}' has 1 to {} digits, not {}", name, kMostDigits, precision));
  if (scale > precision)
    return wrong(fmt::format("'{}' has {} digits, so not {} of them behind the point", name, precision, scale));
  return precision > kMost128BitDigits ? arrow::decimal256(precision, scale) : arrow::decimal128(precision, scale);
}

// SQL counts the digits of a float in bits.
Result<Type> make_float(const std::string& name, const Numbers& numbers) {
  constexpr int kFloatBits = 24;
  constexpr int kDoubleBits = 53;
  const int bits = numbers.empty() ? kDoubleBits : numbers[0];
  if (bits < 1 || bits > kDoubleBits)
    return wrong(fmt::format("'{}' has 1 to {} bits, not {}", name, kDoubleBits, bits));
  return bits <= kFloatBits ? arrow::float32() : arrow::float64();
}

Result<Type> make_time(const std::string& name, const Numbers& numbers) {
  MS_ASSIGN(const auto unit, read_unit(name, numbers));
  return unit < TimeUnit::MICRO ? arrow::time32(unit) : arrow::time64(unit);
}

Result<Type> make_timestamp(const std::string& name, const Numbers& numbers) {
  MS_ASSIGN(const auto unit, read_unit(name, numbers));
  return arrow::timestamp(unit);
}

Result<Type> make_instant(const std::string& name, const Numbers& numbers) {
  MS_ASSIGN(const auto unit, read_unit(name, numbers));
  return arrow::timestamp(unit, "UTC");
}

// Types without numbers.
template <auto make>
Result<Type> make_plain(const std::string&, const Numbers&) {
  return Type(make());
}

struct NamedType {
  std::string_view name;
  size_t most_numbers;
  Result<Type> (*make)(const std::string& name, const Numbers& numbers);
};

constexpr std::array kTypes{
    NamedType{"text", 0, make_text},
    NamedType{"string", 0, make_text},
    NamedType{"varchar", 1, make_text},
    NamedType{"character varying", 1, make_text},
    NamedType{"nvarchar", 1, make_text},
    NamedType{"char", 1, make_text},
    NamedType{"character", 1, make_text},
    NamedType{"nchar", 1, make_text},
    NamedType{"uuid", 0, make_text},
    NamedType{"json", 0, make_text},
    NamedType{"jsonb", 0, make_text},
    NamedType{"integer", 0, make_plain<arrow::int32>},
    NamedType{"int", 0, make_plain<arrow::int32>},
    NamedType{"int4", 0, make_plain<arrow::int32>},
    NamedType{"bigint", 0, make_plain<arrow::int64>},
    NamedType{"int8", 0, make_plain<arrow::int64>},
    NamedType{"smallint", 0, make_plain<arrow::int16>},
    NamedType{"int2", 0, make_plain<arrow::int16>},
    NamedType{"tinyint", 0, make_plain<arrow::int8>},
    NamedType{"utinyint", 0, make_plain<arrow::uint8>},
    NamedType{"tinyint unsigned", 0, make_plain<arrow::uint8>},
    NamedType{"usmallint", 0, make_plain<arrow::uint16>},
    NamedType{"smallint unsigned", 0, make_plain<arrow::uint16>},
    NamedType{"uinteger", 0, make_plain<arrow::uint32>},
    NamedType{"integer unsigned", 0, make_plain<arrow::uint32>},
    NamedType{"int unsigned", 0, make_plain<arrow::uint32>},
    NamedType{"ubigint", 0, make_plain<arrow::uint64>},
    NamedType{"bigint unsigned", 0, make_plain<arrow::uint64>},
    NamedType{"decimal", 2, make_decimal},
    NamedType{"numeric", 2, make_decimal},
    NamedType{"dec", 2, make_decimal},
    NamedType{"double", 0, make_plain<arrow::float64>},
    NamedType{"double precision", 0, make_plain<arrow::float64>},
    NamedType{"float", 1, make_float},
    NamedType{"float8", 0, make_plain<arrow::float64>},
    NamedType{"real", 0, make_plain<arrow::float32>},
    NamedType{"float4", 0, make_plain<arrow::float32>},
    NamedType{"boolean", 0, make_plain<arrow::boolean>},
    NamedType{"bool", 0, make_plain<arrow::boolean>},
    NamedType{"date", 0, make_plain<arrow::date32>},
    NamedType{"time", 1, make_time},
    NamedType{"time without time zone", 1, make_time},
    NamedType{"timestamp", 1, make_timestamp},
    NamedType{"timestamp without time zone", 1, make_timestamp},
    NamedType{"datetime", 1, make_timestamp},
    NamedType{"timestamptz", 1, make_instant},
    NamedType{"timestamp with time zone", 1, make_instant},
    NamedType{"interval", 0, make_plain<arrow::month_day_nano_interval>},
    NamedType{"blob", 0, make_plain<arrow::binary>},
    NamedType{"bytea", 0, make_plain<arrow::binary>},
    NamedType{"binary", 0, make_plain<arrow::binary>},
    NamedType{"varbinary", 0, make_plain<arrow::binary>},
};

Error unknown_type(const std::string& name) {
  std::vector<std::string> names{"struct", "map"};
  for (const auto& type : kTypes) names.emplace_back(type.name);
  const auto guess = nearest(name, names);
  return wrong(fmt::format("unknown type '{}'", name))
      .hint(guess ? fmt::format("did you mean '{}'?", *guess)
                  : "use a type like text, integer, bigint, decimal(12,2), double, boolean, date or timestamp");
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (c & 0x80) != 0;
}

// Recursive descent over: words [ "(" ... ")" ] words "[]"*
class TypeParser {
 public:
  explicit TypeParser(std::string_view text) : text_(text) {}

  Result<Type> read_all() {
    MS_ASSIGN(auto type, read_type(0));
    skip_blanks();
    if (at_ < text_.size()) return not_a_type();
    return type;
  }

 private:
  Result<Type> read_type(int depth) {
    if (depth > kDeepest) return too_deep();
    auto name = read_words();
    if (name.empty()) return not_a_type();
    Result<Type> type = name == "struct" ? read_struct(depth) : name == "map" ? read_map(depth) : read_plain(name);
    while (type && take('[')) {
      if (!take(']')) return not_a_type();
      if (++depth > kDeepest) return too_deep();
      type = Type(arrow::list(*type));
    }
    return type;
  }

  // "timestamp (3) with time zone": the numbers may stand inside the name.
  Result<Type> read_plain(std::string name) {
    Numbers numbers;
    if (take('(')) {
      do {
        MS_ASSIGN(numbers.emplace_back(), read_number());
      } while (take(','));
      if (!take(')')) return not_a_type();
      if (const auto rest = read_words(); !rest.empty()) name += " " + rest;
    }
    const auto* found = std::ranges::find(kTypes, name, &NamedType::name);
    if (found == kTypes.end()) return unknown_type(name);
    if (numbers.size() > found->most_numbers)
      return wrong(found->most_numbers == 0 ? fmt::format("'{}' takes no number in brackets", name)
                                            : fmt::format("'{}' takes fewer numbers in brackets", name));
    return found->make(name, numbers);
  }

  Result<Type> read_struct(int depth) {
    arrow::FieldVector fields;
    if (!take('(')) return wrong("a struct names its fields").hint("write struct(name text, age integer)");
    do {
      MS_ASSIGN(auto name, read_field_name());
      MS_ASSIGN(auto type, read_type(depth + 1));
      fields.push_back(arrow::field(std::move(name), std::move(type)));
    } while (take(','));
    if (!take(')')) return not_a_type();
    return arrow::struct_(fields);
  }

  Result<Type> read_map(int depth) {
    if (!take('(')) return wrong("a map names the types of its keys and values").hint("write map(text, integer)");
    MS_ASSIGN(auto key, read_type(depth + 1));
    if (!take(',')) return not_a_type();
    MS_ASSIGN(auto value, read_type(depth + 1));
    if (!take(')')) return not_a_type();
    return arrow::map(std::move(key), std::move(value));
  }

  Result<int> read_number() {
    skip_blanks();
    int value = 0;
    const auto* end = text_.data() + text_.size();
    const auto [stop, failure] = std::from_chars(text_.data() + at_, end, value);
    if (failure != std::errc() || value < 0) return not_a_type();
    at_ = static_cast<size_t>(stop - text_.data());
    return value;
  }

  // One word, or any text in quotes with "" for a quote.
  Result<std::string> read_field_name() {
    skip_blanks();
    if (!take('"')) {
      auto word = read_word();
      if (word.empty()) return not_a_type();
      return std::string(word);
    }
    std::string name;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      const bool doubled = c == '"' && at_ < text_.size() && text_[at_] == '"';
      if (c == '"' && !doubled) return name;
      if (doubled) ++at_;
      name += c;
    }
    return not_a_type();
  }

  std::string_view read_word() {
    const size_t start = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    return text_.substr(start, at_ - start);
  }

  // Words with one blank between them, in small letters.
  std::string read_words() {
    std::string words;
    for (;;) {
      skip_blanks();
      const auto word = read_word();
      if (word.empty()) return words;
      words += (words.empty() ? "" : " ") + lower(word);
    }
  }

  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  bool take(char c) {
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  Error too_deep() const { return wrong(fmt::format("a type of more than {} levels", kDeepest)); }
  Error not_a_type() const {
    constexpr size_t kLongest = 60;
    const bool cut_off = std::ranges::count(text_, '(') > std::ranges::count(text_, ')');
    return wrong(fmt::format("not a type: '{}'", text_.substr(0, kLongest)))
        .hint(cut_off ? "a bracket is not closed; between { and } of YAML a type with a comma stands in quotes: "
                        "'decimal(12,2)'"
                      : "write a type like integer, decimal(12,2) or text[]");
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

Result<std::shared_ptr<arrow::DataType>> parse_type(std::string_view text) { return TypeParser(text).read_all(); }

std::optional<int64_t> text_length(std::string_view text) {
  const size_t open = text.find('(');
  if (open == std::string_view::npos) return std::nullopt;
  const auto type = parse_type(text);
  if (!type || (*type)->id() != arrow::Type::STRING) return std::nullopt;
  auto digits = text.substr(open + 1);
  while (!digits.empty() && is_blank(digits.front())) digits.remove_prefix(1);
  int64_t length = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), length);
  return length;
}

}  // namespace mainstem::columnar
