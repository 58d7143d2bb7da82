#include "config/yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mainstem::config {
namespace {

using ::testing::HasSubstr;

Node parsed(std::string_view text) {
  auto node = read_yaml(text, "f.yaml");
  EXPECT_TRUE(node) << node.error().to_string();
  return node ? *node : Node{};
}

std::string failure(std::string_view text, const YamlLimits& limits = {}) {
  auto node = read_yaml(text, "f.yaml", limits);
  EXPECT_FALSE(node) << text;
  return node ? "" : node.error().to_string();
}

TEST(Yaml, NothingStandsAtTheBeginning) {
  for (const auto* text : {"", "# a comment\n", "---\n"}) {
    const auto node = read_yaml(text, "f");
    ASSERT_TRUE(node) << text;
    EXPECT_TRUE(node->is_null());
    EXPECT_EQ(node->position().file, "f") << text;
    EXPECT_GE(node->position().line, 1) << text;
  }
}

TEST(Yaml, KeepsTextAndOrder) {
  const auto node = parsed("z: 007\na: \"12\"\nm: [yes, {n: 1.50}]\ne:\nt: ~\nq: null\ns: 'null'\n");
  ASSERT_TRUE(node.is_map());
  EXPECT_EQ(node.entries()[0].first, "z");
  EXPECT_EQ(node.find("z")->text(), "007");
  EXPECT_FALSE(node.find("z")->quoted());
  EXPECT_TRUE(node.find("a")->quoted());
  EXPECT_EQ(node.find("m")->items()[1].find("n")->text(), "1.50");
  EXPECT_TRUE(node.find("e")->is_null());
  EXPECT_TRUE(node.find("t")->is_null());
  EXPECT_TRUE(node.find("q")->is_null());
  EXPECT_EQ(node.find("s")->text(), "null");
}

TEST(Yaml, PlacesCountCharactersFromOne) {
  const auto node = parsed("ä: {ö: ü, b: x}\nlist:\n  - p\n  - k: v\nempty:\nnext: 1\n");
  EXPECT_EQ(node.find("ä")->find("b")->position().to_string(), "f.yaml:1:14");
  EXPECT_EQ(node.find("ä")->key_position("b").to_string(), "f.yaml:1:11");
  EXPECT_EQ(node.find("list")->items()[1].find("k")->position().to_string(), "f.yaml:4:8");
  EXPECT_EQ(node.find("empty")->position().to_string(), "f.yaml:5:1");
}

TEST(Yaml, TextPlacesPointIntoTheText) {
  const auto node = parsed("sql: |\n    select a\n      from b\nquoted: \"abc\"\nplain: abc\nfolded: >\n  a\n  b\n");
  const auto* sql = node.find("sql");
  EXPECT_EQ(sql->text(), "select a\n  from b\n");
  EXPECT_EQ(sql->text_place().at(1, 8).to_string(), "f.yaml:2:12");
  EXPECT_EQ(sql->text_place().at(2, 8).to_string(), "f.yaml:3:12");
  EXPECT_EQ(node.find("quoted")->text_place().at(1, 3).to_string(), "f.yaml:4:12");
  EXPECT_EQ(node.find("plain")->text_place().at(1, 3).to_string(), "f.yaml:5:10");
  EXPECT_EQ(node.find("folded")->text_place().at(2, 3).to_string(), "f.yaml:7:1");
}

TEST(Yaml, TextPlaceOfABlockThatBeginsEmptyOrDeeper) {
  const auto node = parsed("a: |\n\n  x\nb: |2\n    y\n  z\nc: &n |\n  w\n");
  EXPECT_EQ(node.find("a")->text_place().at(2, 1).to_string(), "f.yaml:3:3");
  EXPECT_EQ(node.find("b")->text(), "  y\nz\n");
  EXPECT_EQ(node.find("b")->text_place().at(1, 3).to_string(), "f.yaml:5:5");
  EXPECT_EQ(node.find("b")->text_place().at(2, 1).to_string(), "f.yaml:6:3");
  EXPECT_EQ(node.find("c")->text_place().at(1, 1).to_string(), "f.yaml:8:3");
}

TEST(Yaml, ReadsNothing) {
  EXPECT_TRUE(parsed("").is_null());
  EXPECT_TRUE(parsed("# a comment\n").is_null());
  EXPECT_TRUE(parsed("---\n...\n").is_null());
  EXPECT_EQ(parsed("\xef\xbb\xbf"
                   "a: 1\r\nb: 2\r\n")
                .find("b")
                ->text(),
            "2");
}

TEST(Yaml, FollowsAliases) {
  const auto node = parsed("a: &x {k: [1, 2]}\nb: *x\nc: *x\n");
  EXPECT_EQ(node.find("c")->find("k")->items()[1].text(), "2");
  EXPECT_THAT(failure("a: *x\n"), HasSubstr("f.yaml:1:4: the alias has no anchor"));
  EXPECT_THAT(failure("a: &x [*x]\n"), HasSubstr("inside what it means"));
}

TEST(Yaml, AnAliasBombIsRefusedEarly) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 30; ++i) {
    const auto before = "*a" + std::to_string(i - 1);
    bomb +=
        "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + ", " + before + ", " + before + "]\n";
  }
  EXPECT_THAT(failure(bomb), HasSubstr("more than 200000 values"));
  std::string text_bomb = "t: &t \"" + std::string(100'000, 'x') + "\"\nl: [";
  for (int i = 0; i < 1000; ++i) text_bomb += "*t, ";
  EXPECT_THAT(failure(text_bomb + "*t]\n"), HasSubstr("bytes of text"));
}

TEST(Yaml, LimitsSizeAndDepth) {
  EXPECT_THAT(failure("a: 1234567890\n", {.bytes = 5}), HasSubstr("14 bytes, at most 5"));
  EXPECT_THAT(failure(std::string(65, '[') + std::string(65, ']')), HasSubstr("deeper than 64 levels"));
  EXPECT_FALSE(failure(std::string(100'000, '[')).empty());
  EXPECT_FALSE(failure(std::string(100'000, '{')).empty());
  EXPECT_THAT(failure("- - - a\n", {.depth = 2}), HasSubstr("f.yaml:1:5: "));
  EXPECT_THAT(failure("[1, 2, 3]", {.nodes = 3}), HasSubstr("more than 3 values"));
  EXPECT_EQ(read_yaml("[[[]]]", "f", {.depth = 2}).error().code(), ErrorCode::resource_exhausted);
}

TEST(Yaml, RefusesDoubledKeys) {
  EXPECT_THAT(failure("a: 1\nb: 2\na: 3\n"),
              HasSubstr("f.yaml:3:1: key 'a' is there twice (the first one is at f.yaml:1:1"));
  EXPECT_THAT(failure("{x: {k: 1, k: 2}}"), HasSubstr("key 'k' is there twice"));
  EXPECT_THAT(failure("a: 1\n'a': 3\n"), HasSubstr("twice"));
}

TEST(Yaml, RefusesWhatItDoesNotUnderstand) {
  EXPECT_THAT(failure("a: &x {b: 1}\nc:\n  <<: *x\n"), HasSubstr("f.yaml:3:3: merge keys"));
  EXPECT_THAT(failure("a: !!python/object x\n"), HasSubstr("f.yaml:1:4: tags are not understood"));
  EXPECT_THAT(failure("? [a]\n: b\n"), HasSubstr("a key must be text"));
  EXPECT_THAT(failure("~: b\n"), HasSubstr("a key is missing"));
  EXPECT_THAT(failure("a: {{x}}\n"), HasSubstr("a key must be text"));
  EXPECT_THAT(failure("a: 1\n---\nb: 2\n"), HasSubstr("f.yaml:2:1: a second document"));
  EXPECT_THAT(failure("- a\nb: 1\n"), HasSubstr("f.yaml:2:1: this does not belong"));
  EXPECT_EQ(parsed("a: !!str 12\n").find("a")->text(), "12");
}

TEST(Yaml, SaysWhatIsWrongAndWhatToDo) {
  EXPECT_THAT(failure("a:\n\tb: 1\n"), HasSubstr("f.yaml:2:1: a tab indents this line"));
  EXPECT_THAT(failure("a:\n  b: 1\n\tc: 2\n"), HasSubstr("f.yaml:3:1: a tab indents this line"));
  EXPECT_THAT(failure("a: b: c\n"), HasSubstr("f.yaml:1:5: a second ': '"));
  EXPECT_THAT(failure("a:\n  b: 1\n c: 2\n"), HasSubstr("f.yaml:3:2: this does not fit into the map"));
  EXPECT_THAT(failure("a: [1, 2\nb: 3\n"), HasSubstr("a '[' is not closed"));
  EXPECT_THAT(failure("a: {b: 1\n"), HasSubstr("a '{' is not closed"));
  EXPECT_THAT(failure("a: 1}\nb: [1]]\n"), HasSubstr("closes what was not opened"));
  EXPECT_THAT(failure("a: @x\n"), HasSubstr("f.yaml:1:4: this character cannot begin a text"));
  EXPECT_THAT(failure("a: | x\n  y\n"), HasSubstr("behind the '|'"));
  EXPECT_THAT(failure("a: \"\\q\"\n"), HasSubstr("unknown escape"));
}

// yaml-cpp takes such a text up to the end of the file, with everything that follows.
TEST(Yaml, AnOpenQuoteIsAnError) {
  EXPECT_THAT(failure("a: \"x\nb: 3\n"), HasSubstr("f.yaml:1:4: the quote is not closed"));
  EXPECT_THAT(failure("a: 'it''s\nb: 3\n"), HasSubstr("the quote is not closed"));
  EXPECT_THAT(failure("a: &x \"b\\\"\n"), HasSubstr("the quote is not closed"));
  EXPECT_EQ(parsed("a: 'it''s'\nb: \"\\\"\"\n").find("b")->text(), "\"");
}

TEST(Yaml, RefusesBytesThatAreNotText) {
  EXPECT_THAT(failure("a: 1\nb: \xff\n"), HasSubstr("f.yaml:2:4: the text is not UTF-8"));
  EXPECT_THAT(failure(std::string_view("a: 1\nb: \0 2", 10)), HasSubstr("f.yaml:2:4: control characters"));
  // yaml-cpp ends the document at this byte.
  EXPECT_THAT(failure("a: 1\n\x04\nb: 2\n"), HasSubstr("f.yaml:2:1: control characters"));
  EXPECT_THAT(failure(std::string_view("\xff\xfe"
                                       "a\0:\0",
                                       6)),
              HasSubstr("not UTF-8"));
}

TEST(Json, ReadsEscapesAndTabs) {
  auto node =
      read_json("{\n\t\"a\":\"\\ud83d\\ude00\\/\\u00e4\\\\u\",\t\"b\":[1,-2.5e3,true,null,\"\"],\"c\":{}}", "f.json");
  ASSERT_TRUE(node) << node.error().to_string();
  EXPECT_EQ(node->find("a")->text(), "\xf0\x9f\x98\x80/ä\\u");
  EXPECT_EQ(node->find("b")->items()[1].text(), "-2.5e3");
  EXPECT_TRUE(node->find("b")->items()[3].is_null());
  EXPECT_TRUE(node->find("b")->items()[4].is_scalar());
  EXPECT_TRUE(node->find("c")->is_map());
  EXPECT_FALSE(read_json("{\"a\": \"\\ud83d\"}", "f.json"));
  EXPECT_FALSE(read_json("{\"a\": 1", "f.json"));
  EXPECT_FALSE(read_json("\"\\ud83d\\u", "f.json"));
}

}  // namespace
}  // namespace mainstem::config
