#include "pipeline/sql_text.h"

#include <gtest/gtest.h>

namespace mainstem::pipeline {
namespace {

std::string place(std::string text, std::string_view name) {
  const SqlText sql{.text = std::move(text),
                    .place = {.first = {.file = "f", .line = 10, .column = 5}, .next_column = 3}};
  return place_of_name(sql, name).to_string();
}

TEST(PlaceOfName, IsThatBehindFrom) {
  EXPECT_EQ(place("select a\nfrom a", "a"), "f:11:8");
  EXPECT_EQ(place("select 'a', \"A\".b\nfrom -- a\n a", "a"), "f:12:4");
  EXPECT_EQ(place("select ä, $$a$$, $x$ a $x$ /* a /* */ a */ from b JOIN \"A\"", "a"), "f:10:60");
  EXPECT_EQ(place("select ab, a.b", "a"), "f:10:16");
  EXPECT_EQ(place("select 1", "a"), "f:10:5");
  EXPECT_EQ(place("select \"x\"\"y\".b from \"x\"\"y\"", "x\"y"), "f:10:26");
  EXPECT_EQ(place("select 'open from a", "a"), "f:10:5");
  EXPECT_EQ(place("", "a"), "f:10:5");
}

TEST(WithoutEnd, LeavesNothingThatEndsAQuery) {
  EXPECT_EQ(without_end("select 1 ;\n ; -- done;\n"), "select 1");
  EXPECT_EQ(without_end("select ';' /* x */"), "select ';'");
  EXPECT_EQ(without_end("select 1 -- a\n+ 2;"), "select 1 -- a\n+ 2");
  EXPECT_EQ(without_end("select 1; select 2;"), "select 1; select 2");
  EXPECT_EQ(without_end("select '--';"), "select '--'");
  EXPECT_EQ(without_end("select e'a\\'b' -- c"), "select e'a\\'b'");
  EXPECT_EQ(without_end("select 1 -- a\r+ 2;"), "select 1 -- a\r+ 2");
  EXPECT_EQ(without_end(" -- nothing\n;"), "");
  EXPECT_EQ(without_end(""), "");
}

TEST(Placed, MapsThePositionIntoTheFile) {
  const SqlText sql{.text = "select\nfrom",
                    .place = {.first = {.file = "f", .line = 10, .column = 5}, .next_column = 3}};
  const auto error = Error(ErrorCode::invalid_config, "x").at({.file = "", .line = 2, .column = 4}).hint("h");
  const auto found = placed(sql, error);
  EXPECT_EQ(found.position()->to_string(), "f:11:6");
  EXPECT_EQ(found.hint(), "h");
}

TEST(SqlFileHeader, BeginsWithItsFirstKey) {
  EXPECT_EQ(sql_file_header("-- A: b\n-- description: x\n--   y\n\nselect 1 -- checks: z"),
            "\n   description: x\n     y\n\n");
  EXPECT_EQ(sql_file_header("select 1\n-- description: x"), "");
  EXPECT_EQ(sql_file_header("-- nothing"), "");
  EXPECT_EQ(sql_file_header(""), "");
  EXPECT_EQ(sql_file_header("/* prose\nchecks:\n  - a\n*/\nselect 1"), "\nchecks:\n  - a\n\n");
  EXPECT_EQ(sql_file_header("/* checks: [a] */ select '*/'\n-- tests:"), "   checks: [a] \n");
  EXPECT_EQ(sql_file_header("-- chekcs:\n--   - a\nselect 1"), "   chekcs:\n     - a\n") << "to be told";
  EXPECT_EQ(sql_file_header("-- Note:\n-- check: by hand\nselect 1"), "");
}

}  // namespace
}  // namespace mainstem::pipeline
