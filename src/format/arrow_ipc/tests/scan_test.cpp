#include <random>

#include "format/tests/columnar_fixture.h"

namespace mainstem::format::arrow_ipc {

FormatSpec declare();

namespace {

std::shared_ptr<arrow::Array> texts(const std::vector<std::string>& values) {
  arrow::StringBuilder builder;
  EXPECT_TRUE(builder.AppendValues(values).ok());
  return builder.Finish().ValueOrDie();
}

std::shared_ptr<arrow::Array> counted(int64_t from, int64_t count) {
  arrow::Int64Builder builder;
  for (int64_t i = 0; i < count; ++i) EXPECT_TRUE(builder.Append(from + i).ok());
  return builder.Finish().ValueOrDie();
}

std::shared_ptr<arrow::Array> colors(const std::vector<int8_t>& keys, const std::vector<std::string>& names) {
  arrow::Int8Builder builder;
  EXPECT_TRUE(builder.AppendValues(keys).ok());
  return arrow::DictionaryArray::FromArrays(builder.Finish().ValueOrDie(), texts(names)).ValueOrDie();
}

TEST(ArrowIpc, FilesAndStreamsGoAround) {
  TestContext context;
  arrow::RecordBatchVector batches;
  for (int i = 0; i < 30; ++i)
    batches.push_back(batch_of({{"n", counted(i * 100, 100)}, {"t", texts(std::vector<std::string>(100, "tick"))}}));
  const auto expected = arrow::ConcatenateRecordBatches(batches).ValueOrDie();
  for (const auto& options : {options_of({}), options_of({{"layout", "stream"}}), options_of({{"compression", "zstd"}}),
                              options_of({{"compression", "lz4"}, {"layout", "stream"}})}) {
    const auto scan = must(plan(declare(), context, {written(declare(), context, "a.arrow", batches, options)}));
    const bool stream = options.find("layout") != nullptr;
    EXPECT_EQ(scan->estimated_rows(), stream ? -1 : 3'000);
    EXPECT_EQ(scan->tasks().size(), stream ? 1U : 8U);
    EXPECT_TRUE(must(read_tasks(context, *scan)).one(scan->schema())->Equals(*expected));
  }
}

TEST(ArrowIpc, DictionariesGrowAndComeAsValues) {
  TestContext context;
  const auto first = batch_of({{"c", colors({0, 1}, {"red", "green"})}});
  const auto second = batch_of({{"c", colors({2, 0}, {"red", "green", "blue"})}});
  const auto scan = must(plan(declare(), context, {written(declare(), context, "a.arrow", {first, second})}));
  EXPECT_EQ(scan->schema()->ToString(), "c: string");
  EXPECT_TRUE(
      must(read_tasks(context, *scan)).one(scan->schema())->column(0)->Equals(*texts({"red", "green", "blue", "red"})));
}

TEST(ArrowIpc, ColumnsOfSeveralFilesAreOneTable) {
  TestContext context;
  const auto a = written(declare(), context, "a", {batch_of({{"n", counted(1, 2)}, {"x", texts({"p", "q"})}})});
  const auto b = written(declare(), context, "b", {batch_of({{"y", texts({"r"})}, {"n", counted(9, 1)}})},
                         options_of({{"layout", "stream"}}));
  const auto scan = must(plan(declare(), context, {a, b}, {"y", "n"}));
  const auto rows = must(read_tasks(context, *scan)).one(scan->schema());
  EXPECT_EQ(rows->column(0)->null_count(), 2);
  EXPECT_EQ(static_cast<const arrow::StringArray&>(*rows->column(0)).GetString(2), "r");
  EXPECT_EQ(static_cast<const arrow::Int64Array&>(*rows->column(1)).Value(2), 9);
  // None of the wanted columns: the rows are there all the same.
  const auto only = must(plan(declare(), context, {a, b}, {"y"}));
  EXPECT_EQ(must(read_tasks(context, *only)).rows(), 3);
}

TEST(ArrowIpc, EmptyTableAndBatchesOfOneRow) {
  TestContext context;
  const auto schema = arrow::schema({arrow::field("n", arrow::int64())});
  for (const auto& options : {options_of({}), options_of({{"layout", "stream"}})}) {
    const auto bytes = must(try_write(declare(), context, {}, schema, options));
    const auto scan = must(plan(declare(), context, {std::make_shared<BufferInput>("e", bytes)}));
    EXPECT_TRUE(scan->schema()->Equals(*schema));
    EXPECT_EQ(must(read_tasks(context, *scan)).rows(), 0);
  }
  context.context.batch_rows = 1;
  const auto scan =
      must(plan(declare(), context, {written(declare(), context, "a", {batch_of({{"n", counted(1, 5)}})})}));
  EXPECT_EQ(must(read_tasks(context, *scan)).batches.size(), 5U);
}

TEST(ArrowIpc, StreamsWithoutEndMarkAreCutOff) {
  TestContext context;
  const auto batch = batch_of({{"n", counted(0, 500)}});
  const auto whole =
      must(try_write(declare(), context, {batch, batch}, batch->schema(), options_of({{"layout", "stream"}})));
  const auto input = std::make_shared<BufferInput>("x", arrow::SliceBuffer(whole, 0, whole->size() - 8));
  const auto cut = read_tasks(context, *must(plan(declare(), context, {input})));
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code(), ErrorCode::invalid_data);
  const auto scan = must(declare().plan_scan(
      context,
      {.inputs = {input}, .options = options_of({{"end_mark", "optional"}}), .declared = nullptr, .columns = {}}));
  EXPECT_EQ(must(read_tasks(context, *scan)).rows(), 1'000);
}

TEST(ArrowIpc, DamagedFilesAreErrorsWithTheirName) {
  TestContext context;
  const auto batch = batch_of({{"n", counted(0, 500)}, {"t", texts(std::vector<std::string>(500, "some text"))}});
  for (const auto& options :
       {options_of({}), options_of({{"layout", "stream"}}), options_of({{"compression", "lz4"}})}) {
    const auto whole = must(try_write(declare(), context, {batch}, batch->schema(), options));
    const bool stream = options.find("layout") != nullptr;
    for (const int64_t cut :
         {int64_t{0}, int64_t{3}, int64_t{20}, whole->size() / 2, whole->size() - (stream ? 20 : 1)}) {
      const auto scan =
          plan(declare(), context, {std::make_shared<BufferInput>("x.arrow", arrow::SliceBuffer(whole, 0, cut))});
      const auto error = scan ? read_tasks(context, **scan) : Result<Everything>(scan.error());
      ASSERT_FALSE(error) << cut;
      EXPECT_EQ(error.error().code(), ErrorCode::invalid_data) << error.error().to_string();
      EXPECT_NE(error.error().chain().find("x.arrow"), std::string::npos) << error.error().to_string();
    }
    std::mt19937 random(5);
    for (int i = 0; i < 1'000; ++i) {
      auto text = whole->ToString();
      text[random() % text.size()] ^= static_cast<char>(1U << (random() % 8));
      const auto scan = plan(declare(), context, {std::make_shared<BufferInput>("x", arrow::Buffer::FromString(text))});
      if (scan) static_cast<void>(read_tasks(context, **scan));  // an error or rows that are valid
    }
  }
  const auto csv =
      plan(declare(), context, {std::make_shared<BufferInput>("x", arrow::Buffer::FromString("id,name\n1,a\n"))});
  EXPECT_EQ(csv.error().code(), ErrorCode::invalid_data) << csv.error().to_string();
}

}  // namespace
}  // namespace mainstem::format::arrow_ipc
