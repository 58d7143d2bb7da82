#include <arrow/util/byte_size.h>
#include <parquet/arrow/writer.h>
#include <random>

#include "format/tests/columnar_fixture.h"

namespace mainstem::format::parquet {

FormatSpec declare();

namespace {

template <class Builder, class Value>
std::shared_ptr<arrow::Array> array_of(const std::vector<Value>& values) {
  Builder builder;
  for (const auto& value : values) EXPECT_TRUE(builder.Append(value).ok());
  return builder.Finish().ValueOrDie();
}

std::shared_ptr<arrow::Array> decimal(int64_t unscaled, int precision, int scale) {
  arrow::Decimal128Builder builder(arrow::decimal128(precision, scale));
  EXPECT_TRUE(builder.Append(arrow::Decimal128(unscaled)).ok());
  return builder.Finish().ValueOrDie();
}

std::shared_ptr<arrow::Array> longs(const std::vector<int64_t>& values) {
  return array_of<arrow::Int64Builder>(values);
}
std::shared_ptr<arrow::Array> ints(const std::vector<int32_t>& values) { return array_of<arrow::Int32Builder>(values); }
std::shared_ptr<arrow::Array> texts(const std::vector<std::string>& values) {
  return array_of<arrow::StringBuilder>(values);
}

std::shared_ptr<arrow::Array> counted(int64_t from, int64_t count) {
  std::vector<int64_t> values(static_cast<size_t>(count));
  for (auto& value : values) value = from++;
  return longs(values);
}

TEST(ParquetScan, RowGroupsBecomeTasksThatCoverAllRowsOnce) {
  TestContext context;
  arrow::RecordBatchVector batches;
  std::mt19937_64 random(7);
  for (int i = 0; i < 20; ++i) {
    std::vector<int64_t> noise(50'000);
    for (auto& value : noise) value = static_cast<int64_t>(random());
    batches.push_back(batch_of({{"n", counted(i * 50'000, 50'000)}, {"noise", longs(noise)}}));
  }
  const auto file = written(declare(), context, "a.parquet", batches, options_of({{"row_group_rows", "30000"}}));
  const auto scan = must(plan(declare(), context, {file, file}, {"n"}));
  EXPECT_EQ(scan->estimated_rows(), 2'000'000);
  EXPECT_GT(scan->tasks().size(), 2U);
  EXPECT_LT(scan->tasks().size(), 20U);
  const auto all = must(read_tasks(context, *scan));
  const auto values = all.one(scan->schema());
  ASSERT_EQ(values->num_rows(), 2'000'000);
  ASSERT_EQ(values->num_columns(), 1);
  std::vector<int> seen(1'000'000, 0);
  const auto& column = static_cast<const arrow::Int64Array&>(*values->column(0));
  for (int64_t i = 0; i < column.length(); ++i) ++seen[static_cast<size_t>(column.Value(i))];
  EXPECT_EQ(std::count(seen.begin(), seen.end(), 2), 1'000'000);
}

TEST(ParquetScan, BatchesStayWithinTheirBytes) {
  TestContext context;
  context.context.batch_bytes = 1 << 20;
  // Stored once in a dictionary, so that the footer's sizes say nothing.
  const std::string wide(1'000, 'w');
  arrow::RecordBatchVector batches;
  for (int i = 0; i < 10; ++i) batches.push_back(batch_of({{"w", texts(std::vector<std::string>(10'000, wide))}}));
  const auto scan = must(plan(declare(), context, {written(declare(), context, "a.parquet", batches)}));
  const auto all = must(read_tasks(context, *scan));
  EXPECT_EQ(all.rows(), 100'000);
  for (const auto& batch : all.batches)
    EXPECT_LE(arrow::util::ReferencedBufferSize(*batch).ValueOrDie(), (1 << 20) + 2'000);
  // The buffers below the slices are bounded, too: one read holds a few batches at most.
  for (const auto& batch : all.batches) EXPECT_LE(arrow::util::TotalBufferSize(*batch), 6 << 20);
  context.context.batch_rows = 7;
  EXPECT_EQ(must(read_tasks(context, *must(plan(declare(), context, {written(declare(), context, "b", {batches[0]})}))))
                .batches.size(),
            1429U);
}

TEST(ParquetScan, RowGroupsOfTheWriterAreBoundedInBytes) {
  TestContext context;
  std::vector<std::string> values;
  for (int i = 0; i < 20'000; ++i) values.push_back(std::to_string(i) + std::string(100, 'x'));
  const auto file =
      written(declare(), context, "a", {batch_of({{"v", texts(values)}})}, options_of({{"row_group_size", "256KiB"}}));
  const auto description = must(plan(declare(), context, {file}))->description();
  EXPECT_NE(description.find("row_groups=9 rows=20000"), std::string::npos) << description;
}

TEST(ParquetScan, FilesOfSeveralShapesAreOneTable) {
  TestContext context;
  const auto narrow = batch_of({{"id", ints({1, 2})},
                                {"price", array_of<arrow::FloatBuilder>(std::vector<float>{1.5F, 2.5F})},
                                {"old", texts({"x", "y"})}});
  const auto wide = batch_of({{"price", array_of<arrow::DoubleBuilder>(std::vector<double>{0.1})},
                              {"added", texts({"z"})},
                              {"id", longs({1LL << 40})}});
  const auto scan = must(
      plan(declare(), context, {written(declare(), context, "a", {narrow}), written(declare(), context, "b", {wide})}));
  EXPECT_EQ(scan->schema()->ToString(), "id: int64\nprice: double\nold: string\nadded: string");
  const auto rows = must(read_tasks(context, *scan)).one(scan->schema());
  EXPECT_TRUE(rows->column(0)->Equals(*longs({1, 2, 1LL << 40})));
  EXPECT_TRUE(rows->column(1)->Equals(*array_of<arrow::DoubleBuilder>(std::vector<double>{1.5, 2.5, 0.1})));
  EXPECT_TRUE(rows->column(2)->IsNull(2));
  EXPECT_TRUE(rows->column(3)->IsNull(0));
  // A file that has none of the wanted columns still counts its rows.
  const auto added =
      must(plan(declare(), context,
                {written(declare(), context, "a", {narrow}), written(declare(), context, "b", {wide})}, {"added"}));
  EXPECT_EQ(must(read_tasks(context, *added)).one(added->schema())->column(0)->null_count(), 2);
}

TEST(ParquetScan, DecimalsWidenOnBothSides) {
  TestContext context;
  const auto a = batch_of({{"d", decimal(12345, 9, 4)}});
  const auto b = batch_of({{"d", decimal(77, 12, 1)}});
  const auto scan =
      must(plan(declare(), context, {written(declare(), context, "a", {a}), written(declare(), context, "b", {b})}));
  EXPECT_TRUE(scan->schema()->field(0)->type()->Equals(*arrow::decimal128(15, 4)));
  const auto rows = must(read_tasks(context, *scan)).one(scan->schema());
  EXPECT_EQ(static_cast<const arrow::Decimal128Array&>(*rows->column(0)).FormatValue(0), "1.2345");
  EXPECT_EQ(static_cast<const arrow::Decimal128Array&>(*rows->column(0)).FormatValue(1), "7.7000");
}

TEST(ParquetScan, IncompatibleFilesAreNamed) {
  TestContext context;
  const auto number = written(declare(), context, "jan.parquet", {batch_of({{"id", longs({1})}})});
  const auto text = written(declare(), context, "feb.parquet", {batch_of({{"id", texts({"7"})}})});
  const auto result = plan(declare(), context, {number, text});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::invalid_data);
  EXPECT_EQ(result.error().message(), "column 'id' is bigint in jan.parquet, but text in feb.parquet");
  // The declared type settles it.
  const auto scan =
      must(plan(declare(), context, {number, text}, {}, arrow::schema({arrow::field("id", arrow::utf8())})));
  EXPECT_TRUE(must(read_tasks(context, *scan)).one(scan->schema())->column(0)->Equals(*texts({"1", "7"})));
}

TEST(ParquetScan, DeclaredTypesNeverLoseAnything) {
  TestContext context;
  const auto file = written(
      declare(), context, "a.parquet",
      {batch_of({{"big", longs({1, 300})}, {"real", array_of<arrow::DoubleBuilder>(std::vector<double>{0.5, 0.1})}})});
  const auto read_as = [&](const std::string& column, const std::shared_ptr<arrow::DataType>& type) {
    auto scan = must(plan(declare(), context, {file}, {column}, arrow::schema({arrow::field(column, type)})));
    return read_tasks(context, *scan);
  };
  EXPECT_TRUE(read_as("big", arrow::int16()));
  EXPECT_TRUE(read_as("big", arrow::utf8()));
  EXPECT_TRUE(read_as("real", arrow::float64()));
  EXPECT_TRUE(read_as("real", arrow::decimal128(5, 2)));
  for (const auto& [column, type] :
       std::vector<std::pair<std::string, std::shared_ptr<arrow::DataType>>>{{"big", arrow::int8()},
                                                                             {"real", arrow::float32()},
                                                                             {"real", arrow::int64()},
                                                                             {"real", arrow::decimal128(5, 0)}}) {
    const auto result = read_as(column, type);
    ASSERT_FALSE(result) << type->ToString();
    EXPECT_EQ(result.error().code(), ErrorCode::invalid_data) << result.error().to_string();
    EXPECT_NE(result.error().chain().find("a.parquet"), std::string::npos) << result.error().to_string();
    EXPECT_NE(result.error().chain().find(column), std::string::npos) << result.error().to_string();
  }
  EXPECT_EQ(plan(declare(), context, {file}, {"bgi"}).error().code(), ErrorCode::invalid_config);
  EXPECT_EQ(plan(declare(), context, {file}, {}, arrow::schema({arrow::field("x", arrow::utf8())})).error().code(),
            ErrorCode::invalid_config);
}

TEST(ParquetScan, DamagedFilesAreErrorsWithTheirName) {
  TestContext context;
  std::vector<std::string> values;
  for (int i = 0; i < 5'000; ++i) values.push_back("value " + std::to_string(i * 7919 % 5'000));
  const auto whole = must(try_write(declare(), context, {batch_of({{"v", texts(values)}, {"n", counted(0, 5'000)}})},
                                    batch_of({{"v", texts({})}, {"n", longs({})}})->schema()));
  std::vector<std::shared_ptr<arrow::Buffer>> bad = {arrow::Buffer::FromString(""),
                                                     arrow::Buffer::FromString("id,name\n1,x\n")};
  for (int64_t cut : {4L, 12L, whole->size() / 2, whole->size() - 1}) bad.push_back(arrow::SliceBuffer(whole, 0, cut));
  for (const auto& bytes : bad) {
    const auto result = plan(declare(), context, {std::make_shared<BufferInput>("drop/x.parquet", bytes)});
    ASSERT_FALSE(result) << bytes->size();
    EXPECT_EQ(result.error().code(), ErrorCode::invalid_data) << result.error().to_string();
    EXPECT_NE(result.error().chain().find("drop/x.parquet"), std::string::npos);
  }
  // Any single byte may be wrong: an error or rows, never a crash and never a row more or less.
  std::mt19937 random(3);
  for (int i = 0; i < 2'000; ++i) {
    auto text = whole->ToString();
    text[random() % text.size()] ^= static_cast<char>(1U << (random() % 8));
    const auto scan = plan(declare(), context, {std::make_shared<BufferInput>("x", arrow::Buffer::FromString(text))});
    if (!scan) continue;
    const auto all = read_tasks(context, **scan);
    if (all) {
      EXPECT_EQ(all->rows() + static_cast<int64_t>(all->rejects.size()), (*scan)->estimated_rows());
    }
  }
}

TEST(ParquetScan, TextThatIsNotUtf8IsRejectedWithItsRow) {
  TestContext context;
  const auto bytes = array_of<arrow::BinaryBuilder>(std::vector<std::string>{"fine", "f\xfc r", "ok"});
  const auto liar = std::make_shared<arrow::StringArray>(3, bytes->data()->buffers[1], bytes->data()->buffers[2]);
  const auto scan = must(
      plan(declare(), context, {written(declare(), context, "a", {batch_of({{"n", counted(1, 3)}, {"t", liar}})})}));
  const auto all = must(read_tasks(context, *scan));
  EXPECT_TRUE(all.one(scan->schema())->column(0)->Equals(*longs({1, 3})));
  ASSERT_EQ(all.rejects.size(), 1U);
  EXPECT_EQ(all.rejects[0].code, "invalid_utf8");
  EXPECT_EQ(all.rejects[0].column, "t");
  EXPECT_EQ(all.rejects[0].reason, "row 2: column t is not UTF-8");
  EXPECT_EQ(all.rejects[0].raw, "{\"n\":\"2\",\"t\":\"f\xef\xbf\xbd r\"}");
}

std::shared_ptr<arrow::RecordBatch> times_of(arrow::TimeUnit::type unit, const std::vector<std::string>& texts) {
  const auto type = arrow::timestamp(unit);
  arrow::TimestampBuilder builder(type, arrow::default_memory_pool());
  for (const auto& text : texts) EXPECT_TRUE(builder.AppendScalar(*arrow::Scalar::Parse(type, text).ValueOrDie()).ok());
  return batch_of({{"t", builder.Finish().ValueOrDie()}});
}

std::shared_ptr<io::Input> written_as_int96(const std::shared_ptr<arrow::RecordBatch>& batch) {
  const auto stream = arrow::io::BufferOutputStream::Create().ValueOrDie();
  const auto table = arrow::Table::FromRecordBatches({batch}).ValueOrDie();
  EXPECT_TRUE(::parquet::arrow::WriteTable(
                  *table, arrow::default_memory_pool(), stream, 100, ::parquet::default_writer_properties(),
                  ::parquet::ArrowWriterProperties::Builder().enable_deprecated_int96_timestamps()->build())
                  .ok());
  return std::make_shared<BufferInput>("a", stream->Finish().ValueOrDie());
}

TEST(ParquetScan, Int96ReachesAllYears) {
  TestContext context;
  const auto batch = times_of(arrow::TimeUnit::MICRO, {"9999-12-31 23:59:59.999999", "1600-02-29 12:00:00.000001"});
  const auto scan = must(plan(declare(), context, {written_as_int96(batch)}));
  EXPECT_TRUE(must(read_tasks(context, *scan)).one(scan->schema())->Equals(*batch));
}

TEST(ParquetScan, Int96IsNeverCut) {
  TestContext context;
  const auto fine = times_of(arrow::TimeUnit::NANO, {"2020-01-01 00:00:00.000000001", "1700-01-01 00:00:00"});
  const auto cut = must(plan(declare(), context, {written_as_int96(fine)}));
  const auto refused = read_tasks(context, *cut);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().to_string().find("column t holds an INT96 timestamp finer than"), std::string::npos);
  const auto planned = [&](const std::shared_ptr<arrow::RecordBatch>& batch) {
    return must(declare().plan_scan(context, {.inputs = {written_as_int96(batch)},
                                              .options = options_of({{"int96", "nanos"}}),
                                              .declared = nullptr,
                                              .columns = {}}));
  };
  const auto exact = planned(fine);
  EXPECT_TRUE(must(read_tasks(context, *exact)).one(exact->schema())->Equals(*fine));
  const auto far = times_of(arrow::TimeUnit::MICRO, {"2300-01-01 00:00:00"});
  const auto wrapped = planned(far);
  const auto outside = read_tasks(context, *wrapped);
  ASSERT_FALSE(outside);
  EXPECT_NE(outside.error().to_string().find("outside of the years 1677"), std::string::npos);
}

TEST(ParquetScan, StopsOnRequest) {
  TestContext context;
  const auto scan =
      must(plan(declare(), context, {written(declare(), context, "a", {batch_of({{"n", counted(1, 3)}})})}));
  context.cancellation.request();
  EXPECT_EQ(read_tasks(context, *scan).error().code(), ErrorCode::cancelled);
}

}  // namespace
}  // namespace mainstem::format::parquet
