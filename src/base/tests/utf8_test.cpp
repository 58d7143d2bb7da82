#include "base/utf8.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace mainstem {
namespace {

const std::vector<std::string> kGood{"",
                                     "a",
                                     "\x7f",
                                     "\xc2\x80",
                                     "\xdf\xbf",
                                     "\xe0\xa0\x80",
                                     "\xed\x9f\xbf",
                                     "\xee\x80\x80",
                                     "\xef\xbf\xbf",
                                     "\xf0\x90\x80\x80",
                                     "\xf4\x8f\xbf\xbf",
                                     std::string(1, '\0')};
const std::vector<std::string> kBad{"\x80",
                                    "\xbf",
                                    "\xc0\x80",
                                    "\xc1\xbf",
                                    "\xc3",
                                    "\xe0\x9f\xbf",
                                    "\xe2\x82",
                                    "\xed\xa0\x80",
                                    "\xf0\x8f\xbf\xbf",
                                    "\xf0\x9f\x98",
                                    "\xf4\x90\x80\x80",
                                    "\xff"};

// Words of eight and 32 bytes are looked at together: each place in them must count.
TEST(Utf8, IsJudgedAtEveryPlace) {
  for (size_t before = 0; before <= 40; ++before)
    for (size_t behind = 0; behind <= 40; behind += 5)
      for (const auto* filler : {"x", "\xc3\xb6"}) {
        const auto repeated = [filler](size_t times) {
          std::string text;
          for (size_t i = 0; i < times; ++i) text += filler;
          return text;
        };
        for (const auto& good : kGood) EXPECT_TRUE(is_utf8(repeated(before) + good + repeated(behind)));
        for (const auto& bad : kBad) EXPECT_FALSE(is_utf8(repeated(before) + bad + repeated(behind)));
      }
}

}  // namespace
}  // namespace mainstem
