#include "check/check.h"

#include <gtest/gtest.h>

#include "check/compile.h"

namespace mainstem::check {
namespace {

TEST(Check, NamesItself) {
  EXPECT_EQ(default_name(Unique{{"a", "b"}}), "unique(a, b)");
  EXPECT_EQ(default_name(RowCount{1, {}}), "row_count()");
  EXPECT_EQ(default_name(References{"customer_id", "customers", "id"}), "references(customer_id)");
}

TEST(Check, TellsWhatOneRowDecides) {
  EXPECT_TRUE(is_row_level(NotNull{{"a"}}));
  EXPECT_FALSE(is_row_level(Unique{{"a"}}));
  EXPECT_TRUE(names_rows(Unique{{"a"}}));
  EXPECT_FALSE(names_rows(Freshness{}));
}

TEST(Check, QuarantinedRowsDoNotFailTheCheck) {
  Check check{.name = "not_null(a)", .rule = NotNull{{"a"}}, .on_fail = OnFail::quarantine};
  EXPECT_EQ(judge("m", check, 0).status, Status::pass);
  EXPECT_EQ(judge("m", check, 3).status, Status::warn);
  check.on_fail = OnFail::block;
  EXPECT_EQ(judge("m", check, 3).status, Status::fail);
  EXPECT_EQ(judge("m", check, 3).name, "m.not_null(a)");
  check.severity = Severity::warn;
  EXPECT_EQ(judge("m", check, 3).status, Status::warn);
}

TEST(Check, SaysWhatFailed) {
  const auto failure = [](Rule rule, int64_t rows) {
    return judge("m", {.name = "x", .rule = std::move(rule)}, rows).failure;
  };
  EXPECT_EQ(failure(NotNull{{"a"}}, 0), "");
  EXPECT_EQ(failure(NotNull{{"a"}}, 3), "3 rows");
  EXPECT_EQ(failure(RowCount{.min = 10}, 1), "it has fewer than 10 rows");
  EXPECT_EQ(failure(RowCount{.max = 1}, 1), "it has more than 1 row");
  EXPECT_EQ(failure(RowCount{.min = 2, .max = 5}, 1), "it has not 2 to 5 rows");
  EXPECT_EQ(failure(Freshness{.column = "day", .within = std::chrono::hours(2)}, 1),
            "the latest day is older than 2h, or there is none");
}

// Names and values come from users' files: none may leave its quotes.
TEST(Compile, QuotesNamesAndValues) {
  EXPECT_EQ(failing_row_predicate(NotNull{{"we\"ird"}}), "(t.\"we\"\"ird\" is null)");
  const auto sql = failing_row_predicate(AcceptedValues{"c", {"it's", "'); drop table x; --"}});
  EXPECT_NE(sql.find("'it''s'"), std::string::npos);
  EXPECT_NE(sql.find("'''); drop table x; --'"), std::string::npos);
  EXPECT_NE(failing_row_predicate(Range{"c", "1; drop", {}}).find("'1; drop'"), std::string::npos);
}

TEST(Compile, OnlyFiniteNumbersStandInSqlAsTheyAre) {
  for (const char* number : {"0", "-1.5", "2e3", "99999999999999999999"}) EXPECT_TRUE(is_number(number)) << number;
  for (const char* text : {"", "nan", "inf", "-infinity", "1e999", "1 or true", "0x10"})
    EXPECT_FALSE(is_number(text)) << text;
}

// DuckDB refuses a window in WHERE, so a count over the whole set must not use one.
TEST(Compile, DoubledKeysAreCountedByGroups) {
  EXPECT_EQ(failing_count_query(Unique{{"a", "b\"c"}}, "t", {}),
            "select cast(coalesce(sum(n), 0) as bigint) from (select count(*) as n from \"t\" where \"a\" is not null "
            "and \"b\"\"c\" is not null group by \"a\", \"b\"\"c\" having count(*) > 1)");
}

TEST(Compile, TooManyRowChecksAreRefused) {
  std::vector<Check> checks(kMostRowChecks + 1, Check{.name = "n", .rule = NotNull{{"a"}}});
  EXPECT_FALSE(violations_expression(checks));
  checks.pop_back();
  EXPECT_TRUE(violations_expression(checks));
}

}  // namespace
}  // namespace mainstem::check
