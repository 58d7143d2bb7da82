#include "format/scalar_type.h"

#include <arrow/type.h>
#include <cstring>
#include <gtest/gtest.h>
#include <limits>

#include "format/number_text.h"

namespace mainstem::format {
namespace {

std::string type_of(const std::vector<std::string>& values, bool dates = true) {
  ScalarFacts first;
  ScalarFacts second;
  for (size_t i = 0; i < values.size(); ++i) (i % 2 == 0 ? first : second).add(classify_text(values[i], dates));
  first.merge(second);
  EXPECT_TRUE(first.is_seen());
  return first.type()->ToString();
}

TEST(ScalarType, IsTheNarrowestWithoutLoss) {
  EXPECT_EQ(type_of({"1", "-9223372036854775808", "9223372036854775807"}), "int64");
  EXPECT_EQ(type_of({"9223372036854775808"}), "decimal128(19, 0)");
  EXPECT_EQ(type_of({"1", "0.10", "12345678901234567890"}), "decimal128(22, 2)");
  EXPECT_EQ(type_of({"0.5", "", "  "}), "decimal128(1, 1)");
  EXPECT_EQ(type_of({"0"}), "int64");
  EXPECT_EQ(type_of({"1e5", "0.1"}), "double");
  EXPECT_EQ(type_of({"1e5", "12345678901234567890"}), "string");
  EXPECT_EQ(type_of({"1e400"}), "string");
  EXPECT_EQ(type_of({"1e5", "2E3", "17"}), "string");
  EXPECT_EQ(type_of({"1e5", "1e+20"}), "double");
  EXPECT_EQ(type_of({"1e5", "1.5e3"}), "double");
  EXPECT_EQ(type_of({"123456789012345678901234567890123456789"}), "string");
  EXPECT_EQ(type_of({"true", "false", ""}), "bool");
  EXPECT_EQ(type_of({"true", "1"}), "string");
  EXPECT_EQ(type_of({"", ""}), "string");
}

TEST(ScalarType, WhatIsNotCanonicalStaysText) {
  for (const auto* text : {"007", "+1", ".5", "1.", "1,5", "NaN", "0x10", "1_000", "-", "True"})
    EXPECT_EQ(type_of({text}), "string") << text;
}

TEST(ScalarType, DatesOnlyIfAllAre) {
  EXPECT_EQ(type_of({"2026-01-31", "1999-12-01"}), "date32[day]");
  EXPECT_EQ(type_of({"2026-02-30"}), "string");
  EXPECT_EQ(type_of({"2026-01-31T10:00:00", "2026-01-31 10:00:00.5"}), "timestamp[us]");
  EXPECT_EQ(type_of({"2026-01-31T10:00:00Z", "2026-01-31T10:00:00+02:00"}), "timestamp[us, tz=UTC]");
  EXPECT_EQ(type_of({"2026-01-31T10:00:00Z", "2026-01-31T10:00:00"}), "string");
  EXPECT_EQ(type_of({"2026-01-31T10:00:00.123456789"}), "string");
  EXPECT_EQ(type_of({"2026-01-31", "x"}), "string");
  EXPECT_EQ(type_of({"2026-01-31"}, false), "string");
}

TEST(NumberText, TakesWholeTextOnly) {
  EXPECT_FALSE(scan_number(""));
  EXPECT_FALSE(scan_number("1 "));
  EXPECT_FALSE(scan_number("1e"));
  EXPECT_FALSE(scan_number("--1"));
  EXPECT_EQ(scan_number("-9223372036854775808")->as_int64(), std::numeric_limits<int64_t>::min());
  EXPECT_FALSE(scan_number("-9223372036854775809")->as_int64());
  EXPECT_FALSE(scan_number("18446744073709551617")->as_int64());
  EXPECT_EQ(scan_number("0.0010")->significant, 2);
}

// Scans the digits of a number as `value` between the two texts.
void expect_scanned(const std::string& before, const std::string& digits, uint64_t value, const std::string& behind) {
  const auto text = before + digits + behind;
  const auto length = static_cast<int>(digits.size());
  NumberText number;
  ASSERT_EQ(scan_number(text.data(), text.data() + text.size(), number), text.data() + text.size() - behind.size())
      << text;
  if (before == "7.") {
    EXPECT_EQ(number.significant, length + 1);
  } else {
    EXPECT_EQ(number.digits, value) << text;
    EXPECT_EQ(number.significant, length);
  }
  EXPECT_EQ(number.scale, before.ends_with('.') ? length : 0);
  EXPECT_EQ(number.negative, before == "-");
}

// Digits are taken eight at a time while there are as many bytes.
TEST(NumberText, TakesDigitsOfAnyNumber) {
  std::string digits;
  uint64_t value = 0;
  for (int length = 1; length <= 19; ++length) {
    digits += static_cast<char>('0' + length % 10);
    value = value * 10 + static_cast<uint64_t>(length % 10);
    for (const auto* behind : {"", ",", ", 1234567890", "}123", "x", ":", "/"})
      for (const auto* before : {"", "-", "0.", "7."}) expect_scanned(before, digits, value, behind);
  }
}

}  // namespace
}  // namespace mainstem::format
