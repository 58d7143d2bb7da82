#include "format/csv/writer.h"

#include <arrow/json/from_string.h>
#include <gtest/gtest.h>
#include <random>

#include "format/csv/tests/memory_input.h"

namespace mainstem::format::csv {
namespace {

std::shared_ptr<arrow::RecordBatch> batch_of(const arrow::FieldVector& fields,
                                             const std::vector<std::string>& columns) {
  arrow::ArrayVector arrays;
  for (size_t i = 0; i < fields.size(); ++i)
    arrays.push_back(arrow::json::ArrayFromJSONString(fields[i]->type(), columns[i]).ValueOrDie());
  return arrow::RecordBatch::Make(arrow::schema(fields), arrays.front()->length(), arrays);
}

void expect_back(const std::shared_ptr<arrow::RecordBatch>& batch, const std::string& options = "") {
  const auto text = write_text(*batch, options);
  ASSERT_TRUE(text.has_value()) << text.error().to_string();
  const auto read = read_text(*text, {.options = "{header: yes, delimiter: ','}", .declared = batch->schema()});
  ASSERT_TRUE(read.has_value()) << read.error().to_string() << *text;
  EXPECT_TRUE(read->rejects.empty()) << read->rejects.front().reason;
  const auto wanted = arrow::Table::FromRecordBatches({batch}).ValueOrDie();
  EXPECT_TRUE(read->table->Equals(*wanted, arrow::EqualOptions::Defaults().nans_equal(true)))
      << *text << read->table->ToString();
}

TEST(CsvWriter, RefusesInfiniteDates) {
  const auto infinite = {std::pair(arrow::timestamp(arrow::TimeUnit::MICRO), "[9223372036854775807]"),
                         std::pair(arrow::timestamp(arrow::TimeUnit::NANO), "[-9223372036854775807]"),
                         std::pair(arrow::date32(), "[2147483647]"), std::pair(arrow::date32(), "[-2147483647]")};
  for (const auto& [type, values] : infinite) {
    const auto text = write_text(*batch_of({arrow::field("v", type)}, {values}), "");
    ASSERT_FALSE(text.has_value()) << values;
    EXPECT_EQ(text.error().code(), ErrorCode::invalid_data);
  }
}

TEST(CsvWriter, EveryTypeComesBack) {
  using namespace arrow;
  const std::vector<std::pair<std::shared_ptr<DataType>, std::string>> cases{
      {boolean(), "[true, false, null]"},
      {int8(), "[-128, 127, null]"},
      {uint64(), "[18446744073709551615, 0, null]"},
      {int64(), "[-9223372036854775808, 9223372036854775807, null]"},
      {float32(), "[0.1, -0.0, 3.4028235e38, null]"},
      {float64(), "[0.1, 1e300, 123456789012345680000, 5e-324, null]"},
      {decimal128(38, 10), "[\"-1234567890123456789012345678.0123456789\", \"0.0000000001\", null]"},
      {decimal256(50, 2), "[\"123456789012345678901234567890123456789012345678.01\", null]"},
      {decimal64(10, 3), "[\"-1234567.001\", null]"},
      {date32(), "[0, -719528, 2932896, -800000, 5000000, null]"},
      {date64(), "[86400000, null]"},
      {time32(TimeUnit::MILLI), "[0, 86399999, null]"},
      {time64(TimeUnit::NANO), "[1, null]"},
      {timestamp(TimeUnit::SECOND), "[-1, 253402300800, null]"},
      {timestamp(TimeUnit::NANO, "UTC"), "[-9223372036854775808, 9223372036854775806, null]"},
      {timestamp(TimeUnit::MICRO, "Europe/Berlin"), "[-9223372036854775808, 1, null]"},
      {duration(TimeUnit::MILLI), "[-5, null]"},
      {utf8(), "[\"\", \"a\\\"b\", \"x,y\", \"l1\\r\\nl2\", \" \", \"#\", \"\\u00e4\", null]"},
      {large_utf8(), "[\"\", null]"},
      {binary(), "[\"\", \"ab\", null]"},
      {fixed_size_binary(3), "[\"abc\", null]"}};
  for (const auto& [type, values] : cases) {
    SCOPED_TRACE(type->ToString());
    expect_back(batch_of({field("v", type)}, {values}));
    expect_back(batch_of({field("v", type)}, {values}), "{quoting: all, line_ending: crlf, bom: true}");
  }
}

TEST(CsvWriter, QuotesOnlyWhatNeedsIt) {
  const auto batch = batch_of({arrow::field("a", arrow::utf8()), arrow::field("n", arrow::int64())},
                              {"[\"x\", \"\", null, \"NULL\", \"a,b\"]", "[1, 2, null, 4, 5]"});
  EXPECT_EQ(*write_text(*batch), "a,n\nx,1\n\"\",2\n,\nNULL,4\n\"a,b\",5\n");
  EXPECT_EQ(*write_text(*batch, "{null_value: 'NULL', header: false}"),
            "x,1\n\"\",2\nNULL,NULL\n\"NULL\",4\n\"a,b\",5\n");
}

TEST(CsvWriter, NestedValuesAreJson) {
  const auto batch = batch_of({arrow::field("l", arrow::list(arrow::decimal128(5, 2))),
                               arrow::field("s", arrow::struct_({arrow::field("t", arrow::utf8())}))},
                              {"[[\"1.50\", null], null]", "[{\"t\": \"x\"}, null]"});
  EXPECT_EQ(*write_text(*batch), "l,s\n\"[1.50,null]\",\"{\"\"t\"\":\"\"x\"\"}\"\n,\n");
}

TEST(CsvWriter, RefusesWhatItCannotKeep) {
  const auto batch = batch_of({arrow::field("t", arrow::utf8())}, {"[\"a\\u0000b\"]"});
  EXPECT_EQ(write_text(*batch).error().code(), ErrorCode::invalid_data);
  const auto months = batch_of({arrow::field("t", arrow::month_interval())}, {"[1]"});
  EXPECT_EQ(write_text(*months).error().code(), ErrorCode::unsupported);
}

TEST(CsvProperty, RandomTablesComeBack) {
  std::mt19937 random(7);
  const std::string alphabet = "ab,\"\n\r \t;01.-\\#'";
  for (int round = 0; round < 200; ++round) {
    arrow::StringBuilder texts;
    arrow::Int64Builder numbers;
    arrow::DoubleBuilder reals;
    for (int row = 0; row < 20; ++row) {
      std::string text;
      for (size_t i = random() % 6; i > 0; --i) text += alphabet[random() % alphabet.size()];
      const bool null = random() % 5 == 0;
      ASSERT_TRUE((null ? texts.AppendNull() : texts.Append(text)).ok());
      ASSERT_TRUE(numbers.Append(static_cast<int64_t>(random()) << (random() % 32)).ok());
      ASSERT_TRUE(reals.Append(std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 200) - 100)).ok());
    }
    const auto schema = arrow::schema(
        {arrow::field("t", arrow::utf8()), arrow::field("n", arrow::int64()), arrow::field("r", arrow::float64())});
    expect_back(arrow::RecordBatch::Make(
        schema, 20, {texts.Finish().ValueOrDie(), numbers.Finish().ValueOrDie(), reals.Finish().ValueOrDie()}));
  }
}

}  // namespace
}  // namespace mainstem::format::csv
