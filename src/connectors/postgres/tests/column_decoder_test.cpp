#include "connectors/postgres/column_decoder.h"

#include <arrow/api.h>
#include <gtest/gtest.h>
#include <random>

#include "connectors/postgres/wire.h"

namespace mainstem::connectors::postgres {
namespace {

ReadType type_of(uint32_t oid, uint32_t element = 0) {
  const RemoteType remote{
      .name = "t", .oid = oid, .modifier = oid == Oid::kNumeric ? ((12 << 16) | 2) + 4 : -1, .element_oid = element};
  return read_type(remote, {});
}

template <class T>
std::string bytes_of(T value) {
  std::string bytes(sizeof value, '\0');
  to_wire(bytes.data(), value);
  return bytes;
}

std::string array_bytes(const std::vector<std::string>& parts) {
  std::string bytes;
  for (const auto& part : parts) bytes += part;
  return bytes;
}

const std::vector<ReadType>& all_read_types() {
  static const std::vector<ReadType> types{
      type_of(Oid::kBool),      type_of(Oid::kInt2),        type_of(Oid::kInt4),       type_of(Oid::kInt8),
      type_of(Oid::kOid),       type_of(Oid::kFloat4),      type_of(Oid::kFloat8),     type_of(Oid::kNumeric),
      type_of(Oid::kText),      type_of(Oid::kBytea),       type_of(Oid::kDate),       type_of(Oid::kTime),
      type_of(Oid::kTimestamp), type_of(Oid::kTimestamptz), type_of(Oid::kInterval),   type_of(Oid::kUuid),
      type_of(Oid::kJsonb),     type_of(1007, Oid::kInt4),  type_of(1009, Oid::kText), type_of(1231, Oid::kNumeric)};
  return types;
}

TEST(ColumnDecoderTest, BytesOfAnotherTypeAreNoticedAndLeaveNoTrace) {
  std::mt19937 random(7);
  for (const auto& type : all_read_types()) {
    const auto decoder = ColumnDecoder::make(type, {.check_utf8 = true});
    int64_t taken = 0;
    for (int i = 0; i < 5000; ++i) {
      std::string bytes(random() % 40, '\0');
      // Small numbers make counts and lengths that are nearly right.
      for (auto& byte : bytes) byte = static_cast<char>(random() % 3 == 0 ? random() : random() % 4 == 0);
      if (random() % 10 == 0) {
        decoder->append_null();
        ++taken;
      } else if (decoder->append(bytes) == Outcome::ok) {
        ++taken;
      }
      EXPECT_LE(printed_value(type, bytes).size(), 200'000U);
    }
    const auto array = decoder->finish();
    ASSERT_TRUE(array) << array.error().to_string();
    EXPECT_EQ((*array)->length(), taken) << type.arrow->ToString();
    EXPECT_TRUE((*array)->ValidateFull().ok()) << (*array)->ValidateFull().ToString();
  }
}

TEST(ColumnDecoderTest, TruncatingForgetsTheLastRows) {
  for (const auto& type : all_read_types()) {
    const auto decoder = ColumnDecoder::make(type, {});
    for (int i = 0; i < 5; ++i) decoder->append_null();
    decoder->truncate(3);
    decoder->truncate(3);
    decoder->append_null();
    const auto array = decoder->finish();
    ASSERT_TRUE(array);
    EXPECT_EQ((*array)->length(), 4);
    EXPECT_EQ((*array)->null_count(), 4);
    EXPECT_TRUE((*array)->ValidateFull().ok());
    const auto empty = decoder->finish();
    ASSERT_TRUE(empty);
    EXPECT_EQ((*empty)->length(), 0);
    EXPECT_TRUE((*empty)->ValidateFull().ok());
  }
}

TEST(ColumnDecoderTest, AnArrayThatFailsInTheMiddleLeavesNoElements) {
  const auto decoder = ColumnDecoder::make(type_of(1007, Oid::kInt4), {});
  const auto header = array_bytes({bytes_of(int32_t{1}), bytes_of(int32_t{0}), bytes_of(uint32_t{Oid::kInt4}),
                                   bytes_of(int32_t{2}), bytes_of(int32_t{1})});
  const auto one = array_bytes({bytes_of(int32_t{4}), bytes_of(int32_t{11})});
  EXPECT_EQ(decoder->append(header + one), Outcome::malformed);
  EXPECT_EQ(decoder->append(header + one + one + "x"), Outcome::malformed);
  EXPECT_EQ(decoder->append(header + one + one), Outcome::ok);
  decoder->append_null();
  EXPECT_EQ(decoder->append(header + one + one), Outcome::ok);
  decoder->truncate(2);
  const auto array = decoder->finish();
  ASSERT_TRUE(array);
  EXPECT_EQ((*array)->ToString(), "[\n  [\n    11,\n    11\n  ],\n  null\n]");
}

TEST(ColumnDecoderTest, TextOfADatabaseWithoutEncodingIsChecked) {
  const auto trusting = ColumnDecoder::make(type_of(Oid::kText), {});
  EXPECT_EQ(trusting->append("caf\xC3\xA9"), Outcome::ok);
  const auto checking = ColumnDecoder::make(type_of(Oid::kText), {.check_utf8 = true});
  EXPECT_EQ(checking->append("caf\xC3\xA9"), Outcome::ok);
  EXPECT_EQ(checking->append("caf\xE9"), Outcome::invalid_utf8);
}

}  // namespace
}  // namespace mainstem::connectors::postgres
