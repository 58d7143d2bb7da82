#include "columnar/content_hash.h"

#include <arrow/api.h>
#include <gtest/gtest.h>
#include <set>

namespace mainstem::columnar {
namespace {

std::shared_ptr<arrow::RecordBatch> sample(int64_t from, int64_t to,
                                           arrow::MemoryPool* pool = arrow::default_memory_pool()) {
  arrow::Int64Builder ids(pool);
  arrow::StringBuilder names(pool);
  for (int64_t i = from; i < to; ++i) {
    EXPECT_TRUE(ids.Append(i).ok());
    EXPECT_TRUE((i % 7 == 0 ? names.AppendNull() : names.Append("name " + std::to_string(i * 31))).ok());
  }
  auto schema = arrow::schema({arrow::field("id", arrow::int64()), arrow::field("name", arrow::utf8())});
  return arrow::RecordBatch::Make(schema, to - from, {ids.Finish().ValueOrDie(), names.Finish().ValueOrDie()});
}

std::string hash_of(const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches) {
  ContentHash hash;
  for (const auto& batch : batches) EXPECT_TRUE(hash.add(*batch));
  return hash.to_string();
}

std::shared_ptr<arrow::RecordBatch> one_column(std::shared_ptr<arrow::Array> array) {
  return arrow::RecordBatch::Make(arrow::schema({arrow::field("c", array->type())}), array->length(), {array});
}

template <class Builder, class Value>
std::string hash_values(Builder&& builder, const std::vector<Value>& values) {
  for (const auto& value : values) EXPECT_TRUE(builder.Append(value).ok());
  return hash_of({one_column(builder.Finish().ValueOrDie())});
}

TEST(ContentHash, DoesNotDependOnOrderOrBatches) {
  const auto whole = hash_of({sample(0, 1000)});
  EXPECT_EQ(whole, hash_of({sample(500, 1000), sample(0, 1), sample(1, 500)}));
  EXPECT_EQ(whole, hash_of({sample(0, 1000)->Slice(300), sample(0, 1000)->Slice(0, 300)}));
  ContentHash left, right;
  ASSERT_TRUE(left.add(*sample(0, 400)));
  ASSERT_TRUE(right.add(*sample(400, 1000)));
  left.merge(right);
  EXPECT_EQ(whole, left.to_string());
  EXPECT_EQ(left.rows(), 1000);
}

TEST(ContentHash, SeesMissingDoubledAndChangedRows) {
  const auto whole = hash_of({sample(0, 1000)});
  EXPECT_NE(whole, hash_of({sample(0, 999)}));
  EXPECT_NE(whole, hash_of({sample(0, 1000), sample(5, 6)}));
  EXPECT_NE(hash_of({sample(0, 10)}), hash_of({sample(0, 10), sample(3, 4), sample(3, 4)}));
  EXPECT_NE(hash_of({sample(0, 1)}), hash_of({sample(1, 2)}));
}

TEST(ContentHash, SwappedColumnsAndValuesDiffer) {
  auto a = arrow::Int64Builder(), b = arrow::Int64Builder();
  ASSERT_TRUE(a.AppendValues(std::vector<int64_t>{1, 2}).ok());
  ASSERT_TRUE(b.AppendValues(std::vector<int64_t>{2, 1}).ok());
  auto x = a.Finish().ValueOrDie(), y = b.Finish().ValueOrDie();
  auto schema = arrow::schema({arrow::field("x", arrow::int64()), arrow::field("y", arrow::int64())});
  EXPECT_NE(hash_of({arrow::RecordBatch::Make(schema, 1, {x->Slice(0, 1), y->Slice(0, 1)})}),
            hash_of({arrow::RecordBatch::Make(schema, 1, {y->Slice(0, 1), x->Slice(0, 1)})}));
  // The columns hold the same values as sets, but paired otherwise.
  EXPECT_NE(hash_of({arrow::RecordBatch::Make(schema, 2, {x, y})}),
            hash_of({arrow::RecordBatch::Make(schema, 2, {x, x})}));
}

TEST(ContentHash, PhysicalTypesOfOneLogicalTypeAgree) {
  const std::vector<int> numbers{-1, 0, 7};
  EXPECT_EQ(hash_values(arrow::Int32Builder(), numbers), hash_values(arrow::Int64Builder(), numbers));
  EXPECT_EQ(hash_values(arrow::Int8Builder(), numbers), hash_values(arrow::Int64Builder(), numbers));
  const std::vector<std::string> words{"", "a", "a longer text of more than sixteen bytes"};
  EXPECT_EQ(hash_values(arrow::StringBuilder(), words), hash_values(arrow::LargeStringBuilder(), words));
  EXPECT_EQ(hash_values(arrow::StringBuilder(), words), hash_values(arrow::StringDictionaryBuilder(), words));
  EXPECT_EQ(hash_values(arrow::Decimal128Builder(arrow::decimal128(10, 1)), std::vector<arrow::Decimal128>{15, 0}),
            hash_values(arrow::Decimal128Builder(arrow::decimal128(12, 3)), std::vector<arrow::Decimal128>{1500, 0}));
  EXPECT_EQ(hash_values(arrow::DoubleBuilder(), std::vector<double>{0.0}),
            hash_values(arrow::DoubleBuilder(), std::vector<double>{-0.0}));
}

TEST(ContentHash, NullEmptyAndZeroDiffer) {
  arrow::StringBuilder null, empty;
  ASSERT_TRUE(null.AppendNull().ok());
  ASSERT_TRUE(empty.Append("").ok());
  EXPECT_NE(hash_of({one_column(null.Finish().ValueOrDie())}), hash_of({one_column(empty.Finish().ValueOrDie())}));
  EXPECT_NE(hash_values(arrow::StringBuilder(), std::vector<std::string>{""}),
            hash_values(arrow::StringBuilder(), std::vector<std::string>{std::string(1, '\0')}));
}

TEST(ContentHash, ListsCountOrderAndBorders) {
  auto list = [](const std::vector<std::vector<int64_t>>& rows) {
    auto values = std::make_shared<arrow::Int64Builder>();
    arrow::ListBuilder builder(arrow::default_memory_pool(), values);
    for (const auto& row : rows) {
      EXPECT_TRUE(builder.Append().ok());
      EXPECT_TRUE(values->AppendValues(row).ok());
    }
    return hash_of({one_column(builder.Finish().ValueOrDie())});
  };
  EXPECT_EQ(list({{1, 2}, {3}}), list({{3}, {1, 2}}));
  EXPECT_NE(list({{1, 2}, {3}}), list({{2, 1}, {3}}));
  EXPECT_NE(list({{1, 2}, {3}}), list({{1}, {2, 3}}));
  EXPECT_NE(list({{}}), list({{0}}));
}

// Single-bit changes must not cancel: a weak mixer would show collisions among so few near values.
TEST(ContentHash, NearValuesDoNotCollide) {
  std::set<std::string> seen;
  for (int64_t bit = 0; bit < 63; ++bit)
    for (int64_t base : {0L, 1L, 1000L})
      seen.insert(hash_values(arrow::Int64Builder(), std::vector<int64_t>{base ^ (1L << bit)}));
  EXPECT_EQ(seen.size(), 63u * 3);
}

// Manifests of file sets hold hashes, so a faster way must give the same ones.
TEST(ContentHash, ValuesAreThoseOfEarlierReleases) {
  std::vector<std::string> texts;
  for (size_t size = 0; size <= 40; ++size)
    texts.push_back(std::string("mainstem moves data, checks and publishes it").substr(0, size));
  EXPECT_EQ(hash_values(arrow::StringBuilder(), texts), "9377153e24d558aa360a84ee49bc9215");
  arrow::Decimal128Builder decimals(arrow::decimal128(38, 4));
  const std::vector<arrow::Decimal128> values = {arrow::Decimal128(0),
                                                 arrow::Decimal128(-1),
                                                 arrow::Decimal128(12500),
                                                 arrow::Decimal128(-70000),
                                                 arrow::Decimal128("9223372036854775807"),
                                                 arrow::Decimal128("-9223372036854775808"),
                                                 arrow::Decimal128("9223372036854775810"),
                                                 arrow::Decimal128("-123456789012345678901234500000")};
  EXPECT_EQ(hash_values(std::move(decimals), values), "7f0003f8e4e4f56683b28f990b0a3842");
}

}  // namespace
}  // namespace mainstem::columnar
