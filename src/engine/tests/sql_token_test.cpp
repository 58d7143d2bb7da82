#include "engine/sql_token.h"

#include <fmt/ranges.h>
#include <gtest/gtest.h>

namespace mainstem::engine {
namespace {

// Each token with a letter for its kind.
std::string split(std::string_view sql) {
  std::vector<std::string> parts;
  for (const auto& token : tokenize_sql(sql))
    parts.push_back(fmt::format("{}{}", "wqts"[static_cast<size_t>(token.kind)], token.source));
  return fmt::format("{}", fmt::join(parts, "|"));
}

TEST(SqlToken, KindsAndComments) {
  EXPECT_EQ(split("select a.\"B \"\"c\", 'it''s';"), "wselect|wa|s.|q\"B \"\"c\"|s,|t'it''s'|s;");
  EXPECT_EQ(split("a/* b /* c */ d */e -- f\ng--h\ri"), "wa|we|wg|wi");
  EXPECT_EQ(split("ä$1 _b\u00a0c\ufeff"), "wä$1|w_b|wc");
  EXPECT_EQ(split("$1 $$a;$$ $t$ $$ $t$ $t\u00a0$'$t\u00a0$"), "s$|w1|t$$a;$$|t$t$ $$ $t$|t$t\u00a0$'$t\u00a0$");
}

TEST(SqlToken, NumbersEndBeforeLetters) {
  EXPECT_EQ(split("1as 1_000_ 1e5x 1e'a' .5E-3 1e+"), "w1|was|w1_000|w_|w1e5|wx|w1|te'a'|s.|w5E-3|w1|we|s+");
}

TEST(SqlToken, TextsGoOnInTheNextLine) {
  EXPECT_EQ(split("e'a\\'b' 'c\\' d"), "te'a\\'b'|t'c\\'|wd");
  EXPECT_EQ(split("E'a'\n'b\\'c' d"), "tE'a'\n'b\\'c'|wd");
  EXPECT_EQ(split("e'a' -- x\r 'b\\'c' d"), "te'a' -- x\r 'b\\'c'|wd");
  EXPECT_EQ(split("e'a' 'b\\'c"), "te'a'|t'b\\'|wc");
  EXPECT_EQ(split("e'a' /* \n */ 'b\\'c"), "te'a'|t'b\\'|wc");
}

TEST(SqlToken, WhatIsCutOffEndsWithTheSql) {
  for (const char* sql : {"'a", "e'a\\", "\"a", "/* a", "/*/", "$$a", "$a$ $a", "--", "e'", "'a'''"}) {
    const auto tokens = tokenize_sql(sql);
    ASSERT_LE(tokens.size(), 1U) << sql;
    if (!tokens.empty()) {
      EXPECT_EQ(tokens[0].source, sql);
    }
  }
  EXPECT_EQ(tokenize_sql("").size(), 0U);
}

TEST(SqlToken, Names) {
  EXPECT_EQ(tokenize_sql("\"A \"\"Ä\"")[0].name(), "a \"Ä");
  EXPECT_EQ(tokenize_sql("Ab")[0].name(), "ab");
  EXPECT_EQ(tokenize_sql("\"")[0].name(), "");
}

TEST(SqlToken, WideBlanksBecomePlainOnesOutsideTexts) {
  const std::string_view sql = " a\u00a0/*\u3000*/'\u00a0'\n\u2060b \u00a0";
  const auto plain = plainly_spaced(sql, tokenize_sql(sql));
  EXPECT_EQ(plain, " a /* */'\u00a0'\n b");
  EXPECT_EQ(position_in_sql(plain, plain.size()).to_string(), position_in_sql(sql, sql.size() - 3).to_string());
}

}  // namespace
}  // namespace mainstem::engine
