#include "base/cron.h"

#include <gtest/gtest.h>

namespace mainstem {
namespace {

Cron parsed(std::string_view text) {
  auto cron = parse_cron(text);
  EXPECT_TRUE(cron) << text << ": " << cron.error().to_string();
  return cron ? *cron : Cron{};
}

TEST(Cron, ReadsNumbersRangesStepsAndLists) {
  const auto cron = parsed("*/15 8-18/5 1,15 jan-mar *");
  EXPECT_EQ(cron.text, "*/15 8-18/5 1,15 jan-mar *");
  EXPECT_EQ(cron.minutes, (1ULL << 0) | (1ULL << 15) | (1ULL << 30) | (1ULL << 45));
  EXPECT_EQ(cron.hours, (1U << 8) | (1U << 13) | (1U << 18));
  EXPECT_EQ(cron.month_days, (1U << 1) | (1U << 15));
  EXPECT_EQ(cron.months, 0b1110U);
  EXPECT_EQ(cron.week_days, 0b1111111U);
  EXPECT_FALSE(cron.any_month_day);
  EXPECT_TRUE(cron.any_week_day);
}

TEST(Cron, KnowsNicknames) {
  EXPECT_TRUE(parsed("@daily").matches(0, 0, 17, 5, 3));
  EXPECT_FALSE(parsed("@daily").matches(1, 0, 17, 5, 3));
  EXPECT_TRUE(parsed("@hourly").matches(0, 13, 17, 5, 3));
  EXPECT_TRUE(parsed("@weekly").matches(0, 0, 17, 5, 0));
  EXPECT_TRUE(parsed("@yearly").matches(0, 0, 1, 1, 4));
}

TEST(Cron, SundayIsBothEndsOfTheWeek) {
  EXPECT_EQ(parsed("0 0 * * 7").week_days, 1U);
  EXPECT_EQ(parsed("0 0 * * SUN").week_days, 1U);
  EXPECT_EQ(parsed("0 0 * * fri-sun").week_days, 0b1100001U);
  EXPECT_EQ(parsed("0 0 * * 5-7").week_days, 0b1100001U);
  EXPECT_EQ(parsed("0 0 * * sun-tue").week_days, 0b0000111U);
}

TEST(Cron, TakesEitherDayIfBothAreGiven) {
  const auto either = parsed("0 0 13 * fri");
  EXPECT_TRUE(either.matches(0, 0, 13, 5, 1));
  EXPECT_TRUE(either.matches(0, 0, 14, 5, 5));
  EXPECT_FALSE(either.matches(0, 0, 14, 5, 1));
  const auto weekday = parsed("0 0 * * fri");
  EXPECT_FALSE(weekday.matches(0, 0, 13, 5, 1));
  const auto month_day = parsed("0 0 13 * *");
  EXPECT_FALSE(month_day.matches(0, 0, 14, 5, 5));
}

TEST(Cron, RefusesWhatIsNoSchedule) {
  for (const auto* text : {"",
                           "* * * *",
                           "* * * * * *",
                           "60 * * * *",
                           "* 24 * * *",
                           "* * 0 * *",
                           "* * 32 * *",
                           "* * * 13 *",
                           "* * * * 8",
                           "5-1 * * * *",
                           "*/0 * * * *",
                           "*/99 * * * *",
                           "5/10 * * * *",
                           "1, * * * *",
                           "-1 * * * *",
                           "1- * * * *",
                           "a * * * *",
                           "* * * febr *",
                           "@never",
                           "*/2147483647 * 1-31/2147483647 * *",
                           "0 0 30 2 *",
                           "0 0 31 4,6,9,11 *"}) {
    auto cron = parse_cron(text);
    ASSERT_FALSE(cron) << text;
    EXPECT_EQ(cron.error().code(), ErrorCode::invalid_config);
    EXPECT_NE(cron.error().hint(), "");
  }
}

TEST(Cron, LeapDayComes) {
  EXPECT_TRUE(parsed("0 0 29 2 *").matches(0, 0, 29, 2, 3));
  EXPECT_TRUE(parsed("0 0 30 2 mon").matches(0, 0, 3, 2, 1));
}

}  // namespace
}  // namespace mainstem
