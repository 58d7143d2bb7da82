#include "format/parquet/dictionary_choice.h"

#include <arrow/api.h>
#include <functional>
#include <gtest/gtest.h>
#include <random>

namespace mainstem::format::parquet {
namespace {

constexpr int64_t kRows = 4096;
constexpr int64_t kGroup = 400'000;

std::shared_ptr<arrow::RecordBatch> one_column(const std::shared_ptr<arrow::DataType>& type,
                                               const std::function<int64_t(int64_t)>& value) {
  auto builder = arrow::MakeBuilder(type).ValueOrDie();
  for (int64_t row = 0; row < kRows; ++row) {
    const int64_t number = value(row);
    std::shared_ptr<arrow::Scalar> scalar = arrow::MakeScalar(number);
    if (type->id() == arrow::Type::DECIMAL128)
      scalar = std::make_shared<arrow::Decimal128Scalar>(arrow::Decimal128(number), type);
    EXPECT_TRUE(
        builder->AppendScalar(*(type->Equals(*scalar->type) ? scalar : scalar->CastTo(type).ValueOrDie())).ok());
  }
  return arrow::RecordBatch::Make(arrow::schema({arrow::field("c", type)}), kRows, {builder->Finish().ValueOrDie()});
}

auto drawn_from(int64_t values) {
  return [values, random = std::mt19937(1)](int64_t) mutable {
    return std::uniform_int_distribution<int64_t>(1, values)(random);
  };
}

bool few_repeats(const std::shared_ptr<arrow::RecordBatch>& batch) {
  return !columns_of_few_repeats(*batch, kGroup).empty();
}

TEST(ExpectedDistinct, isThatOfRandomDraws) {
  std::mt19937 random(1);
  for (const int64_t values : {10, 1'000, 50'000, 200'000}) {
    std::vector<bool> seen(static_cast<size_t>(values));
    std::uniform_int_distribution<size_t> draw(0, seen.size() - 1);
    int64_t distinct = 0;
    int64_t of_sample = 0;
    for (int64_t row = 0; row < kGroup; ++row) {
      const size_t value = draw(random);
      if (!seen[value]) ++distinct;
      seen[value] = true;
      if (row + 1 == kRows) of_sample = distinct;
    }
    EXPECT_NEAR(expected_distinct(kRows, of_sample, kGroup), static_cast<double>(distinct),
                0.4 * static_cast<double>(distinct))
        << values;
  }
}

TEST(ExpectedDistinct, allDiffer) { EXPECT_EQ(expected_distinct(kRows, kRows, kGroup), kGroup); }

TEST(DictionaryChoice, repeatsKeepTheDictionary) {
  EXPECT_FALSE(few_repeats(one_column(arrow::int64(), drawn_from(10))));
  EXPECT_FALSE(few_repeats(one_column(arrow::int64(), drawn_from(10'000))));
  EXPECT_FALSE(few_repeats(one_column(arrow::decimal128(9, 0), drawn_from(1'000))));
  EXPECT_FALSE(few_repeats(one_column(arrow::int64(), [](int64_t row) { return row / 4; })));
}

TEST(DictionaryChoice, valuesThatDifferDoWithout) {
  const auto number = [](int64_t row) { return row * 7; };
  EXPECT_TRUE(few_repeats(one_column(arrow::int64(), drawn_from(10'000'000))));
  EXPECT_TRUE(few_repeats(one_column(arrow::int64(), drawn_from(300'000))));
  for (const auto& type : {arrow::int32(), arrow::float64(), arrow::decimal128(9, 0), arrow::decimal128(38, 0)})
    EXPECT_TRUE(few_repeats(one_column(type, number))) << type->ToString();
}

TEST(DictionaryChoice, textsAreNotJudged) {
  EXPECT_FALSE(few_repeats(one_column(arrow::utf8(), drawn_from(10'000'000))));
}

TEST(DictionaryChoice, aSliceIsJudgedByItself) {
  const auto batch = one_column(arrow::int32(), [](int64_t row) { return row < 2048 ? 7 : row; });
  EXPECT_FALSE(few_repeats(batch->Slice(0, 2048)));
  EXPECT_TRUE(few_repeats(batch->Slice(2048)));
}

TEST(DictionaryChoice, aHandfulOfRowsTellsNothing) {
  EXPECT_FALSE(few_repeats(one_column(arrow::int32(), drawn_from(1'000'000))->Slice(0, 20)));
}

}  // namespace
}  // namespace mainstem::format::parquet
