#include <limits>

#include "connectors/sqlite/tests/sink_fixture.h"
#include "connectors/sqlite/types.h"

namespace mainstem::connectors::sqlite {
namespace {

using RoundtripTest = SinkTest;
using arrow::TimeUnit;

struct Case {
  std::shared_ptr<arrow::DataType> type;
  std::string values;
};

TEST_F(RoundtripTest, TypesAndValuesComeBackAsTheyWere) {
  const std::vector<Case> cases = {
      {arrow::boolean(), "[true, false, null]"},
      {arrow::int8(), "[-128, 127, null]"},
      {arrow::int16(), "[-32768, 32767, null]"},
      {arrow::int32(), "[-2147483648, 2147483647, null]"},
      {arrow::int64(), "[-9223372036854775808, 9223372036854775807, null]"},
      {arrow::uint8(), "[0, 255, null]"},
      {arrow::uint16(), "[0, 65535, null]"},
      {arrow::uint32(), "[0, 4294967295, null]"},
      {arrow::uint64(), "[0, 18446744073709551615, null]"},
      {arrow::float32(), "[0.1, -3.4e38, null]"},
      {arrow::float64(), "[0.1, 1e308, null]"},
      {arrow::utf8(), R"(["", "a'ä\u0000b", null])"},
      {arrow::utf8(), R"(["007", "1e5", null])"},
      {arrow::large_utf8(), R"(["", "x", null])"},
      {arrow::binary(), R"(["", "x", null])"},
      {arrow::fixed_size_binary(3), R"(["abc", "xyz", null])"},
      {arrow::date32(), "[-719162, 2932896, null]"},
      {arrow::time32(TimeUnit::SECOND), "[0, 86399, null]"},
      {arrow::time32(TimeUnit::MILLI), "[1, 86399999, null]"},
      {arrow::time64(TimeUnit::MICRO), "[1, 86399999999, null]"},
      {arrow::time64(TimeUnit::NANO), "[1, 86399999999999, null]"},
      {arrow::timestamp(TimeUnit::SECOND), "[-1, 1767225600, null]"},
      {arrow::timestamp(TimeUnit::MILLI), "[-1, 1767225600123, null]"},
      {arrow::timestamp(TimeUnit::MICRO), "[-1, 1767225600123456, null]"},
      {arrow::timestamp(TimeUnit::NANO), "[-1, 1767225600123456789, null]"},
      {arrow::timestamp(TimeUnit::MICRO, "UTC"), "[-1, 1767225600123456, null]"},
      {arrow::timestamp(TimeUnit::NANO, "UTC"), "[-1, 1767225600123456789, null]"},
      {arrow::duration(TimeUnit::MICRO), "[-1, 5, null]"},
      {arrow::decimal128(15, 2), R"(["-9999999999999.99", "0.01", null])"},
      {arrow::decimal128(15, 15), R"(["-0.999999999999999", "0.000000000000001", null])"},
      {arrow::decimal128(38, 9), R"(["-99999999999999999999999999999.999999999", "0.000000001", null])"},
      {arrow::decimal256(76, 0),
       R"(["-9999999999999999999999999999999999999999999999999999999999999999999999999999", "1", null])"},
  };
  arrow::FieldVector fields;
  arrow::ArrayVector columns;
  for (const auto& one : cases) {
    fields.push_back(arrow::field("c" + std::to_string(fields.size()), one.type));
    columns.push_back(array(one.type, one.values));
  }
  const auto rows = arrow::RecordBatch::Make(arrow::schema(fields), 3, columns);
  EXPECT_EQ(counts(must(write(WriteMode::replace, rows))), "3+0~0-3");
  const auto back = read("people");
  for (const auto& reject : back.rejects) ADD_FAILURE() << reject.column << ": " << reject.reason;
  ASSERT_EQ(back.rows->num_rows(), 3);
  for (int i = 0; i < rows->num_columns(); ++i)
    EXPECT_TRUE(back.rows->column(i)->Equals(rows->column(i)))
        << rows->schema()->field(i)->ToString() << back.rows->column(i)->ToString()
        << back.rows->column(i)->type()->ToString();
  // What is there takes what it came from.
  EXPECT_EQ(counts(must(write(WriteMode::append, rows))), "3+0~0-6");
}

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
