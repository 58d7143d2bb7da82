#include "connectors/postgres/numeric.h"

#include <array>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace mainstem::connectors::postgres {
namespace {

std::string wire(uint16_t groups, int16_t weight, uint16_t sign, uint16_t scale, const std::vector<uint16_t>& digits) {
  std::string bytes(8 + digits.size() * 2, '\0');
  to_wire(bytes.data(), groups);
  to_wire(bytes.data() + 2, weight);
  to_wire(bytes.data() + 4, sign);
  to_wire(bytes.data() + 6, scale);
  for (size_t i = 0; i < digits.size(); ++i) to_wire(bytes.data() + 8 + i * 2, digits[i]);
  return bytes;
}

std::string text(const std::string& bytes) {
  std::string written;
  append_text(*Numeric::parse(bytes), written);
  return written;
}

TEST(NumericTest, TextIsTheServersText) {
  EXPECT_EQ(text(wire(0, 0, 0, 0, {})), "0");
  EXPECT_EQ(text(wire(0, 0, 0, 3, {})), "0.000");
  EXPECT_EQ(text(wire(2, 0, 0x4000, 2, {12, 5000})), "-12.50");
  EXPECT_EQ(text(wire(1, 2, 0, 0, {7})), "700000000");
  EXPECT_EQ(text(wire(1, -2, 0, 7, {1230})), "0.0000123");
  EXPECT_EQ(text(wire(0, 0, 0xC000, 0, {})), "NaN");
  EXPECT_EQ(text(wire(0, 0, 0xD000, 0, {})), "Infinity");
  EXPECT_EQ(text(wire(0, 0, 0xF000, 0, {})), "-Infinity");
}

TEST(NumericTest, BytesOfAnotherShapeAreNone) {
  EXPECT_FALSE(Numeric::parse(""));
  EXPECT_FALSE(Numeric::parse(wire(2, 0, 0, 0, {1})));
  EXPECT_FALSE(Numeric::parse(wire(0, 0, 0, 0, {1})));
  EXPECT_FALSE(Numeric::parse(wire(65535, 0, 0, 0, {1})));
}

TEST(NumericTest, DecimalsFitExactlyOrNotAtAll) {
  const auto decimal = [](const std::string& bytes, int precision, int scale) {
    const auto value = to_decimal(*Numeric::parse(bytes), precision, scale);
    return value ? std::to_string(static_cast<int64_t>(*value)) : std::string("none");
  };
  const auto value = wire(2, 0, 0x4000, 2, {12, 5000});  // -12.50
  EXPECT_EQ(decimal(value, 5, 2), "-1250");
  EXPECT_EQ(decimal(value, 3, 1), "-125");
  EXPECT_EQ(decimal(value, 2, 1), "none");
  EXPECT_EQ(decimal(value, 5, 0), "none");
  EXPECT_EQ(decimal(wire(0, 0, 0xC000, 0, {}), 38, 0), "none");
  EXPECT_EQ(decimal(wire(1, 2, 0, 0, {7}), 9, 0), "700000000");
  EXPECT_EQ(decimal(wire(1, 2, 0, 0, {7}), 8, 0), "none");
  // Exponents far out of range must end quickly and in nothing.
  EXPECT_EQ(decimal(wire(1, 32767, 0, 0, {7}), 38, 0), "none");
  EXPECT_EQ(decimal(wire(1, -32768, 0, 0, {7}), 38, 38), "none");
}

TEST(NumericTest, EncodedDecimalsAreReadBack) {
  Int128 power = 1;
  for (int digits = 0; digits < 38; ++digits, power *= 10) {
    for (const int scale : {0, 1, 2, 3, 4, 5, 18, 37, 38}) {
      for (const Int128 value : {power, power - 1, power * 9, -power, Int128{0}}) {
        std::array<char, kMaxDecimalBytes> bytes{};
        const char* end = encode_decimal(bytes.data(), value, scale);
        const auto numeric = Numeric::parse({bytes.data(), static_cast<size_t>(end - bytes.data())});
        ASSERT_TRUE(numeric);
        const auto back = to_decimal(*numeric, 38, scale);
        ASSERT_TRUE(back) << digits << " " << scale;
        EXPECT_TRUE(*back == value) << digits << " " << scale;
      }
    }
  }
}

}  // namespace
}  // namespace mainstem::connectors::postgres
