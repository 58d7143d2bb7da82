#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>

#include "format/tests/format_fixture.h"

namespace mainstem::format::xml {
FormatSpec declare();
namespace {

using testing::HasSubstr;

struct XmlRead : FormatFixture {
  XmlRead() : FormatFixture(declare()) {}

  static std::string codes(const Read& got) {
    std::string text;
    for (const auto& reject : got.rejects)
      text += std::to_string(reject.line) + " " + reject.column + " " + reject.code + "; ";
    return text;
  }
};

TEST_F(XmlRead, FindsRowsAndTypes) {
  const auto got = read(
      "<?xml version=\"1.0\"?>\n<airlines>\n <airline code=\"9E\"><name>Endeavor &amp; Co</name><n> 1 </n><zip>01</zip>"
      "</airline>\n <airline code=\"AA\"><name/><n/><zip>12</zip><x>1.50</x></airline>\n</airlines>\n");
  EXPECT_EQ(got.schema(), "code string, name string, n int64, zip string, x decimal128(3, 2)");
  EXPECT_EQ(got.column("code"), "9E AA");
  EXPECT_EQ(got.column("name"), "Endeavor & Co ");
  EXPECT_EQ(got.column("n"), "1 null");
  EXPECT_EQ(got.column("zip"), "01 12");
  EXPECT_EQ(got.column("x"), "null 1.50");
  EXPECT_EQ(got.description, "row=airline (the only repeated element below the root)");
  EXPECT_EQ(got.estimated_rows, 2);
}

TEST_F(XmlRead, ReadsTheExample) {
  std::ifstream file(MAINSTEM_SOURCE_DIR "/examples/flights/data/airlines.xml");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const auto got = read(text);
  EXPECT_EQ(got.schema(), "code string, name string");
  EXPECT_EQ(got.rows->num_rows(), 16);
}

TEST_F(XmlRead, TakesRowsFromAPathOrAName) {
  const std::string text =
      "<c><meta><book><t>no</t></book></meta><books><book><t>a</t><book>inner</book></book></books>"
      "<books><book><t>b</t></book></books></c>";
  const auto by_path = read(text, "{row: /c/books/book}");
  EXPECT_EQ(by_path.column("t"), "a b");
  EXPECT_EQ(by_path.column("book"), "inner null");
  EXPECT_EQ(by_path.description, "row=/c/books/book");
  EXPECT_EQ(read(text, "{row: book}").column("t"), "no a b");
  EXPECT_EQ(read("<c><t>1</t></c>", "{row: /c}").column("t"), "1");
  EXPECT_EQ(read("<c><books/></c>", "{row: /c/books/book}").rows->num_rows(), 0);
  EXPECT_THAT(error(text, "{row: /c/book/s}"), HasSubstr("no place for rows '/c/book/s'"));
  EXPECT_THAT(error(text, "{row: books/book}"), HasSubstr("neither a path nor a name"));
  EXPECT_THAT(error(text, "{row: /c//book}"), HasSubstr("neither a path nor a name"));
}

TEST_F(XmlRead, AsksForTheRowIfItIsNotClear) {
  EXPECT_EQ(read("<r><meta>x</meta><a><b>1</b></a><a><b>2</b></a></r>").column("b"), "1 2");
  EXPECT_EQ(read("<r><a><b>1</b></a></r>").column("b"), "1");
  EXPECT_EQ(read("<r/>").rows->num_rows(), 0);
  EXPECT_THAT(error("<r><a/><b/></r>"), HasSubstr("below the root stand: a, b"));
  EXPECT_THAT(error("<r><a/><b/><a/><b/></r>"), HasSubstr("option row"));
}

TEST_F(XmlRead, NestsElements) {
  const auto got = read(
      "<r><a><p x=\"1\">t</p><l>1</l><l>2.5</l><s><k>a</k></s><s><k>b</k><m/></s></a>\n"
      "<a><p>u</p><l>3</l><s/></a><a/></r>");
  EXPECT_EQ(got.schema(),
            "p struct<x: int64, value: string>, l list<item: decimal128(2, 1)>, s list<item: struct<k: string, m: "
            "string>>");
  EXPECT_EQ(got.column("p"), "{x:int64 = 1, value:string = t} {x:int64 = null, value:string = u} null");
  EXPECT_EQ(got.column("l"), "list<item: decimal128(2, 1)>[1.0, 2.5] list<item: decimal128(2, 1)>[3.0] null");
  EXPECT_EQ(got.rows->GetColumnByName("s")->null_count(), 1);
  EXPECT_TRUE(got.rejects.empty());
}

TEST_F(XmlRead, RowsMayHoldTextAlone) {
  EXPECT_EQ(read("<r><a>1</a><a u=\"m\">2</a></r>").schema(), "value int64, u string");
  EXPECT_EQ(read("<r><a> x <![CDATA[<&>]]> &#233;<!-- c --></a></r>").column("value"), " x <&> \u00e9");
}

TEST_F(XmlRead, NamesThatMeetAreErrors) {
  const std::string inside = "<r><a id=\"1\"><id>2</id></a></r>";
  EXPECT_THAT(error(inside), HasSubstr("attribute_prefix"));
  EXPECT_EQ(read(inside, "{attribute_prefix: '@'}").schema(), "@id int64, id int64");
  EXPECT_THAT(error("<r><a id=\"1\"/><a><id>2</id></a></r>"), HasSubstr("'id'"));
  EXPECT_THAT(error("<r><a><p value=\"1\">t</p></a></r>"), HasSubstr("attribute_prefix"));
  EXPECT_THAT(error("<r><a><p x=\"1\">t</p></a><a><p><value>t</value></p></a></r>"), HasSubstr("'p.value'"));
  const std::string spaces = "<r xmlns:n=\"u\" xmlns:m=\"v\"><n:a n:x=\"1\" m:x=\"2\"><m:b>3</m:b></n:a></r>";
  EXPECT_THAT(error(spaces), HasSubstr("keep_namespaces"));
  EXPECT_EQ(read(spaces, "{keep_namespaces: true, row: 'n:a'}").schema(), "n:x int64, m:x int64, m:b int64");
}

TEST_F(XmlRead, ObeysDeclaredTypes) {
  declared = arrow::schema({arrow::field("d", arrow::date32()), arrow::field("n", arrow::int8()),
                            arrow::field("l", arrow::list(arrow::utf8())), arrow::field("absent", arrow::int32())});
  const auto got = read(
      "<r>\n<a><d>2026-01-31</d><n>1</n><l>x</l></a>\n<a><d>soon</d></a>\n<a\n q=\"\"\n><n>300</n></a>\n"
      "<a><n>1</n><n>2</n></a>\n<a><n><x/></n></a>\n<a><d/><n> 2 </n></a></r>");
  EXPECT_EQ(got.column("n"), "1 2");
  EXPECT_EQ(got.column("l"), "list<item: string>[x] null");
  EXPECT_EQ(codes(got), "3 d invalid_date; 4 n invalid_integer; 7 n repeated_element; 8 n invalid_integer; ");
  ASSERT_EQ(got.rejects.size(), 4);
  EXPECT_EQ(got.rejects[1].raw, "<a q=\"\"><n>300</n></a>");
  EXPECT_EQ(got.rejects[1].object, "input");
}

TEST_F(XmlRead, GivesTheColumnsWanted) {
  columns = {"c", "a"};
  const auto got = read("<r><x a=\"1\"><b><d/></b><b/><c>2</c></x></r>");
  EXPECT_EQ(got.schema(), "c int64, a int64");
  columns = {"e"};
  EXPECT_THAT(error("<r><x a=\"1\"/></r>"), HasSubstr("no column 'e'"));
}

TEST_F(XmlRead, DamagedDocumentsAreErrors) {
  const std::string row = "<a><b>1</b></a>\n";
  for (const auto& text :
       {"<r>\n" + row + "<a>", "<r>\n" + row + "<a></b></r>", "<r>\n" + row + "</r><r/>",
        "<r>\n" + row + "<a b=1/></r>", "<r>\n" + row + "<a>\x01</a></r>", "<r>\n" + row + "<a>\xff</a></r>",
        "<r>\n" + row + "<a><![CDATA[\xc0\xab]]></a></r>", "<r>\n" + row + "<a x='1' x='2'/></r>"})
    EXPECT_THAT(error(text), HasSubstr("input:3")) << text;
  for (const auto* text : {"", " \n", "text", "<", "<r", "{}", "<r>&#0;</r>"})
    EXPECT_THAT(error(text), HasSubstr("not well-formed XML")) << text;
  EXPECT_THAT(error("<r>\n" + row), HasSubstr("ends before its root element does"));
  auto failed = try_read({"<r><a></r>"});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), ErrorCode::invalid_data);
}

TEST_F(XmlRead, RefusesEntities) {
  std::string laughs = "<!DOCTYPE r [<!ENTITY l0 \"lol\">";
  for (int i = 1; i < 10; ++i) {
    const auto before = "&l" + std::to_string(i - 1) + ";";
    laughs += "<!ENTITY l" + std::to_string(i) + " \"";
    for (int k = 0; k < 10; ++k) laughs += before;
    laughs += "\">";
  }
  laughs += "]><r><a>&l9;</a></r>";
  EXPECT_THAT(error(laughs), HasSubstr("defines the entity 'l0'"));
  EXPECT_THAT(error("<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><r><a>&x;</a></r>"),
              HasSubstr("defines the entity 'x'"));
  EXPECT_THAT(error("<!DOCTYPE r [<!ENTITY % p SYSTEM \"http://127.0.0.1:1/x.dtd\"> %p;]><r><a>1</a></r>"),
              HasSubstr("defines the entity 'p'"));
  const std::string outside = "<!DOCTYPE r SYSTEM \"file:///etc/passwd\">\n<r>\n";
  EXPECT_EQ(read(outside + "<a><b>1</b></a></r>").column("b"), "1");
  EXPECT_THAT(error(outside + "<a><b>1&x;</b></a></r>"),
              HasSubstr("input:3: reading input: the document refers to the entity 'x'"));
  EXPECT_THAT(error(outside + "<a b=\"&x;\"/></r>"), HasSubstr("the entity 'x'"));
  EXPECT_THAT(error("<r><a>&nbsp;</a></r>"), HasSubstr("the entity 'nbsp'"));
}

TEST_F(XmlRead, BoundsDepthAndSize) {
  std::string deep = "<r><a><b>s</b></a><a>";
  for (int i = 0; i < 100; ++i) deep += "<b>";
  for (int i = 0; i < 100; ++i) deep += "</b>";
  EXPECT_EQ(codes(read(deep + "</a>\n<a><b>t</b></a></r>")), "1  too_deep; ");
  EXPECT_EQ(read(deep + "</a>\n<a><b>t</b></a></r>").column("b"), "s t");
  std::string deeper;
  for (int i = 0; i < 100'000; ++i) deeper += "<b>";
  EXPECT_THAT(error(deeper), HasSubstr("not well-formed XML"));

  const std::string large(700'000, 'x');
  for (const auto& bad : {"<a><b>" + large + "</b></a>", "<a b=\"" + large + "\"/>"}) {
    const auto text = "<r><a><b>s</b></a>\n" + bad + "<a><b>t</b></a></r>";
    const auto got = read(text, "{max_record: 64KiB, max_attribute: 128KiB}");
    EXPECT_EQ(got.column("b"), "s t");
    ASSERT_EQ(got.rejects.size(), 1);
    EXPECT_EQ(got.rejects[0].line, 2);
    EXPECT_LE(got.rejects[0].raw.size(), columnar::Reject::kMaxRawBytes);
  }
  EXPECT_EQ(codes(read("<r><a b=\"" + large + "\"/></r>", "{max_attribute: 64KiB}")), "1  attribute_too_large; ");
  EXPECT_THAT(error("<r><a b=\"" + std::string(20'000'000, 'x') + "\"/></r>"), HasSubstr("not well-formed XML"));
}

TEST_F(XmlRead, ManyNamesAreFoundQuickly) {
  std::string row = "<a>";
  for (int i = 0; i < 3000; ++i) row += "<n" + std::to_string(i) + ">1</n" + std::to_string(i) + ">";
  row += "<n2999>2</n2999></a>";
  const auto got = read("<r>" + row + row + "</r>");
  EXPECT_EQ(got.rows->num_columns(), 3000);
  EXPECT_EQ(got.column("n2999"), "list<item: int64>[1, 2] list<item: int64>[1, 2]");
}

TEST_F(XmlRead, ReadsEncodingsByTheirDeclaration) {
  EXPECT_EQ(read("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><r><a><b>\xe9</b></a></r>").column("b"), "\u00e9");
  EXPECT_EQ(read("\xEF\xBB\xBF<r><a><b>\u00e9</b></a></r>").column("b"), "\u00e9");
  std::string wide = "\xFF\xFE";
  for (const char c : std::string("<?xml version=\"1.0\" encoding=\"UTF-16\"?><r><a><b>x</b></a></r>"))
    wide += {c, '\0'};
  EXPECT_EQ(read(wide).column("b"), "x");
  EXPECT_THAT(error("<?xml version=\"1.0\" encoding=\"klingon\"?><r/>"), HasSubstr("not well-formed XML"));
}

// The parser stops there, and calls the document well-formed.
TEST_F(XmlRead, BytesThatAreNotOfTheEncodingAreErrors) {
  std::string rows;
  for (int i = 0; i < 5000; ++i) rows += "<a><b>" + std::to_string(i) + "</b></a>\n";
  std::string wide = "\xFF\xFE";
  for (const char c : "<r>" + rows) wide += {c, '\0'};
  wide += {'\0', '\xd8'};  // half of a surrogate pair
  for (const char c : rows + "</r>") wide += {c, '\0'};
  EXPECT_THAT(error(wide), HasSubstr("not in the encoding that it declares"));
  EXPECT_THAT(error("<?xml version=\"1.0\" encoding=\"EUC-JP\"?><r>" + rows + "<a>\xff\xff</a>" + rows + "</r>"),
              HasSubstr("not in the encoding that it declares"));
}

// Every way to read gives the same rows, in batches of the size asked for.
TEST_F(XmlRead, ReadsLargeInputsInBatches) {
  std::string text = "<r>\n";
  constexpr int rows = 50'000;
  for (int i = 0; i < rows; ++i)
    text +=
        "<a><id>" + std::to_string(i) + "</id><pad>" + std::string(static_cast<size_t>(i) % 90, 'p') + "</pad></a>\n";
  text += "</r>";
  context.context.batch_rows = 1000;
  for (const auto way : {BytesInput::Kind::seekable, BytesInput::Kind::rereadable, BytesInput::Kind::once}) {
    kind = way;
    auto result = try_read({text, text});
    ASSERT_TRUE(result) << result.error().to_string();
    EXPECT_EQ(result->tasks, 2);
    EXPECT_EQ(result->rows->num_rows(), 2 * rows);
    const auto ids = result->rows->GetColumnByName("id");
    EXPECT_EQ(ids->num_chunks(), 2 * rows / 1000);
    for (int i = 0; i < rows; i += 777) EXPECT_EQ(ids->GetScalar(i).ValueOrDie()->ToString(), std::to_string(i));
  }
}

}  // namespace
}  // namespace mainstem::format::xml
