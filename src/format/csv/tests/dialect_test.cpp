#include "format/csv/dialect.h"

#include <gtest/gtest.h>

#include "format/csv/tests/memory_input.h"

namespace mainstem::format::csv {
namespace {

std::string outcome(const std::string& text, const std::string& options = "") {
  const auto read = read_text(text, {.options = options});
  if (!read) return std::string(to_string(read.error().code()));
  const auto& names = read->schema->field_names();
  std::string result;
  for (const auto& name : names) result += (result.empty() ? "" : "/") + name;
  return result + ":" + std::to_string(read->rows()) + "+" + std::to_string(read->rejects.size());
}

TEST(CsvDialect, FindsTheDelimiter) {
  EXPECT_EQ(outcome("a;b;c\n1,5;2;x\n2,5;3;y\n"), "a/b/c:2+0");
  EXPECT_EQ(outcome("a\tb\n1\tx, y\n2\tz\n"), "a/b:2+0");
  EXPECT_EQ(outcome("a|b\n1|\"x,y\"\n2|z\n"), "a/b:2+0");
  EXPECT_EQ(outcome("id,name\n1,a\n2\n"), "id/name:1+1");
}

TEST(CsvDialect, RefusesToGuess) {
  EXPECT_EQ(outcome("1,5;2\n3,5;4\n", "{header: no}"), "invalid_data");
  EXPECT_EQ(outcome("text\none, two\nthree\nfour\n"), "invalid_data");
  EXPECT_EQ(outcome("text\none, two\nthree\nfour\n", "{delimiter: none}"), "text:3+0");
  EXPECT_EQ(outcome("a,b,c\n1,2\n3,4\n5,6\n"), "invalid_data");
  EXPECT_EQ(outcome("a,b,c\n1,2\n3,4\n5,6\n", "{delimiter: ','}"), "invalid_data");
}

TEST(CsvDialect, FindsTheHeader) {
  EXPECT_EQ(outcome("id,n\n1,2\n"), "id/n:1+0");
  EXPECT_EQ(outcome("1,2\n3,4\n"), "column_1/column_2:2+0");
  EXPECT_EQ(outcome("name,city\nAnna,Berlin\nBob,Bonn\n"), "name/city:2+0");
  EXPECT_EQ(outcome("Anna,Berlin\nBob,Berlin\n"), "invalid_data");
  EXPECT_EQ(outcome("id,2019\n1,2\n"), "invalid_data");
  EXPECT_EQ(outcome("id,2019\n1,2\n", "{header: yes}"), "id/2019:1+0");
  EXPECT_EQ(outcome("1,2\n3,4\n", "{column_names: [a, b]}"), "a/b:2+0");
  EXPECT_EQ(outcome("1,2\n3,4\n", "{column_names: [a]}"), "invalid_data");
}

TEST(CsvDialect, OptionsAreChecked) {
  EXPECT_EQ(outcome("a,b\n", "{delimiter: ab}"), "invalid_config");
  EXPECT_EQ(outcome("a,b\n", "{delimiter: '\"'}"), "invalid_config");
  EXPECT_EQ(outcome("a,b\n", "{delimeter: ','}"), "invalid_config");
  EXPECT_EQ(outcome("a,b\n", "{max_field_size: 1TiB}"), "invalid_config");
}

TEST(CsvDialect, UnknownColumnsAreErrors) {
  const auto declared = arrow::schema({arrow::field("idd", arrow::int64())});
  EXPECT_EQ(read_text("id,a\n1,x\n", {.declared = declared}).error().code(), ErrorCode::not_found);
  EXPECT_EQ(read_text("id,a\n1,x\n", {.columns = {"b"}}).error().code(), ErrorCode::not_found);
}

}  // namespace
}  // namespace mainstem::format::csv
