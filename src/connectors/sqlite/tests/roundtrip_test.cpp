#include <limits>

#include "connectors/sqlite/tests/sink_fixture.h"
#include "connectors/sqlite/types.h"

namespace mainstem::connectors::sqlite {
namespace {

using RoundtripTest = SinkTest;
using arrow::TimeUnit;

TEST_F(RoundtripTest, NestedValuesAreJson) {
  const auto type = arrow::list(arrow::struct_({arrow::field("a", arrow::int64()), arrow::field("b", arrow::utf8())}));
  const auto column = array(type, R"([[{"a": 9223372036854775807, "b": "x\"y"}, null], [], null])");
  must(write(WriteMode::replace, arrow::RecordBatch::Make(arrow::schema({arrow::field("n", type)}), 3, {column})));
  EXPECT_EQ(values(*read("people").rows, "n"), R"([{"a":9223372036854775807,"b":"x\"y"},null] [] null)");
}

TEST_F(RoundtripTest, DictionariesAreTheirValues) {
  const auto type = arrow::dictionary(arrow::int8(), arrow::utf8());
  const auto column = array(type, R"(["x", null, "y", "x"])");
  must(write(WriteMode::replace, arrow::RecordBatch::Make(arrow::schema({arrow::field("d", type)}), 4, {column})));
  EXPECT_EQ(values(*read("people").rows, "d"), "x null y x");
}

TEST_F(RoundtripTest, WhatSqliteCannotHoldIsRefused) {
  const auto one = [&](const std::shared_ptr<arrow::Array>& column) {
    return write(WriteMode::replace, arrow::RecordBatch::Make(arrow::schema({arrow::field("v", column->type())}),
                                                              column->length(), {column}));
  };
  arrow::DoubleBuilder builder;
  ASSERT_TRUE(builder.Append(std::numeric_limits<double>::quiet_NaN()).ok());
  EXPECT_EQ(code_of(one(builder.Finish().ValueOrDie())), ErrorCode::invalid_data);
  EXPECT_EQ(code_of(one(array(arrow::date32(), "[3000000]"))), ErrorCode::invalid_data);
  EXPECT_EQ(code_of(one(array(arrow::date32(), "[-800000]"))), ErrorCode::invalid_data);
  EXPECT_EQ(code_of(one(array(arrow::month_interval(), "[1]"))), ErrorCode::unsupported);
  EXPECT_EQ(stages(), 0);
}

TEST(Types, FitsOnlyWithoutLoss) {
  EXPECT_TRUE(fits_declared(*arrow::int32(), "INTEGER"));
  EXPECT_FALSE(fits_declared(*arrow::int64(), "INT32"));
  EXPECT_FALSE(fits_declared(*arrow::uint64(), "INTEGER"));
  EXPECT_FALSE(fits_declared(*arrow::utf8(), "NUMERIC")) << "'007' would become 7";
  EXPECT_TRUE(fits_declared(*arrow::utf8(), ""));
  EXPECT_TRUE(fits_declared(*arrow::utf8(), "VARCHAR(20)"));
  EXPECT_FALSE(fits_declared(*arrow::utf8(), "INTEGER"));
  EXPECT_TRUE(fits_declared(*arrow::decimal128(9, 2), "DECIMAL(12,3)"));
  EXPECT_FALSE(fits_declared(*arrow::decimal128(9, 2), "DECIMAL(9,3)"));
  EXPECT_FALSE(fits_declared(*arrow::decimal128(18, 2), "DECIMAL(18,2)")) << "more digits than a double has";
  EXPECT_FALSE(fits_declared(*arrow::timestamp(TimeUnit::MICRO, "UTC"), "TIMESTAMP"));
  EXPECT_FALSE(fits_declared(*arrow::timestamp(TimeUnit::NANO), "TIMESTAMP"));
}

}  // namespace
}  // namespace mainstem::connectors::sqlite
