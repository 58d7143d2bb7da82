#include "connectors/postgres/types.h"

#include <array>
#include <arrow/util/decimal.h>

#include "connectors/postgres/sink.h"
#include "connectors/postgres/tests/server.h"

namespace mainstem::connectors::postgres {
namespace {

// Name, Arrow type and printed value of every column of `create_table_of_all_types`.
const std::vector<std::array<std::string, 3>>& all_types() {
  static const std::vector<std::array<std::string, 3>> expected{
      {"b", "bool", "true"},
      {"i2", "int16", "-32768"},
      {"i4", "int32", "-2147483648"},
      {"i8", "int64", "-9223372036854775808"},
      {"o", "int64", "4294967295"},
      {"f4", "float", "1.5"},
      {"f8", "double", "nan"},
      {"d", "decimal128(38, 3)", "-12345678901234567890123456789012345.123"},
      {"n", "string", "123456789012345678901234567890123456789012345.00100"},
      {"nan", "string", "NaN"},
      {"zero", "string", "0.0000"},
      {"tiny", "string", "0.0000001"},
      {"t", "string", "grüß"},
      {"v", "string", "v"},
      {"c", "string", "c  "},
      {"ch", "string", "x"},
      {"nm", "string", "n"},
      {"by", "binary", std::string("\0\xFF", 2)},
      {"d0", "date32[day]", "0000-01-01"},
      {"tm", "time64[us]", "12:34:56.789012"},
      {"tz", "string", "12:00:00+02"},
      {"ts", "timestamp[us]", "2024-02-29 12:00:00.000001"},
      {"tsz", "timestamp[us, tz=UTC]", "2024-02-29 10:00:00.000000Z"},
      {"iv", "month_day_nano_interval", "12M2d3000000000ns"},
      {"u", "string", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
      {"j", "string", "{\"a\": 1}"},
      {"jb", "string", "{\"b\": 2}"},
      {"e", "string", "happy"},
      {"dom", "decimal128(10, 2)", "9.99"},
      {"ai", "list<item: int32>", "list<item: int32>[1, null, 3]"},
      {"at", "list<item: string>", "list<item: string>[a, b c]"},
      {"ae", "list<item: int32>", "list<item: int32>[]"},
      {"ad", "list<item: decimal128(5, 2)>", "list<item: decimal128(5, 2)>[1.50]"},
      {"ip", "string", "10.0.0.0/8"},
      {"mac", "string", "08:00:2b:01:02:03"},
      {"m", "string", "$12.50"},
      {"bits", "string", "101"},
      {"x", "string", "<a/>"},
      {"r", "string", "[1,5)"},
      {"p", "string", "(1,z)"},
      {"nothing", "int32", "null"},
      {"negative", "decimal128(5, 0)", "0"},
      {"small", "decimal128(5, 5)", "0.00012"}};
  return expected;
}

class TypesTest : public PostgresTest {
 protected:
  void create_table_of_all_types();

  /// Loads a table of ours and reads it again.
  Result<Read> through_the_server(const std::shared_ptr<arrow::Table>& table) {
    connector::WriteRequest request;
    request.name = "copy";
    request.table = in_schema("copy");
    request.schema = table->schema();
    const auto sink = make_sink(options);
    MS_TRY(sink->check(context, request));
    MS_ASSIGN(const auto unit, sink->begin(context, "run"));
    MS_ASSIGN(const auto staged, unit->stage(context, request));
    MS_ASSIGN(const auto lane, staged->open_lane(context));
    arrow::TableBatchReader batches(*table);
    while (const auto batch = batches.Next().ValueOrDie()) MS_TRY(lane->write(context, *batch));
    MS_TRY(lane->close(context));
    MS_TRY(staged->finish(context));
    MS_TRY(unit->commit(context, {}));
    return read(this->request("copy"));
  }
};

void TypesTest::create_table_of_all_types() {
  run(fmt::format(
      "SET search_path = {0}; CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE DOMAIN price AS "
      "numeric(10,2) CHECK (value > 0); CREATE DOMAIN dear_price AS price; CREATE TYPE pair AS (a int, b text);"
      "SET search_path = ''",
      schema));
  run(fmt::format(
      "CREATE TABLE {0}.t AS SELECT true AS b, (-32768)::int2 AS i2, (-2147483648)::int4 AS i4, "
      "(-9223372036854775808)::int8 AS i8, 4294967295::oid AS o, 1.5::float4 AS f4, 'NaN'::float8 AS f8, "
      "'-12345678901234567890123456789012345.123'::numeric(38,3) AS d, "
      "'123456789012345678901234567890123456789012345.00100'::numeric AS n, 'NaN'::numeric AS nan, 0.0000::numeric AS "
      "zero, 1e-7::numeric AS tiny, 'grüß'::text AS t, 'v'::varchar(5) AS v, 'c'::char(3) AS c, 'x'::\"char\" AS ch, "
      "'n'::name AS nm, '\\x00ff'::bytea AS by, '0001-01-01 BC'::date AS d0, '12:34:56.789012'::time AS tm, "
      "'12:00:00+02'::timetz AS tz, '2024-02-29 12:00:00.000001'::timestamp AS ts, '2024-02-29 "
      "12:00:00+02'::timestamptz "
      "AS tsz, '1 year 2 days 3 seconds'::interval AS iv, 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid AS u, "
      "'{{\"a\": 1}}'::json AS j, '{{\"b\":2}}'::jsonb AS jb, 'happy'::{0}.mood AS e, 9.99::{0}.dear_price AS dom, "
      "'{{1,NULL,3}}'::int[] AS ai, '{{a,\"b c\"}}'::text[] AS at, '{{}}'::int[] AS ae, '{{1.50}}'::numeric(5,2)[] AS "
      "ad, "
      "'10.0.0.0/8'::inet AS ip, '08:00:2b:01:02:03'::macaddr AS mac, 12.5::money AS m, B'101'::bit(3) AS bits, "
      "'<a/>'::xml AS x, '[1,5)'::int4range AS r, ROW(1,'z')::{0}.pair AS p, NULL::int AS nothing, 5::numeric(3,-2) AS "
      "negative, 0.00012::numeric(2,5) AS small",
      schema));
}

TEST_F(TypesTest, AreReadWithoutLoss) {
  create_table_of_all_types();
  const auto got = read(request("t"));
  ASSERT_TRUE(got) << got.error().to_string();
  ASSERT_EQ(got->rejects.size(), 0U);
  const auto& expected = all_types();
  ASSERT_EQ(got->schema->num_fields(), static_cast<int>(expected.size()));
  for (const auto& [name, type, text] : expected) {
    EXPECT_EQ(got->schema->GetFieldByName(name)->type()->ToString(), type) << name;
    EXPECT_EQ(cell(*got, name), text) << name;
  }
  EXPECT_EQ(got->schema->GetFieldByName("dom")->metadata()->Get("remote_type").ValueOrDie(), schema + ".dear_price");
}

TEST_F(TypesTest, SourceToSinkToSourceIsTheIdentity) {
  create_table_of_all_types();
  // Two copies of the row, and one of nulls.
  run(fmt::format("INSERT INTO {0}.t SELECT * FROM {0}.t; INSERT INTO {0}.t (b) VALUES (NULL)", schema));
  const auto first = read(request("t"));
  ASSERT_TRUE(first) << first.error().to_string();
  const auto second = through_the_server(first->table);
  ASSERT_TRUE(second) << second.error().to_string();
  EXPECT_EQ(second->rejects.size(), 0U);
  ASSERT_EQ(second->table->num_rows(), 3);
  EXPECT_TRUE(second->schema->Equals(*first->schema, false)) << second->schema->ToString();
  const auto options_of_equality = arrow::EqualOptions::Defaults().nans_equal(true);
  for (int i = 0; i < first->schema->num_fields(); ++i)
    EXPECT_TRUE(second->table->column(i)->Equals(*first->table->column(i), options_of_equality))
        << first->schema->field(i)->name();
}

TEST_F(TypesTest, DecimalsOfEveryLengthAndScale) {
  arrow::FieldVector fields;
  std::vector<std::shared_ptr<arrow::ChunkedArray>> columns;
  for (const int precision : {1, 4, 5, 9, 18, 19, 37, 38}) {
    for (const int scale : {0, 1, 3, 4, 7, precision}) {
      if (scale > precision) continue;
      const auto type = arrow::decimal128(precision, scale);
      arrow::Decimal128Builder builder(type);
      std::string digits;
      for (int i = 0; i < precision; ++i) digits += static_cast<char>('1' + i * 7 % 9);
      for (const auto& whole : {std::string("0"), std::string("1"), std::string("-1"), digits, "-" + digits,
                                std::string(static_cast<size_t>(precision), '9')})
        ASSERT_TRUE(builder.Append(arrow::Decimal128(whole)).ok());
      fields.push_back(arrow::field(fmt::format("d{}_{}_{}", precision, scale, fields.size()), type));
      columns.push_back(std::make_shared<arrow::ChunkedArray>(builder.Finish().ValueOrDie()));
    }
  }
  const auto table = arrow::Table::Make(arrow::schema(fields), columns);
  const auto back = through_the_server(table);
  ASSERT_TRUE(back) << back.error().to_string();
  for (int i = 0; i < table->num_columns(); ++i)
    EXPECT_TRUE(back->table->column(i)->Equals(*table->column(i))) << fields[static_cast<size_t>(i)]->ToString();
  // Precision 38 and scale 4, as the server prints it.
  const auto& name = fields[fields.size() - 3]->name();
  EXPECT_EQ(value(fmt::format("SELECT {} FROM {}.copy OFFSET 3 LIMIT 1", name, schema)),
            "1864297531864297531864297531864297.5318");
}

template <class Builder, class Value>
std::shared_ptr<arrow::Array> array_of(std::shared_ptr<arrow::DataType> type, const Value& value) {
  Builder builder(std::move(type), arrow::default_memory_pool());
  EXPECT_TRUE(builder.Append(value).ok());
  EXPECT_TRUE(builder.AppendNull().ok());
  return builder.Finish().ValueOrDie();
}

TEST_F(TypesTest, ArrowTypesWithoutATwinAreWidenedWithoutLoss) {
  using arrow::TimeUnit;
  arrow::UInt64Builder large;
  ASSERT_TRUE(large.Append(UINT64_MAX).ok());
  ASSERT_TRUE(large.AppendNull().ok());
  arrow::StringDictionaryBuilder dictionary;
  ASSERT_TRUE(dictionary.Append("word").ok());
  ASSERT_TRUE(dictionary.AppendNull().ok());
  const auto decimal = arrow::decimal256(60, 5);
  arrow::Decimal256Builder longer(decimal);
  ASSERT_TRUE(longer.Append(arrow::Decimal256("-123456789012345678901234567890123456789012345678901234567890")).ok());
  ASSERT_TRUE(longer.AppendNull().ok());
  const std::vector<std::pair<std::shared_ptr<arrow::Array>, std::string>> cases{
      {large.Finish().ValueOrDie(), "18446744073709551615"},
      {array_of<arrow::UInt8Builder>(arrow::uint8(), 255), "255"},
      {array_of<arrow::Int8Builder>(arrow::int8(), -128), "-128"},
      {array_of<arrow::UInt32Builder>(arrow::uint32(), 4294967295U), "4294967295"},
      {dictionary.Finish().ValueOrDie(), "word"},
      {longer.Finish().ValueOrDie(), "-1234567890123456789012345678901234567890123456789012345.67890"},
      {array_of<arrow::LargeStringBuilder>(arrow::large_utf8(), std::string("large")), "large"},
      {array_of<arrow::StringViewBuilder>(arrow::utf8_view(), std::string("a view longer than inline")),
       "a view longer than inline"},
      {array_of<arrow::FixedSizeBinaryBuilder>(arrow::fixed_size_binary(2), std::string("\xAB\xCD")), "\\xabcd"},
      {array_of<arrow::Date64Builder>(arrow::date64(), int64_t{86'400'000} * -1), "1969-12-31"},
      {array_of<arrow::Time32Builder>(arrow::time32(TimeUnit::SECOND), 3661), "01:01:01"},
      {array_of<arrow::Time64Builder>(arrow::time64(TimeUnit::NANO), int64_t{1'000'000}), "00:00:00.001"},
      {array_of<arrow::TimestampBuilder>(arrow::timestamp(TimeUnit::SECOND), int64_t{-1}), "1969-12-31 23:59:59"},
      {array_of<arrow::TimestampBuilder>(arrow::timestamp(TimeUnit::NANO, "Asia/Tokyo"), int64_t{1'000}),
       "1970-01-01 00:00:00.000001+00"},
      {array_of<arrow::DurationBuilder>(arrow::duration(TimeUnit::MILLI), int64_t{-1500}), "-00:00:01.5"},
      {array_of<arrow::MonthIntervalBuilder>(arrow::month_interval(), 14), "1 year 2 mons"}};
  arrow::FieldVector fields;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (const auto& [array, text] : cases) {
    fields.push_back(arrow::field(fmt::format("c{}", fields.size()), array->type()));
    arrays.push_back(array);
  }
  const auto back = through_the_server(arrow::Table::Make(arrow::schema(fields), arrays));
  ASSERT_TRUE(back) << back.error().to_string();
  for (size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(value(fmt::format("SELECT c{0} FROM {1}.copy WHERE c0 IS NOT NULL", i, schema)), cases[i].second)
        << fields[i]->ToString();
    EXPECT_EQ(value(fmt::format("SELECT c{0} IS NULL FROM {1}.copy WHERE c0 IS NULL", i, schema)), "t");
  }
}

}  // namespace
}  // namespace mainstem::connectors::postgres
