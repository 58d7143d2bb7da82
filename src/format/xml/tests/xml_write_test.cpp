#include <arrow/json/from_string.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/tests/format_fixture.h"

namespace mainstem::format::xml {
FormatSpec declare();
namespace {

using testing::HasSubstr;

struct XmlWrite : FormatFixture {
  XmlWrite() : FormatFixture(declare()) {}

  static std::shared_ptr<arrow::Table> table(const std::shared_ptr<arrow::DataType>& type, const std::string& json,
                                             const std::string& name = "a") {
    auto values = arrow::json::ArrayFromJSONString(type, json).ValueOrDie();
    return arrow::Table::Make(arrow::schema({arrow::field(name, type)}), {values});
  }
  std::string write_error(const arrow::Table& rows, const std::string& options = "{}") {
    auto written = try_write(rows, options);
    return written ? "no error" : written.error().to_string();
  }
};

TEST_F(XmlWrite, WritesRows) {
  const auto rows = table(arrow::utf8(), R"(["a<b>&\"c\"", null, ""])");
  EXPECT_EQ(*try_write(*rows),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rows>\n  <row><a>a&lt;b&gt;&amp;\"c\"</a></row>\n"
            "  <row></row>\n  <row><a></a></row>\n</rows>\n");
  EXPECT_EQ(*try_write(*rows->Slice(0, 0), "{root: books, row: book}"),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<books>\n</books>\n");
}

TEST_F(XmlWrite, KeepsEveryValueOfEveryType) {
  const std::vector<std::pair<std::shared_ptr<arrow::DataType>, std::string>> cases = {
      {arrow::int64(), "[-9223372036854775808, 9223372036854775807, null, 0]"},
      {arrow::float64(), "[0.1, -0.0, 1e300, 5e-324, 3, Inf]"},
      {arrow::decimal128(38, 10), R"(["1234567890123456789012345678.0123456789", "-0.0000000001"])"},
      {arrow::boolean(), "[true, false, null]"},
      {arrow::date32(), "[0, -719528, 2932896]"},
      {arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"), "[0, -1, 1769853600123456]"},
      {arrow::utf8(), R"(["", " ", " a\r\n\tb ", "]]>", "é😀", "null", null])"},
      {arrow::list(arrow::struct_({arrow::field("x", arrow::int64())})), R"([[{"x": 1}, {"x": 2}], [{"x": 3}], null])"},
      {arrow::struct_({arrow::field("x", arrow::list(arrow::utf8()))}), R"([{"x": ["a", ""]}, {"x": ["b"]}, null])"},
  };
  for (const auto& [type, json] : cases) {
    SCOPED_TRACE(type->ToString());
    const auto rows = table(type, json);
    auto text = try_write(*rows);
    ASSERT_TRUE(text) << text.error().to_string();
    declared = rows->schema();
    const auto back = read(*text);
    EXPECT_TRUE(back.rejects.empty()) << back.rejects[0].reason;
    EXPECT_TRUE(back.rows->CombineChunks().ValueOrDie()->Equals(*rows)) << *text << back.rows->ToString();
  }
}

TEST_F(XmlWrite, RefusesWhatXmlCannotHold) {
  const auto message = write_error(*table(arrow::utf8(), R"(["a", "b", "c", "x\u0001"])"));
  EXPECT_THAT(message, HasSubstr("writing row 4"));
  EXPECT_THAT(message, HasSubstr("writing column 'a'"));
  EXPECT_THAT(write_error(*table(arrow::utf8(), "[\"\uFFFF\"]")), HasSubstr("cannot stand in XML"));
  EXPECT_EQ(write_error(*table(arrow::utf8(), "[\"\uFFFD\"]")), "no error");
  for (const auto* bad : {"", "1a", "a b", "a:b", "<a>", "a\"b"})
    EXPECT_THAT(write_error(*table(arrow::utf8(), "[]", bad)), HasSubstr("XML element")) << bad;
  EXPECT_THAT(write_error(*table(arrow::struct_({arrow::field("x y", arrow::int8())}), "[]")), HasSubstr("'x y'"));
  EXPECT_THAT(write_error(*table(arrow::int8(), "[]"), "{row: 1}"), HasSubstr("option 'row'"));
  EXPECT_THAT(write_error(*table(arrow::list(arrow::int8()), "[[1, null]]")), HasSubstr("a null in a list"));
  EXPECT_THAT(write_error(*table(arrow::list(arrow::list(arrow::int8())), "[]")), HasSubstr("list of lists"));
}

}  // namespace
}  // namespace mainstem::format::xml
