#include <arrow/json/from_string.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include "format/tests/format_fixture.h"

namespace mainstem::format::json {
FormatSpec declare();
namespace {

struct JsonWrite : FormatFixture {
  JsonWrite() : FormatFixture(declare()) {}

  static std::shared_ptr<arrow::Table> table(const std::shared_ptr<arrow::Field>& field, const std::string& json) {
    auto values = arrow::json::ArrayFromJSONString(field->type(), json).ValueOrDie();
    return arrow::Table::Make(arrow::schema({field}), {values});
  }
  // What is written and read again with the same types is the same.
  void expect_round_trip(const arrow::Table& rows, const std::string& options) {
    auto text = try_write(rows, options);
    ASSERT_TRUE(text) << text.error().to_string();
    declared = rows.schema();
    auto back = try_read({*text});
    ASSERT_TRUE(back) << back.error().to_string();
    EXPECT_TRUE(back->rejects.empty()) << back->rejects[0].reason;
    EXPECT_TRUE(back->rows->CombineChunks().ValueOrDie()->Equals(*rows.CombineChunks().ValueOrDie()))
        << *text << back->rows->ToString();
  }
};

TEST_F(JsonWrite, WritesLinesOrAnArray) {
  const auto rows = table(arrow::field("a", arrow::int64()), "[1, null]");
  EXPECT_EQ(*try_write(*rows), "{\"a\":1}\n{\"a\":null}\n");
  EXPECT_EQ(*try_write(*rows, "{layout: array}"), "[\n{\"a\":1},\n{\"a\":null}\n]\n");
  EXPECT_EQ(*try_write(*rows->Slice(0, 0), "{layout: array}"), "[]\n");
  EXPECT_FALSE(try_write(*rows, "{layout: document}"));
}

TEST_F(JsonWrite, KeepsEveryValueOfEveryType) {
  const std::vector<std::pair<std::shared_ptr<arrow::DataType>, std::string>> cases = {
      {arrow::int64(), "[-9223372036854775808, 9223372036854775807, null, 0]"},
      {arrow::uint64(), "[18446744073709551615, 0]"},
      {arrow::int8(), "[-128, 127]"},
      {arrow::float64(), "[0.1, -0.0, 1e300, 5e-324, 3, 123456789012345680]"},
      {arrow::float32(), "[0.1, 16777216]"},
      {arrow::decimal128(38, 10), R"(["1234567890123456789012345678.0123456789", "-0.0000000001", "0.0000000000"])"},
      {arrow::decimal256(60, 2), R"(["1234567890123456789012345678901234567890.12"])"},
      {arrow::boolean(), "[true, false, null]"},
      {arrow::date32(), "[0, -719528, 2932896]"},
      {arrow::time64(arrow::TimeUnit::MICRO), "[0, 86399999999]"},
      {arrow::timestamp(arrow::TimeUnit::MICRO), "[0, -1, 1769853600123456]"},
      {arrow::timestamp(arrow::TimeUnit::NANO, "UTC"), "[1769853600123456789]"},
      {arrow::utf8(), R"(["", "a\"b\\c\n\t\u0001", "é😀", "null", null])"},
      {arrow::list(arrow::struct_({arrow::field("x", arrow::int64())})), R"([[{"x": 1}, null], [], null])"},
      {arrow::struct_({arrow::field("x", arrow::list(arrow::utf8()))}), R"([{"x": ["a", null]}, {"x": null}, null])"},
  };
  for (const auto& [type, json] : cases) {
    SCOPED_TRACE(type->ToString());
    const auto rows = table(arrow::field("a \"b\"", type), json);
    expect_round_trip(*rows, "{layout: lines}");
    expect_round_trip(*rows, "{layout: array}");
  }
}

TEST_F(JsonWrite, BinaryIsBase64) {
  arrow::BinaryBuilder builder;
  ASSERT_TRUE(builder.Append(std::string("\0\xff\x01", 3)).ok());
  auto rows = arrow::Table::Make(arrow::schema({arrow::field("b", arrow::binary())}), {builder.Finish().ValueOrDie()});
  EXPECT_EQ(*try_write(*rows), "{\"b\":\"AP8B\"}\n");
  expect_round_trip(*rows, "{}");
}

TEST_F(JsonWrite, RefusesWhatJsonCannotHold) {
  arrow::DoubleBuilder builder;
  ASSERT_TRUE(builder.AppendValues({1.5, std::numeric_limits<double>::quiet_NaN()}).ok());
  const auto rows =
      arrow::Table::Make(arrow::schema({arrow::field("d", arrow::float64())}), {builder.Finish().ValueOrDie()});
  const auto failed = try_write(*rows);
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().to_string(), testing::HasSubstr("row 2"));
  EXPECT_EQ(*try_write(*rows, "{not_finite: \"null\"}"), "{\"d\":1.5}\n{\"d\":null}\n");
  arrow::StringBuilder text;
  ASSERT_TRUE(text.Append("\xff").ok());
  const auto broken =
      arrow::Table::Make(arrow::schema({arrow::field("t", arrow::utf8())}), {text.Finish().ValueOrDie()});
  EXPECT_THAT(try_write(*broken).error().to_string(), testing::HasSubstr("UTF-8"));
  const auto duration = table(arrow::field("x", arrow::duration(arrow::TimeUnit::SECOND)), "[1]");
  EXPECT_EQ(try_write(*duration).error().code(), ErrorCode::unsupported);
}

}  // namespace
}  // namespace mainstem::format::json
