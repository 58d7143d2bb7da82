#include "base/json.h"

#include <gtest/gtest.h>
#include <limits>

namespace mainstem {
namespace {

TEST(JsonQuote, EscapesWhatMustBeEscaped) {
  EXPECT_EQ(json_quote("a\"b\\c\n\t\r"), "\"a\\\"b\\\\c\\n\\t\\r\"");
  EXPECT_EQ(json_quote(std::string_view("\0\x1f\x7f", 3)), "\"\\u0000\\u001f\\u007f\"");
  EXPECT_EQ(json_quote("Grüße 🚀"), "\"Grüße 🚀\"");
}

TEST(JsonQuote, ReplacesWhatIsNotUtf8) {
  const std::string unknown = "\xef\xbf\xbd";
  EXPECT_EQ(json_quote("a\xff"), "\"a" + unknown + "\"");
  EXPECT_EQ(json_quote("\xc3"), "\"" + unknown + "\"");
  EXPECT_EQ(json_quote("\xc0\x80"), "\"" + unknown + unknown + "\"");
  EXPECT_EQ(json_quote("\xed\xa0\x80"), "\"" + unknown + unknown + unknown + "\"");
  EXPECT_EQ(json_quote("\xf4\x90\x80\x80").size(), 2 + 4 * unknown.size());
}

TEST(JsonWriter, WritesOneLine) {
  JsonWriter json;
  json.begin_object().member("rows", int64_t{12}).member("ok", true).member("name", "x").key("none").null();
  json.member("maybe", std::optional<int>()).member("keys", std::vector<std::string>{"a", "b"});
  json.key("empty").begin_array().end_array().key("map").begin_object().end_object().member("half", 0.5).end_object();
  EXPECT_EQ(
      json.take(),
      R"({"rows":12,"ok":true,"name":"x","none":null,"maybe":null,"keys":["a","b"],"empty":[],"map":{},"half":0.5})");
}

TEST(JsonWriter, Indents) {
  JsonWriter json(2);
  json.begin_object().key("a").begin_array().value(1).value(2).end_array().key("b").begin_object().end_object();
  json.end_object();
  EXPECT_EQ(json.take(), "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}");
}

TEST(JsonWriter, NumbersKeepTheirValue) {
  JsonWriter json;
  json.begin_array().value(std::numeric_limits<int64_t>::min()).value(std::numeric_limits<uint64_t>::max());
  json.value(0.1).value(1e300).value(std::numeric_limits<double>::infinity()).value(std::nan("")).end_array();
  EXPECT_EQ(json.take(), "[-9223372036854775808,18446744073709551615,0.1,1e+300,null,null]");
}

TEST(JsonWriterDeathTest, StopsOnWrongNesting) {
  EXPECT_DEATH(JsonWriter().begin_object().value(1), "follows its key");
  EXPECT_DEATH(JsonWriter().begin_array().end_object(), "matches its begin");
  EXPECT_DEATH(JsonWriter().begin_array().take(), "has its end");
  EXPECT_DEATH(JsonWriter().value(1).value(2), "follows its key");
}

}  // namespace
}  // namespace mainstem
