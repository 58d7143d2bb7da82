#include "columnar/wider_type.h"

#include <arrow/api.h>
#include <gtest/gtest.h>

namespace mainstem::columnar {
namespace {

using arrow::TimeUnit;
using TypePointer = std::shared_ptr<arrow::DataType>;

struct Pair {
  TypePointer left;
  TypePointer right;
  TypePointer wider;  // null = there is none
};

std::vector<Pair> pairs() {
  const auto row = [](const TypePointer& type) { return arrow::struct_({arrow::field("a", type)}); };
  return {
      {arrow::int32(), arrow::int64(), arrow::int64()},
      {arrow::uint8(), arrow::int8(), arrow::int16()},
      {arrow::uint32(), arrow::int16(), arrow::int64()},
      {arrow::uint64(), arrow::int8(), arrow::decimal128(20, 0)},
      {arrow::int16(), arrow::float32(), arrow::float32()},
      {arrow::int16(), arrow::float16(), arrow::float32()},
      {arrow::int32(), arrow::float32(), arrow::float64()},
      {arrow::int64(), arrow::float64(), nullptr},
      {arrow::float32(), arrow::float64(), arrow::float64()},
      {arrow::decimal128(9, 4), arrow::decimal128(12, 1), arrow::decimal128(15, 4)},
      {arrow::decimal128(38, 0), arrow::decimal128(38, 38), arrow::decimal256(76, 38)},
      {arrow::int64(), arrow::decimal128(9, 2), arrow::decimal128(21, 2)},
      {arrow::decimal128(9, 2), arrow::float64(), nullptr},
      {arrow::utf8(), arrow::large_utf8(), arrow::large_utf8()},
      {arrow::utf8(), arrow::binary(), nullptr},
      {arrow::utf8(), arrow::int64(), nullptr},
      {arrow::fixed_size_binary(2), arrow::fixed_size_binary(3), arrow::binary()},
      {arrow::date32(), arrow::date64(), arrow::date64()},
      {arrow::date32(), arrow::timestamp(TimeUnit::MICRO), nullptr},
      {arrow::timestamp(TimeUnit::SECOND), arrow::timestamp(TimeUnit::MICRO), arrow::timestamp(TimeUnit::MICRO)},
      {arrow::timestamp(TimeUnit::MICRO), arrow::timestamp(TimeUnit::MICRO, "UTC"), nullptr},
      {arrow::timestamp(TimeUnit::MICRO, "Asia/Tokyo"), arrow::timestamp(TimeUnit::MILLI, "Europe/Rome"),
       arrow::timestamp(TimeUnit::MICRO, "UTC")},
      {arrow::time32(TimeUnit::MILLI), arrow::time64(TimeUnit::NANO), arrow::time64(TimeUnit::NANO)},
      {arrow::null(), arrow::utf8(), arrow::utf8()},
      {arrow::list(arrow::int8()), arrow::list(arrow::int32()), arrow::list(arrow::int32())},
      {arrow::list(arrow::int8()), arrow::list(arrow::utf8()), nullptr},
      {row(arrow::int8()), row(arrow::int64()), row(arrow::int64())},
      {row(arrow::int8()), arrow::list(arrow::int8()), nullptr},
      {arrow::map(arrow::utf8(), arrow::int8()), arrow::map(arrow::utf8(), arrow::int16()),
       arrow::map(arrow::utf8(), arrow::int16())},
      {arrow::boolean(), arrow::int8(), nullptr},
  };
}

TEST(WiderType, HoldsBothWithoutLossInEitherOrder) {
  for (const auto& [left, right, wider] : pairs()) {
    for (const auto& found : {wider_type(left, right), wider_type(right, left)}) {
      const auto what = left->ToString() + " and " + right->ToString();
      ASSERT_EQ(found == nullptr, wider == nullptr) << what;
      if (wider != nullptr) {
        EXPECT_TRUE(found->Equals(*wider)) << what << ": " << found->ToString();
      }
    }
  }
}

TEST(WiderType, StructsTakeTheMembersOfBoth) {
  const auto left = arrow::struct_({arrow::field("a", arrow::int8(), false), arrow::field("b", arrow::utf8(), false)});
  const auto right = arrow::struct_({arrow::field("c", arrow::date32()), arrow::field("a", arrow::int8(), false)});
  EXPECT_EQ(wider_type(left, right)->ToString(), "struct<a: int8 not null, b: string, c: date32[day]>");
}

TEST(PlainType, StorageGoesValuesStay) {
  const auto dictionary = arrow::dictionary(arrow::int8(), arrow::utf8());
  EXPECT_EQ(plain_type(arrow::list(dictionary))->ToString(), "list<item: string>");
  EXPECT_EQ(plain_type(arrow::run_end_encoded(arrow::int32(), arrow::binary_view()))->ToString(), "binary");
  EXPECT_EQ(plain_type(arrow::map(arrow::utf8(), dictionary))->ToString(), "map<string, string>");
}

}  // namespace
}  // namespace mainstem::columnar
