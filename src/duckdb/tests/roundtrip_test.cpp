#include <arrow/json/from_string.h>

#include "duckdb/tests/fixture.h"

namespace mainstem::duckdb {
namespace {

using arrow::json::ArrayFromJSONString;

std::shared_ptr<arrow::Array> values(const std::shared_ptr<arrow::DataType>& type, const std::string& json) {
  return ArrayFromJSONString(type, json).ValueOrDie();
}

// Sends an array through DuckDB and back.
std::shared_ptr<arrow::Array> through(const std::shared_ptr<arrow::Array>& array) {
  auto connection = open_memory();
  const auto batch = one_column("c", array);
  must(connection.add_stream("s", stream_of(batch->schema(), {batch})));
  return read_all(connection, "SELECT * FROM " + connection.stream_table("s"))->column(0);
}

struct Case {
  std::shared_ptr<arrow::DataType> type;
  std::string json;
};

TEST(Roundtrip, TypesComeBackAsTheyWent) {
  const auto us = arrow::TimeUnit::MICRO;
  const std::vector<Case> cases = {
      {arrow::boolean(), "[true, null, false, true]"},
      {arrow::int8(), "[-128, null, 127]"},
      {arrow::int16(), "[-32768, null, 32767]"},
      {arrow::int32(), "[-2147483648, null, 2147483647]"},
      {arrow::int64(), "[-9223372036854775808, null, 9223372036854775807]"},
      {arrow::uint8(), "[0, null, 255]"},
      {arrow::uint16(), "[0, null, 65535]"},
      {arrow::uint32(), "[0, null, 4294967295]"},
      {arrow::uint64(), "[0, null, 18446744073709551615]"},
      {arrow::float32(), "[1.5, null, -0.25]"},
      {arrow::float64(), "[1.5, null, 1e300]"},
      {arrow::date32(), "[0, null, -1, 19000]"},
      {arrow::time64(us), "[0, null, 86399999999]"},
      {arrow::time64(arrow::TimeUnit::NANO), "[0, null, 86399999999999]"},
      {arrow::timestamp(arrow::TimeUnit::SECOND), "[0, null, -1]"},
      {arrow::timestamp(arrow::TimeUnit::MILLI), "[0, null, 1700000000123]"},
      {arrow::timestamp(us), "[0, null, 1700000000123456]"},
      {arrow::timestamp(arrow::TimeUnit::NANO), "[0, null, 1700000000123456789]"},
      {arrow::timestamp(us, "UTC"), "[0, null, 1700000000123456]"},
      {arrow::decimal128(4, 2), R"(["12.34", null, "-99.99"])"},
      {arrow::decimal128(9, 2), R"(["12.34", null, "-9999999.99"])"},
      {arrow::decimal128(18, 3), R"(["12.345", null, "-999999999999999.999"])"},
      {arrow::decimal128(38, 10), R"(["12.3456789012", null, "-9999999999999999999999999999.9999999999"])"},
      {arrow::utf8(), R"(["", null, "short", "a text of more than twelve bytes", "äöü€😀"])"},
      {arrow::binary(), R"(["", null, "short", "bytes, more than twelve of them"])"},
      {arrow::month_day_nano_interval(), "[[1, -2, 3000], null, [0, 0, 0]]"},
      {arrow::list(arrow::int64()), "[[1, 2], null, [], [3, null]]"},
      {arrow::list(arrow::list(arrow::utf8())),
       R"([[["a", null], []], null, [], [null, ["a longer text in a list"]]])"},
      {arrow::struct_({arrow::field("a", arrow::int32()), arrow::field("b", arrow::utf8())}),
       R"([{"a": 1, "b": "x"}, null, {"a": null, "b": "a text of more than twelve bytes"}])"},
      {arrow::map(arrow::utf8(), arrow::int32()), R"([[["a", 1], ["b", null]], null, []])"},
      {arrow::list(arrow::struct_({arrow::field("k", arrow::map(arrow::utf8(), arrow::list(arrow::float64())))})),
       R"([[{"k": [["x", [1.5, null]]]}, {"k": []}], [], null])"},
  };
  for (const auto& one : cases) {
    const auto array = values(one.type, one.json);
    const auto back = through(array);
    EXPECT_TRUE(back->Equals(*array)) << one.type->ToString() << "\n" << array->ToString() << "\n" << back->ToString();
    // The same in the middle of a larger array.
    const auto slice = array->Slice(1);
    EXPECT_TRUE(through(slice)->Equals(*slice)) << one.type->ToString();
  }
}

// Arrow lets a null's members hold anything, and readers leave zeros there.
TEST(Roundtrip, MembersOfANullAreNull) {
  const auto inner = arrow::field("inner", arrow::struct_({arrow::field("n", arrow::int32())}));
  const auto members = values(arrow::struct_({arrow::field("a", arrow::int32()), inner}),
                              R"([{"a": 1, "inner": {"n": 2}}, {"a": 3, "inner": {"n": 4}}, {"a": 5, "inner": null}])");
  const auto& filled = static_cast<const arrow::StructArray&>(*members);
  auto valid = arrow::AllocateBitmap(3).ValueOrDie();
  valid->mutable_data()[0] = 0b101;
  const auto record = std::make_shared<arrow::StructArray>(members->type(), 3, filled.fields(), std::move(valid));
  const auto lists = arrow::ListArray::FromArrays(*values(arrow::int32(), "[0, 2, 3]"), *record).ValueOrDie();
  for (const int64_t from : {0, 1}) {
    auto connection = open_memory();
    const auto batch = one_column("s", record->Slice(from));
    must(connection.add_stream("t", stream_of(batch->schema(), {batch})));
    const auto rows = must(
        connection.texts("SELECT s IS NULL, s.a, s.inner.n, s.inner IS NULL FROM " + connection.stream_table("t")));
    EXPECT_EQ(rows[static_cast<size_t>(1 - from)], (Texts{"true", std::nullopt, std::nullopt, "true"}));
    EXPECT_EQ(rows.back(), (Texts{"false", "5", std::nullopt, "true"}));
  }
  auto connection = open_memory();
  const auto batch = one_column("l", lists);
  must(connection.add_stream("t", stream_of(batch->schema(), {batch})));
  const auto rows = must(connection.texts("SELECT l[2].a FROM " + connection.stream_table("t") + " LIMIT 1"));
  EXPECT_EQ(rows[0][0], std::nullopt);
}

TEST(Roundtrip, ItemsOfANullArrayAreNull) {
  const auto type = arrow::fixed_size_list(arrow::struct_({arrow::field("a", arrow::int32())}), 2);
  auto valid = arrow::AllocateBitmap(2).ValueOrDie();
  valid->mutable_data()[0] = 0b10;
  const auto arrays = std::make_shared<arrow::FixedSizeListArray>(
      type, 2, values(type->field(0)->type(), R"([{"a": 1}, {"a": 2}, {"a": 3}, {"a": 4}])"), std::move(valid));
  auto connection = open_memory();
  const auto batch = one_column("f", arrays);
  must(connection.add_stream("t", stream_of(batch->schema(), {batch})));
  const auto rows = must(connection.texts("SELECT f[2].a FROM " + connection.stream_table("t")));
  EXPECT_EQ(rows[0][0], std::nullopt);
  EXPECT_EQ(rows[1][0], "4");
}

TEST(Roundtrip, RelativesBecomeTheUsualType) {
  const auto expect = [](const Case& from, const Case& to) {
    const auto back = through(values(from.type, from.json));
    EXPECT_TRUE(back->Equals(*values(to.type, to.json))) << from.type->ToString() << "\n" << back->ToString();
  };
  expect({arrow::large_utf8(), R"(["x", null])"}, {arrow::utf8(), R"(["x", null])"});
  expect({arrow::utf8_view(), R"(["x", null, "longer than twelve bytes"])"},
         {arrow::utf8(), R"(["x", null, "longer than twelve bytes"])"});
  expect({arrow::large_binary(), R"(["x", null])"}, {arrow::binary(), R"(["x", null])"});
  expect({arrow::fixed_size_binary(3), R"(["abc", null])"}, {arrow::binary(), R"(["abc", null])"});
  expect({arrow::date64(), "[86400000, null]"}, {arrow::date32(), "[1, null]"});
  expect({arrow::time32(arrow::TimeUnit::SECOND), "[61, null]"},
         {arrow::time64(arrow::TimeUnit::MICRO), "[61000000, null]"});
  expect({arrow::timestamp(arrow::TimeUnit::SECOND, "Europe/Berlin"), "[1, null]"},
         {arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"), "[1000000, null]"});
  expect({arrow::timestamp(arrow::TimeUnit::NANO, "UTC"), "[1000, null]"},
         {arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"), "[1, null]"});
  expect({arrow::duration(arrow::TimeUnit::SECOND), "[86401, null]"},
         {arrow::month_day_nano_interval(), "[[0, 1, 1000000000], null]"});
  expect({arrow::decimal64(10, 1), R"(["1.5", null])"}, {arrow::decimal128(10, 1), R"(["1.5", null])"});
  expect({arrow::decimal256(20, 2), R"(["1.50", null, "-999999999999999999.99"])"},
         {arrow::decimal128(20, 2), R"(["1.50", null, "-999999999999999999.99"])"});
  expect({arrow::list(arrow::decimal256(38, 0)), R"([["-1"], null])"},
         {arrow::list(arrow::decimal128(38, 0)), R"([["-1"], null])"});
  expect({arrow::decimal32(3, 1), R"(["1.5", null])"}, {arrow::decimal128(3, 1), R"(["1.5", null])"});
  expect({arrow::large_list(arrow::int8()), "[[1], null]"}, {arrow::list(arrow::int8()), "[[1], null]"});
  expect({arrow::fixed_size_list(arrow::int32(), 2), "[[1, 2], null, [3, null]]"},
         {arrow::list(arrow::int32()), "[[1, 2], null, [3, null]]"});
  expect({arrow::null(), "[null, null]"}, {arrow::int32(), "[null, null]"});
  expect({arrow::dictionary(arrow::int8(), arrow::utf8()), R"(["a", null, "b", "a"])"},
         {arrow::utf8(), R"(["a", null, "b", "a"])"});
  expect({arrow::list(arrow::dictionary(arrow::int8(), arrow::int64())), "[[7, 8], null, [7]]"},
         {arrow::list(arrow::int64()), "[[7, 8], null, [7]]"});
}

Error refused(const std::shared_ptr<arrow::Array>& array) {
  auto connection = open_memory();
  const auto batch = one_column("price", array);
  must(connection.add_stream("s", stream_of(batch->schema(), {batch})));
  const auto result = connection.execute("SELECT max(price) FROM " + connection.stream_table("s"));
  if (result) ADD_FAILURE() << array->type()->ToString();
  return result ? Error(ErrorCode::internal, "") : result.error();
}

TEST(Roundtrip, WhatDoesNotFitIsRefusedNamingTheColumn) {
  const auto nanos = refused(values(arrow::timestamp(arrow::TimeUnit::NANO, "UTC"), "[1]"));
  EXPECT_EQ(nanos.code(), ErrorCode::invalid_data);
  EXPECT_NE(nanos.chain().find("price"), std::string::npos) << nanos.chain();
  EXPECT_EQ(refused(values(arrow::date64(), "[1]")).code(), ErrorCode::invalid_data);
  EXPECT_EQ(refused(values(arrow::timestamp(arrow::TimeUnit::SECOND, "UTC"), "[9223372036854775807]")).code(),
            ErrorCode::invalid_data);
  EXPECT_EQ(refused(values(arrow::decimal256(50, 2), R"(["1.00"])")).code(), ErrorCode::unsupported);
  EXPECT_EQ(refused(values(arrow::decimal128(5, -2), "[null]")).code(), ErrorCode::unsupported);
  // Arrow does not check that a decimal has no more digits than its type says.
  arrow::Decimal128Builder builder(arrow::decimal128(4, 0));
  ASSERT_TRUE(builder.Append(arrow::Decimal128(1'000'000)).ok());
  EXPECT_EQ(refused(builder.Finish().ValueOrDie()).code(), ErrorCode::invalid_data);
}

TEST(Roundtrip, BadUtf8IsRefused) {
  arrow::StringBuilder builder;
  ASSERT_TRUE(builder.Append("fine").ok());
  ASSERT_TRUE(builder.Append("\xff\xfe").ok());
  EXPECT_EQ(refused(builder.Finish().ValueOrDie()).code(), ErrorCode::invalid_data);
  // A character cut in two: valid together, not one by one.
  ASSERT_TRUE(builder.Append("x\xc3").ok());
  ASSERT_TRUE(builder.Append("\xa4").ok());
  EXPECT_EQ(refused(builder.Finish().ValueOrDie()).code(), ErrorCode::invalid_data);
}

TEST(Roundtrip, BadBytesUnderNullsDoNotMatter) {
  const auto offsets = arrow::Buffer::FromString(std::string("\0\0\0\0\2\0\0\0\3\0\0\0", 12));
  const auto bitmap = arrow::Buffer::FromString("\2");
  const auto array = arrow::MakeArray(
      arrow::ArrayData::Make(arrow::utf8(), 2, {bitmap, offsets, arrow::Buffer::FromString("\xff\xfex")}, 1));
  EXPECT_TRUE(through(array)->Equals(*values(arrow::utf8(), R"([null, "x"])")));
}

TEST(Output, TypesThatArrowLacks) {
  auto connection = open_memory();
  const auto batch = read_all(connection,
                              "SELECT sum(range) AS total, 'a'::ENUM('a', 'b') AS e, "
                              "'00000000-0000-0000-0000-000000000001'::uuid AS u, '101'::bit AS b, "
                              "'{\"k\":1}'::json AS j, {'h': 5::hugeint, 'l': ['x'::ENUM('x')]} AS s, NULL AS n, "
                              "'12:00:00+02'::timetz AS z, union_value(num := 2) AS one_of FROM range(5) GROUP BY ALL");
  ASSERT_EQ(batch->num_rows(), 1);
  EXPECT_TRUE(batch->column(0)->Equals(*values(arrow::decimal128(38, 0), R"(["10"])")));
  EXPECT_TRUE(batch->column(1)->Equals(*values(arrow::utf8(), R"(["a"])")));
  EXPECT_TRUE(batch->column(2)->Equals(*values(arrow::utf8(), R"(["00000000-0000-0000-0000-000000000001"])")));
  EXPECT_TRUE(batch->column(3)->Equals(*values(arrow::utf8(), R"(["101"])")));
  EXPECT_TRUE(batch->column(4)->Equals(*values(arrow::utf8(), R"(["{\"k\":1}"])")));
  EXPECT_EQ(batch->column(5)->type()->ToString(), "struct<h: decimal128(38, 0), l: list<item: string>>");
  EXPECT_TRUE(batch->column(6)->Equals(*values(arrow::int32(), "[null]")));
  EXPECT_TRUE(batch->column(8)->Equals(*values(arrow::utf8(), R"(["{\"num\":2}"])")));
  EXPECT_EQ(batch->schema()->field(0)->name(), "total");
  EXPECT_EQ(connection.texts("SELECT 1").value()[0][0], "1");
  const auto huge = connection.read("SELECT 170141183460469231731687303715884105727::hugeint AS h", {});
  ASSERT_FALSE(huge);
  EXPECT_EQ(huge.error().code(), ErrorCode::invalid_data);
}

// DuckDB calls them INTEGER, and gives something else.
TEST(Output, NullsWithoutATypeInsideOfOthers) {
  auto connection = open_memory();
  const auto batch = read_all(connection, "SELECT [] AS l, {'a': NULL, 'b': [NULL]} AS s, map {} AS m, [[]] AS n");
  EXPECT_EQ(batch->schema()->ToString(),
            "l: list<item: int32>\ns: struct<a: int32, b: list<item: int32>>\nm: map<int32, int32>\n"
            "n: list<item: list<item: int32>>");
  EXPECT_TRUE(batch->ValidateFull().ok());
  EXPECT_EQ(batch->column(0)->GetScalar(0).ValueOrDie()->ToString(), "list<item: int32>[]");
}

TEST(Output, NestedValuesThatAreNotFlat) {
  auto connection = open_memory();
  const auto batch = read_all(connection,
                              "SELECT i, list_filter([i, i + 1, i + 2], x -> x % 2 = 0) AS evens, "
                              "list_sort([3, 1, 2]) AS sorted, {'k': 'constant, longer than twelve'} AS s "
                              "FROM range(5000) t(i) WHERE i % 3 = 0 ORDER BY i");
  ASSERT_EQ(batch->num_rows(), 1667);
  const auto& evens = static_cast<const arrow::ListArray&>(*batch->column(1));
  const auto& items = static_cast<const arrow::Int64Array&>(*evens.values());
  for (int64_t row = 0; row < evens.length(); ++row) {
    const int64_t i = row * 3;
    ASSERT_EQ(evens.value_length(row), i % 2 == 0 ? 2 : 1);
    ASSERT_EQ(items.Value(evens.value_offset(row)), i + i % 2);
  }
  EXPECT_EQ(batch->column(2)->GetScalar(1666).ValueOrDie()->ToString(), "list<item: int32>[1, 2, 3]");
}

TEST(Output, BatchesKeepTheirSize) {
  auto connection = open_memory();
  const auto sizes = [&](BatchSize size, const std::string& sql) {
    const auto pull = must(connection.read(sql, size));
    std::vector<int64_t> rows;
    while (auto batch = must(pull())) rows.push_back(batch->num_rows());
    return rows;
  };
  EXPECT_EQ(sizes({.rows = 1, .bytes = 1 << 20}, "FROM range(3)"), (std::vector<int64_t>{1, 1, 1}));
  EXPECT_EQ(sizes({.rows = 3000, .bytes = 1 << 20}, "FROM range(7000)"), (std::vector<int64_t>{3000, 3000, 1000}));
  // Long texts are split below a chunk's 2,048 rows.
  const auto rows = sizes({.rows = 65536, .bytes = 1 << 20}, "SELECT repeat('x', 100000) FROM range(50)");
  EXPECT_GE(rows.size(), 4U);
  EXPECT_EQ(std::accumulate(rows.begin(), rows.end(), int64_t{0}), 50);
  EXPECT_TRUE(sizes({}, "SELECT 1 WHERE false").empty());
}

}  // namespace
}  // namespace mainstem::duckdb
