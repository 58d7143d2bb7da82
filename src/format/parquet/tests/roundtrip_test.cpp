#include <arrow/extension/uuid.h>
#include <arrow/util/float16.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/file_reader.h>

#include "format/tests/columnar_fixture.h"

namespace mainstem::format::parquet {

FormatSpec declare();

namespace {

using arrow::TimeUnit;

std::shared_ptr<arrow::Scalar> parsed(const std::shared_ptr<arrow::DataType>& type, std::string_view text) {
  if (type->id() == arrow::Type::DECIMAL128)
    return std::make_shared<arrow::Decimal128Scalar>(arrow::Decimal128::FromString(text).ValueOrDie(), type);
  if (type->id() == arrow::Type::DECIMAL256)
    return std::make_shared<arrow::Decimal256Scalar>(arrow::Decimal256::FromString(text).ValueOrDie(), type);
  if (type->id() == arrow::Type::HALF_FLOAT)
    return std::make_shared<arrow::HalfFloatScalar>(arrow::util::Float16(std::stof(std::string(text))));
  if (type->id() == arrow::Type::DURATION)
    return std::make_shared<arrow::DurationScalar>(std::stoll(std::string(text)), type);
  if (type->id() == arrow::Type::STRING_VIEW) return std::make_shared<arrow::StringViewScalar>(std::string(text));
  return arrow::Scalar::Parse(type, text).ValueOrDie();
}

// The values, and a null behind them.
template <class... Values>
std::shared_ptr<arrow::Array> numbers(const std::shared_ptr<arrow::DataType>& type, Values... values) {
  auto builder = arrow::MakeBuilder(type).ValueOrDie();
  for (const std::string_view value : {std::string_view(values)...})
    EXPECT_TRUE(builder->AppendScalar(*parsed(type, value)).ok());
  EXPECT_TRUE(builder->AppendNull().ok());
  return builder->Finish().ValueOrDie();
}

struct Case {
  std::string name;
  std::shared_ptr<arrow::Array> values;
  std::shared_ptr<arrow::DataType> comes_as = nullptr;  // null = unchanged
};

std::shared_ptr<arrow::Array> bytes_of(const std::shared_ptr<arrow::DataType>& type, const std::string& value) {
  auto builder = arrow::MakeBuilder(type).ValueOrDie();
  const auto scalar = arrow::MakeScalar(type, arrow::Buffer::FromString(value)).ValueOrDie();
  EXPECT_TRUE(builder->AppendScalar(*scalar).ok());
  EXPECT_TRUE(builder->AppendNull().ok());
  return builder->Finish().ValueOrDie();
}

std::vector<Case> flat_cases() {
  const auto day = numbers(arrow::date32(), "0001-01-01", "9999-12-31");
  return {
      {"bool", numbers(arrow::boolean(), "true", "false")},
      {"i8", numbers(arrow::int8(), "-128", "127")},
      {"i16", numbers(arrow::int16(), "-32768", "32767")},
      {"i32", numbers(arrow::int32(), "-2147483648", "2147483647")},
      {"i64", numbers(arrow::int64(), "-9223372036854775808", "9223372036854775807")},
      {"u8", numbers(arrow::uint8(), "0", "255")},
      {"u16", numbers(arrow::uint16(), "0", "65535")},
      {"u32", numbers(arrow::uint32(), "0", "4294967295")},
      {"u64", numbers(arrow::uint64(), "0", "18446744073709551615")},
      {"f16", numbers(arrow::float16(), "0.5", "-2")},
      {"f32", numbers(arrow::float32(), "1.5", "-3e38")},
      {"f64", numbers(arrow::float64(), "0.1", "1e308")},
      {"dec9", numbers(arrow::decimal128(9, 2), "1234567.89", "-0.01")},
      {"dec18", numbers(arrow::decimal128(18, 2), "9999999999999999.99", "-9999999999999999.99")},
      {"dec19", numbers(arrow::decimal128(19, 0), "9999999999999999999", "-9999999999999999999")},
      {"dec38", numbers(arrow::decimal128(38, 10), "1234567890123456789012345678.0123456789", "-0.0000000001")},
      {"dec76",
       numbers(arrow::decimal256(76, 6), "12345678901234567890123456789012345678901234567890.123456", "-1.000000")},
      {"date", day},
      {"time_ms", numbers(arrow::time32(TimeUnit::MILLI), "23:59:59.999", "00:00:00.000")},
      {"time_us", numbers(arrow::time64(TimeUnit::MICRO), "23:59:59.999999", "00:00:00.000001")},
      {"time_ns", numbers(arrow::time64(TimeUnit::NANO), "23:59:59.999999999", "00:00:00.000000001")},
      {"ts_us", numbers(arrow::timestamp(TimeUnit::MICRO), "0001-01-01 00:00:00.000001", "9999-12-31 23:59:59.999999")},
      {"ts_utc",
       numbers(arrow::timestamp(TimeUnit::MICRO, "UTC"), "1969-12-31 23:59:59.999999Z", "2026-01-02 03:04:05Z")},
      {"ts_zone",
       numbers(arrow::timestamp(TimeUnit::MICRO, "Europe/Vienna"), "2026-03-29 00:59:59Z", "2026-03-29 01:00:00Z")},
      {"ts_s", numbers(arrow::timestamp(TimeUnit::SECOND), "2026-01-02 03:04:05", "1900-01-01 00:00:00"),
       arrow::timestamp(TimeUnit::MICRO)},
      {"ts_ms", numbers(arrow::timestamp(TimeUnit::MILLI), "2026-01-02 03:04:05.678", "1900-01-01 00:00:00.001"),
       arrow::timestamp(TimeUnit::MICRO)},
      {"duration", numbers(arrow::duration(TimeUnit::MICRO), "-1", "86400000000")},
      {"text", numbers(arrow::utf8(), "", "ß and 中文 and more than twelve bytes")},
      {"large_text", numbers(arrow::large_utf8(), "", "x")},
      {"text_view", numbers(arrow::utf8_view(), "", "a text that is not inlined"), arrow::utf8()},
      {"bytes", bytes_of(arrow::binary(), std::string("\0\xff", 2))},
      {"large_bytes", bytes_of(arrow::large_binary(), std::string("\0\xff", 2))},
      {"fixed", bytes_of(arrow::fixed_size_binary(3), std::string("\0\xff\n", 3))},
      {"nothing", std::make_shared<arrow::NullArray>(3)},
  };
}

void expect_roundtrip(const Case& given) {
  TestContext context;
  const auto batch = batch_of({{given.name, given.values}});
  const auto scan = must(plan(declare(), context, {written(declare(), context, "a.parquet", {batch})}));
  const auto expected = given.comes_as == nullptr ? given.values->type() : given.comes_as;
  ASSERT_TRUE(scan->schema()->field(0)->type()->Equals(*expected))
      << given.name << ": " << scan->schema()->field(0)->type()->ToString();
  EXPECT_EQ(scan->estimated_rows(), given.values->length());
  const auto all = must(read_tasks(context, *scan));
  const auto got = all.one(scan->schema())->column(0);
  if (given.comes_as == nullptr) {
    EXPECT_TRUE(got->Equals(*given.values)) << given.name << ": " << got->ToString();
    return;
  }
  ASSERT_EQ(got->length(), given.values->length());
  for (int64_t i = 0; i < got->length(); ++i) {
    ASSERT_EQ(got->IsNull(i), given.values->IsNull(i));
    if (got->IsNull(i)) continue;
    const auto casted = (*given.values->GetScalar(i))->CastTo(expected);
    ASSERT_TRUE(casted.ok());
    EXPECT_TRUE((*casted)->Equals(**got->GetScalar(i))) << given.name;
  }
}

TEST(ParquetRoundtrip, EveryFlatType) {
  for (const auto& given : flat_cases()) expect_roundtrip(given);
}

std::shared_ptr<arrow::Array> texts(const std::vector<std::string>& values) {
  arrow::StringBuilder builder;
  EXPECT_TRUE(builder.AppendValues(values).ok());
  return builder.Finish().ValueOrDie();
}

TEST(ParquetRoundtrip, NestedTypes) {
  const auto ints = numbers(arrow::int32(), "1", "2", "3");
  const auto words = texts({"a", "b", "c", "d"});
  const auto members = arrow::struct_({arrow::field("n", arrow::int32()), arrow::field("w", arrow::utf8())});
  const auto structs = std::make_shared<arrow::StructArray>(members, 4, arrow::ArrayVector{ints, words});
  const auto offsets =
      std::make_shared<arrow::Int32Array>(4, arrow::Buffer::FromVector(std::vector<int32_t>{0, 1, 1, 4}));
  const auto list = arrow::ListArray::FromArrays(*offsets, *structs).ValueOrDie();
  const auto map = arrow::MapArray::FromArrays(offsets, words, ints).ValueOrDie();
  const auto three = std::make_shared<arrow::FixedSizeListArray>(arrow::fixed_size_list(arrow::utf8(), 2), 2, words);
  const auto deep = arrow::ListArray::FromArrays(
                        arrow::Int32Array(3, arrow::Buffer::FromVector(std::vector<int32_t>{0, 2, 3})), *list)
                        .ValueOrDie();
  expect_roundtrip({"struct", structs});
  TestContext context;
  for (const auto& values : {std::shared_ptr<arrow::Array>(list), map, std::static_pointer_cast<arrow::Array>(three),
                             std::shared_ptr<arrow::Array>(deep)}) {
    const auto batch = batch_of({{"v", values}});
    const auto scan = must(plan(declare(), context, {written(declare(), context, "a.parquet", {batch})}));
    const auto got = must(read_tasks(context, *scan)).one(scan->schema())->column(0);
    ASSERT_EQ(got->length(), values->length());
    EXPECT_EQ(got->ToString(), values->ToString());
  }
}

TEST(ParquetRoundtrip, DictionariesComeAsTheirValues) {
  TestContext context;
  const auto keys = numbers(arrow::int8(), "1", "0", "1");
  const auto dictionary = arrow::DictionaryArray::FromArrays(keys, texts({"red", "green"})).ValueOrDie();
  const auto scan =
      must(plan(declare(), context, {written(declare(), context, "a.parquet", {batch_of({{"color", dictionary}})})}));
  EXPECT_TRUE(scan->schema()->field(0)->type()->Equals(*arrow::utf8()));
  const auto got = must(read_tasks(context, *scan)).one(scan->schema())->column(0);
  EXPECT_TRUE(got->Equals(*numbers(arrow::utf8(), "green", "red", "green")));
}

TEST(ParquetRoundtrip, UuidsComeAsText) {
  TestContext context;
  std::string bytes;
  for (int i = 0; i < 16; ++i) bytes += static_cast<char>(0xf0 + i);
  const auto storage = bytes_of(arrow::fixed_size_binary(16), bytes);
  const auto uuids = arrow::ExtensionType::WrapArray(arrow::extension::uuid(), storage);
  const auto scan =
      must(plan(declare(), context, {written(declare(), context, "a.parquet", {batch_of({{"id", uuids}})})}));
  const auto got = must(read_tasks(context, *scan)).one(scan->schema())->column(0);
  EXPECT_TRUE(got->Equals(*numbers(arrow::utf8(), "f0f1f2f3-f4f5-f6f7-f8f9-fafbfcfdfeff"))) << got->ToString();
}

TEST(ParquetRoundtrip, EmptyTableKeepsItsSchema) {
  TestContext context;
  const auto schema = arrow::schema({arrow::field("a", arrow::int64(), false), arrow::field("b", arrow::utf8())});
  const auto bytes = must(try_write(declare(), context, {}, schema));
  const auto scan = must(plan(declare(), context, {std::make_shared<BufferInput>("empty.parquet", bytes)}));
  EXPECT_TRUE(scan->schema()->Equals(*schema));
  EXPECT_EQ(scan->estimated_rows(), 0);
  EXPECT_EQ(must(read_tasks(context, *scan)).rows(), 0);
}

TEST(ParquetRoundtrip, FinerTimesStopOrStay) {
  TestContext context;
  const auto whole = batch_of({{"t", numbers(arrow::timestamp(TimeUnit::NANO), "2026-01-02 03:04:05.000001000")}});
  const auto fine = batch_of({{"t", numbers(arrow::timestamp(TimeUnit::NANO), "2026-01-02 03:04:05.000000001")}});
  EXPECT_TRUE(try_write(declare(), context, {whole}, whole->schema()));
  const auto lossy = try_write(declare(), context, {fine}, fine->schema());
  ASSERT_FALSE(lossy);
  EXPECT_EQ(lossy.error().code(), ErrorCode::invalid_data);
  EXPECT_NE(lossy.error().hint().find("as-is"), std::string::npos) << lossy.error().to_string();
  const auto scan = must(plan(
      declare(), context, {written(declare(), context, "a.parquet", {fine}, options_of({{"timestamps", "as-is"}}))}));
  EXPECT_TRUE(must(read_tasks(context, *scan)).one(scan->schema())->column(0)->Equals(*fine->column(0)));
}

TEST(ParquetRoundtrip, TypesWithoutFormAreRefused) {
  TestContext context;
  for (const auto& type : {arrow::month_day_nano_interval(), arrow::dense_union({arrow::field("a", arrow::int8())}),
                           arrow::decimal128(5, -2)}) {
    const auto refused = try_write(declare(), context, {}, arrow::schema({arrow::field("v", type)}));
    ASSERT_FALSE(refused) << type->ToString();
    EXPECT_EQ(refused.error().code(), ErrorCode::unsupported) << refused.error().to_string();
  }
}

TEST(ParquetRoundtrip, ShortDecimalsAreStoredAsIntegers) {
  TestContext context;
  const auto batch = batch_of({{"d9", numbers(arrow::decimal128(9, 2), "1.00", "-0.01")},
                               {"d18", numbers(arrow::decimal128(18, 2), "1.00", "-0.01")},
                               {"d19", numbers(arrow::decimal128(19, 2), "1.00", "-0.01")}});
  const auto file = ::parquet::ParquetFileReader::Open(
      std::make_shared<arrow::io::BufferReader>(must(try_write(declare(), context, {batch}, batch->schema()))));
  const auto* schema = file->metadata()->schema();
  EXPECT_EQ(schema->Column(0)->physical_type(), ::parquet::Type::INT32);
  EXPECT_EQ(schema->Column(1)->physical_type(), ::parquet::Type::INT64);
  EXPECT_EQ(schema->Column(2)->physical_type(), ::parquet::Type::FIXED_LEN_BYTE_ARRAY);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(schema->Column(i)->logical_type()->is_decimal());
}

TEST(ParquetRoundtrip, NumbersThatDifferAreStoredWithoutDictionary) {
  TestContext context;
  arrow::Int64Builder keys;
  arrow::Int64Builder kinds;
  for (int64_t i = 0; i < 10'000; ++i) ASSERT_TRUE(keys.Append(i).ok() && kinds.Append(i % 3).ok());
  const auto batch = batch_of({{"key", keys.Finish().ValueOrDie()}, {"kind", kinds.Finish().ValueOrDie()}});
  const auto input = written(declare(), context, "a.parquet", {batch});
  const auto file = ::parquet::ParquetFileReader::Open(
      std::make_shared<arrow::io::BufferReader>(must(try_write(declare(), context, {batch}, batch->schema()))));
  const auto group = file->metadata()->RowGroup(0);
  EXPECT_FALSE(group->ColumnChunk(0)->has_dictionary_page());
  EXPECT_TRUE(group->ColumnChunk(1)->has_dictionary_page());
  const auto scan = must(plan(declare(), context, {input}));
  EXPECT_TRUE(must(read_tasks(context, *scan)).one(scan->schema())->Equals(*batch));
}

TEST(ParquetRoundtrip, SameRowsGiveSameBytes) {
  TestContext context;
  const auto batch = batch_of({{"a", texts({"x", "y"})}});
  const auto other = batch->ReplaceSchemaMetadata(arrow::key_value_metadata({"run"}, {"4711"}));
  const auto first = must(try_write(declare(), context, {batch}, batch->schema()));
  EXPECT_TRUE(first->Equals(*must(try_write(declare(), context, {batch}, batch->schema()))));
  EXPECT_TRUE(first->Equals(*must(try_write(declare(), context, {other}, other->schema()))));
}

TEST(ParquetOptions, CodecsAndBadOptions) {
  TestContext context;
  const auto batch = batch_of({{"a", texts(std::vector<std::string>(10'000, "the same"))}});
  for (const char* codec : {"snappy", "zstd", "gzip", "lz4", "none"}) {
    const auto scan = must(plan(
        declare(), context,
        {written(declare(), context, codec, {batch}, options_of({{"compression", codec}, {"dictionary", "false"}}))}));
    EXPECT_TRUE(must(read_tasks(context, *scan)).one(scan->schema())->Equals(*batch)) << codec;
  }
  const auto check = declare().check_write_options;
  EXPECT_TRUE(check(options_of({{"compression", "zstd"}, {"compression_level", "19"}})));
  EXPECT_FALSE(check(options_of({{"compression", "zstd"}, {"compression_level", "23"}})));
  EXPECT_FALSE(check(options_of({{"compression_level", "1"}})));
  EXPECT_FALSE(check(options_of({{"compression", "brotly"}})));
  EXPECT_FALSE(declare().check_read_options(options_of({{"delimiter", ";"}})));
}

}  // namespace
}  // namespace mainstem::format::parquet
