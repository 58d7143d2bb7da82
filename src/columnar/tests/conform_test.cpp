#include "columnar/conform.h"

#include <arrow/api.h>
#include <arrow/json/from_string.h>
#include <gtest/gtest.h>

#include "columnar/schema_union.h"
#include "columnar/slices.h"

namespace mainstem::columnar {
namespace {

using ArrayPointer = std::shared_ptr<arrow::Array>;
using TypePointer = std::shared_ptr<arrow::DataType>;

ArrayPointer array_of(const TypePointer& type, const std::string& json) {
  return arrow::json::ArrayFromJSONString(type, json).ValueOrDie();
}

struct Conversion {
  TypePointer from;
  std::string json;
  TypePointer to;
  std::string expected;  // JSON; empty = loss
};

std::vector<Conversion> conversions() {
  const auto micro = arrow::timestamp(arrow::TimeUnit::MICRO);
  const auto nano = arrow::timestamp(arrow::TimeUnit::NANO);
  return {
      {arrow::int64(), "[1, null, 127]", arrow::int8(), "[1, null, 127]"},
      {arrow::int64(), "[1, 128]", arrow::int8(), ""},
      {arrow::float64(), "[0.5, null]", arrow::float32(), "[0.5, null]"},
      {arrow::float64(), "[0.1]", arrow::float32(), ""},
      {arrow::float64(), "[2.0]", arrow::int32(), "[2]"},
      {arrow::float64(), "[2.5]", arrow::int32(), ""},
      {arrow::float64(), "[NaN, 1.5]", arrow::float32(), "[NaN, 1.5]"},
      {arrow::decimal128(9, 2), R"(["1.50"])", arrow::decimal128(9, 1), R"(["1.5"])"},
      {arrow::decimal128(9, 2), R"(["1.55"])", arrow::decimal128(9, 1), ""},
      {nano, R"(["2026-01-02 00:00:00.000001000"])", micro, R"(["2026-01-02 00:00:00.000001"])"},
      {nano, R"(["2026-01-02 00:00:00.000000001"])", micro, ""},
      {micro, R"(["2026-01-02 00:00:00"])", arrow::date32(), "[20455]"},
      {micro, R"(["2026-01-02 00:00:01"])", arrow::date32(), ""},
      {arrow::utf8(), R"(["12", null])", arrow::int32(), "[12, null]"},
      {arrow::utf8(), R"(["x"])", arrow::int32(), ""},
      {arrow::int64(), "[1, null]", arrow::utf8(), R"(["1", null])"},
      {arrow::list(arrow::int8()), "[[1], null, []]", arrow::list(arrow::int64()), "[[1], null, []]"},
      {arrow::null(), "[null]", arrow::utf8(), "[null]"},
  };
}

TEST(Conform, ConvertsWithoutLossOrNotAtAll) {
  for (const auto& given : conversions()) {
    const auto what = given.json + " to " + given.to->ToString();
    const auto result = convert_without_loss(array_of(given.from, given.json), given.to);
    ASSERT_EQ(result.has_value(), !given.expected.empty()) << what;
    if (!result) {
      EXPECT_EQ(result.error().code(), ErrorCode::invalid_data) << what;
      continue;
    }
    EXPECT_TRUE((*result)->ValidateFull().ok()) << what;
    EXPECT_TRUE((*result)->Equals(array_of(given.to, given.expected), arrow::EqualOptions::Defaults().nans_equal(true)))
        << what << ": " << (*result)->ToString();
  }
  EXPECT_EQ(convert_without_loss(array_of(arrow::boolean(), "[true]"), arrow::date32()).error().code(),
            ErrorCode::unsupported);
}

TEST(Conform, SlicesOfNestedColumns) {
  const auto narrow = arrow::struct_({arrow::field("a", arrow::int8()), arrow::field("b", arrow::list(arrow::int8()))});
  const auto wide = arrow::struct_({arrow::field("b", arrow::list(arrow::int64())), arrow::field("new", arrow::utf8()),
                                    arrow::field("a", arrow::int32())});
  const auto whole = array_of(narrow, R"([{"a": 1, "b": [1]}, null, {"a": 3, "b": null}, {"a": 4, "b": [4, 5]}])");
  const auto result = convert_without_loss(whole->Slice(1, 3), wide);
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_TRUE((*result)->ValidateFull().ok());
  EXPECT_TRUE((*result)->Equals(
      array_of(wide, R"([null, {"b": null, "new": null, "a": 3}, {"b": [4, 5], "new": null, "a": 4}])")))
      << (*result)->ToString();
}

TEST(SchemaUnion, NamesBothObjectsAndDoubledColumns) {
  const auto column = [](const TypePointer& type) { return arrow::schema({arrow::field("id", type, false)}); };
  SchemaUnion columns(nullptr);
  ASSERT_TRUE(columns.add(*column(arrow::int32()), "a"));
  ASSERT_TRUE(columns.add(*column(arrow::int64()), "b"));
  EXPECT_EQ((*columns.settle({}))->ToString(), "id: int64 not null");
  EXPECT_EQ(columns.add(*column(arrow::utf8()), "c").error().message(), "column 'id' is bigint in b, but text in c");
  const auto doubled = arrow::schema({arrow::field("x", arrow::int8()), arrow::field("x", arrow::int8())});
  EXPECT_EQ(columns.add(*doubled, "d").error().message(), "d: two columns have the name 'x'");
  EXPECT_EQ(columns.settle({"ID"}).error().code(), ErrorCode::invalid_config);
}

TEST(Slices, AreBoundedByRowsAndBytes) {
  const auto values = array_of(arrow::int64(), "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]");
  const auto batch = arrow::RecordBatch::Make(arrow::schema({arrow::field("n", arrow::int64())}), 10, {values});
  EXPECT_EQ(row_bytes(*batch->Slice(2, 3)), 24);
  EXPECT_EQ(slices(batch, 1 << 20, 100).size(), 1U);
  EXPECT_EQ(slices(batch, 1 << 20, 3).size(), 4U);
  EXPECT_EQ(slices(batch, 16, 100).size(), 5U);
  EXPECT_EQ(slices(batch, 1, 100).size(), 10U);
  EXPECT_TRUE(slices(batch->Slice(0, 0), 1, 1).empty());
}

}  // namespace
}  // namespace mainstem::columnar
