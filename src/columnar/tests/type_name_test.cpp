#include "columnar/type_name.h"

#include <arrow/api.h>
#include <gtest/gtest.h>
#include <utility>
#include <vector>

namespace mainstem::columnar {
namespace {

using Type = std::shared_ptr<arrow::DataType>;

Type parsed(std::string_view text) {
  auto type = parse_type(text);
  EXPECT_TRUE(type) << text << ": " << type.error().to_string();
  return type ? *type : arrow::null();
}

std::string error_of(std::string_view text) {
  auto type = parse_type(text);
  EXPECT_FALSE(type) << text;
  if (type) return "";
  EXPECT_EQ(type.error().code(), ErrorCode::invalid_config) << text;
  return type.error().to_string();
}

TEST(ParseType, KnowsTheNamesOfSql) {
  const std::vector<std::pair<std::string, Type>> cases{
      {"text", arrow::utf8()},
      {"varchar(20)", arrow::utf8()},
      {"character varying ( 20 )", arrow::utf8()},
      {"uuid", arrow::utf8()},
      {"json", arrow::utf8()},
      {"int", arrow::int32()},
      {"INTEGER", arrow::int32()},
      {"bigint", arrow::int64()},
      {"int8", arrow::int64()},
      {"smallint", arrow::int16()},
      {"tinyint", arrow::int8()},
      {"int unsigned", arrow::uint32()},
      {"ubigint", arrow::uint64()},
      {"decimal(12,2)", arrow::decimal128(12, 2)},
      {" Decimal ( 12 , 2 ) ", arrow::decimal128(12, 2)},
      {"numeric(12)", arrow::decimal128(12, 0)},
      {"numeric", arrow::decimal128(38, 9)},
      {"decimal(39,1)", arrow::decimal256(39, 1)},
      {"double", arrow::float64()},
      {"double  precision", arrow::float64()},
      {"float", arrow::float64()},
      {"float(24)", arrow::float32()},
      {"real", arrow::float32()},
      {"bool", arrow::boolean()},
      {"date", arrow::date32()},
      {"time", arrow::time64(arrow::TimeUnit::MICRO)},
      {"time(3)", arrow::time32(arrow::TimeUnit::MILLI)},
      {"timestamp", arrow::timestamp(arrow::TimeUnit::MICRO)},
      {"timestamp(9)", arrow::timestamp(arrow::TimeUnit::NANO)},
      {"timestamptz", arrow::timestamp(arrow::TimeUnit::MICRO, "UTC")},
      {"timestamp with time zone", arrow::timestamp(arrow::TimeUnit::MICRO, "UTC")},
      {"timestamp(0) without time zone", arrow::timestamp(arrow::TimeUnit::SECOND)},
      {"timestamp(3) with time zone", arrow::timestamp(arrow::TimeUnit::MILLI, "UTC")},
      {"bytea", arrow::binary()},
      {"blob", arrow::binary()},
      {"interval", arrow::month_day_nano_interval()},
      {"int[]", arrow::list(arrow::int32())},
      {"varchar(3) [] []", arrow::list(arrow::list(arrow::utf8()))},
      {"map(text, int[])", arrow::map(arrow::utf8(), arrow::list(arrow::int32()))},
      {"struct(a int, \"two \"\"words\"\"\" decimal(4,1))[]",
       arrow::list(arrow::struct_(
           {arrow::field("a", arrow::int32()), arrow::field("two \"words\"", arrow::decimal128(4, 1))}))},
  };
  for (const auto& [text, type] : cases) EXPECT_TRUE(parsed(text)->Equals(*type)) << text;
}

TEST(ParseType, SaysWhatIsWrong) {
  EXPECT_EQ(error_of("integr"), "unknown type 'integr' (did you mean 'integer'?)");
  EXPECT_EQ(error_of("timestamp with timezone"),
            "unknown type 'timestamp with timezone' (did you mean 'timestamp with time zone'?)");
  EXPECT_EQ(error_of("geography"),
            "unknown type 'geography' (use a type like text, integer, bigint, decimal(12,2), double, boolean, date or "
            "timestamp)");
  EXPECT_EQ(error_of("decimal(77)"), "'decimal' has 1 to 76 digits, not 77");
  EXPECT_EQ(error_of("decimal(0,0)"), "'decimal' has 1 to 76 digits, not 0");
  EXPECT_EQ(error_of("decimal(4,5)"), "'decimal' has 4 digits, so not 5 of them behind the point");
  EXPECT_EQ(error_of("bigint(20)"), "'bigint' takes no number in brackets");
  EXPECT_EQ(error_of("decimal(1,2,3)"), "'decimal' takes fewer numbers in brackets");
  EXPECT_EQ(error_of("varchar(0)"), "the length of 'varchar' is at least 1");
  EXPECT_EQ(error_of("timestamp(4)"), "'timestamp' has 0, 3, 6 or 9 digits of a second, not 4");
  EXPECT_EQ(error_of("float(54)"), "'float' has 1 to 53 bits, not 54");
}

TEST(ParseType, RefusesWhatIsNoType) {
  using namespace std::string_view_literals;
  for (const auto text : {""sv,
                          " "sv,
                          "42"sv,
                          "(3)"sv,
                          "int["sv,
                          "int[3]"sv,
                          "int]"sv,
                          "decimal("sv,
                          "decimal()"sv,
                          "decimal(12,2"sv,
                          "decimal(-1)"sv,
                          "decimal(1;2)"sv,
                          "decimal(99999999999)"sv,
                          "struct"sv,
                          "struct("sv,
                          "struct(a)"sv,
                          "struct(a int"sv,
                          "struct(\"a int)"sv,
                          "map(int)"sv,
                          "map(int, int"sv,
                          "int; drop table x"sv,
                          "int --"sv,
                          "text not null"sv,
                          "int\0x"sv})
    error_of(text);
}

TEST(ParseType, EndsAtADepth) {
  std::string lists = "int";
  std::string structs = "int";
  for (int i = 0; i < 100'000; ++i) lists += "[]";
  for (int i = 0; i < 1000; ++i) structs = "struct(a " + structs + ")";
  EXPECT_EQ(error_of(lists), "a type of more than 16 levels");
  EXPECT_EQ(error_of(structs), "a type of more than 16 levels");
}

TEST(TypeName, ReadsAsTheSameType) {
  for (const auto* name : {"text",
                           "boolean",
                           "tinyint",
                           "smallint",
                           "integer",
                           "bigint",
                           "utinyint",
                           "usmallint",
                           "uinteger",
                           "ubigint",
                           "real",
                           "double",
                           "decimal(12,2)",
                           "decimal(50,0)",
                           "date",
                           "time",
                           "time(0)",
                           "time(9)",
                           "timestamp",
                           "timestamp(3)",
                           "timestamptz",
                           "timestamptz(9)",
                           "blob",
                           "interval",
                           "text[]",
                           "integer[][]",
                           "struct(a integer, \"b c\" text[])",
                           "map(text, decimal(38,9))",
                           "struct(a struct(b map(text, date)[]))[]"})
    EXPECT_EQ(type_name(*parsed(name)), name);
}

TEST(TypeName, ForgetsHowValuesAreLaidOut) {
  EXPECT_EQ(type_name(*arrow::large_utf8()), "text");
  EXPECT_EQ(type_name(*arrow::utf8_view()), "text");
  EXPECT_EQ(type_name(*arrow::dictionary(arrow::int8(), arrow::utf8())), "text");
  EXPECT_EQ(type_name(*arrow::fixed_size_binary(4)), "blob");
  EXPECT_EQ(type_name(*arrow::date64()), "date");
  EXPECT_EQ(type_name(*arrow::large_list(arrow::int8())), "tinyint[]");
  EXPECT_EQ(type_name(*arrow::fixed_size_list(arrow::int8(), 3)), "tinyint[]");
  EXPECT_EQ(type_name(*arrow::timestamp(arrow::TimeUnit::MICRO, "Europe/Berlin")), "timestamptz");
  EXPECT_EQ(type_name(*arrow::null()), "null");
}

TEST(TextLength, IsThatOfTextsOnly) {
  EXPECT_EQ(text_length("varchar(20)"), 20);
  EXPECT_EQ(text_length("CHAR ( 3 )"), 3);
  EXPECT_EQ(text_length("text"), std::nullopt);
  EXPECT_EQ(text_length("decimal(12,2)"), std::nullopt);
  EXPECT_EQ(text_length("varchar(20)[]"), std::nullopt);
  EXPECT_EQ(text_length("varchar(x)"), std::nullopt);
}

}  // namespace
}  // namespace mainstem::columnar
