#include "format/csv/reader.h"

#include <gtest/gtest.h>

#include "format/csv/survey.h"
#include "format/csv/tests/memory_input.h"

namespace mainstem::format::csv {
namespace {

ReadResult must(Result<ReadResult> result) {
  EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().to_string());
  return *std::move(result);
}

TEST(CsvReader, ReadsTypesWithoutLoss) {
  const auto read = must(read_text(
      "id,zip,price,big,huge,ratio,day,at,atz,clock,ok,none\n"
      "1,007,1.50,9223372036854775808,1,1e3,2024-02-29,2024-01-01 10:00:00,2024-01-01T10:00:00+02:00,10:11:12,true,\n"
      "-2,123,22.125,1,99999999999999999999999999999999999999,2.5,1999-12-31,2024-01-01T10:00:00.5,2024-01-01T08:00:"
      "00Z,"
      "00:00:00.25,FALSE,\n"));
  EXPECT_EQ(read.type("id"), "int64");
  EXPECT_EQ(read.type("zip"), "string");
  EXPECT_EQ(read.type("price"), "decimal128(5, 3)");
  EXPECT_EQ(read.type("big"), "decimal128(19, 0)");
  EXPECT_EQ(read.type("huge"), "decimal128(38, 0)");
  EXPECT_EQ(read.type("ratio"), "double");
  EXPECT_EQ(read.type("day"), "date32[day]");
  EXPECT_EQ(read.type("at"), "timestamp[us]");
  EXPECT_EQ(read.type("atz"), "timestamp[us, tz=UTC]");
  EXPECT_EQ(read.type("clock"), "time64[us]");
  EXPECT_EQ(read.type("ok"), "bool");
  EXPECT_EQ(read.type("none"), "string");
  EXPECT_EQ(read.column("price"), "1.500|22.125");
  EXPECT_EQ(read.column("big"), "9223372036854775808|1");
  EXPECT_EQ(read.column("none"), "null|null");
  EXPECT_TRUE(read.rejects.empty());
}

TEST(CsvReader, NumbersThatWouldLoseDigitsStayText) {
  const auto read = must(read_text("a,b,c,d,e,f\n+1,01,1.,12345678901234567e5,nan,-0\n2,2,2,1e1,inf,1\n"));
  EXPECT_EQ(read.type("a"), "string");
  EXPECT_EQ(read.type("b"), "string");
  EXPECT_EQ(read.type("c"), "string");
  EXPECT_EQ(read.type("d"), "string");
  EXPECT_EQ(read.type("e"), "string");
  EXPECT_EQ(read.type("f"), "double");
}

TEST(CsvReader, TypeChangesLateInTheFile) {
  std::string text = "id,value\n";
  for (int i = 0; i < 40'000; ++i) text += std::to_string(i) + (i == 39'000 ? ",n/a\n" : ",1\n");
  const auto read = must(read_text(text));
  EXPECT_EQ(read.type("value"), "string");
  EXPECT_EQ(read.rows(), 40'000);
  EXPECT_EQ(read.estimated_rows, 40'000);
}

TEST(CsvReader, EmptyAndNullDiffer) {
  const auto read = must(read_text("a,b\n,\"\"\nx,y\n"));
  EXPECT_EQ(read.column("a"), "null|x");
  EXPECT_EQ(read.column("b"), "|y");
}

TEST(CsvReader, QuotedFields) {
  const auto read = must(read_text("id,t\r\n1,\"a,b\"\r\n2,\"say \"\"hi\"\"\"\r\n3,\"two\r\nlines\"\r\n4,5\" pipe"));
  EXPECT_EQ(read.column("t"), "a,b|say \"hi\"|two\r\nlines|5\" pipe");
  EXPECT_EQ(read.column("id"), "1|2|3|4");
}

TEST(CsvReader, BrokenRecordsAreRejectedOneByOne) {
  const auto read = must(read_text(
      "id,a,b\n1,x,y\n2,x\n3,x,y,z\n4,\"abc\"d,y\n5,\"open,y\n6,ok,y\n7,\"q\",y\n\n8,\"two\nlines\",y\n9,n\n"));
  EXPECT_EQ(read.column("id"), "1|6|7|8");
  EXPECT_EQ(read.reject_list(),
            "3:too_few_fields 4:too_many_fields 5:text_after_quote 6:unterminated_quote 12:too_few_fields");
  EXPECT_EQ(read.rejects[0].raw, "2,x");
  EXPECT_EQ(read.rejects[0].byte_offset, 13);
  EXPECT_EQ(read.rejects[2].column, "a");
  EXPECT_EQ(read.rejects[3].raw, "5,\"open,y");
}

TEST(CsvReader, UnterminatedQuoteCostsOneLineAtTheEndOfTheFile) {
  const auto read = must(read_text("id,a\n1,x\n2,\"y\n3,z\n4,w\n"));
  EXPECT_EQ(read.column("id"), "1|3|4");
  EXPECT_EQ(read.reject_list(), "3:unterminated_quote");
}

TEST(CsvReader, NulAndInvalidUtf8AreRejects) {
  const auto read = must(read_text(std::string("id,a\n1,\xc3\xa4\n2,\xe4\n3,x\0y\n4,z\n", 24)));
  EXPECT_EQ(read.column("a"), "\xc3\xa4|z");
  EXPECT_EQ(read.reject_list(), "3:invalid_utf8 4:nul_byte");
  EXPECT_EQ(read.rejects[0].raw, "2,\\xe4");
}

TEST(CsvReader, LineEndingsMayBeMixed) {
  const auto read = must(read_text("id,a\r\n1,x\n2,y\r3,z\r\n\r\n4,w"));
  EXPECT_EQ(read.column("id"), "1|2|3|4");
}

TEST(CsvReader, DeclaredTypesAreObeyed) {
  const auto declared = arrow::schema({arrow::field("id", arrow::int16()), arrow::field("p", arrow::decimal128(4, 2))});
  const auto read =
      must(read_text("id,p,t\n1,1.5,a\n70000,1,b\n3,1.505,c\n4,123.00,d\nx,y,e\n6,,f\n", {.declared = declared}));
  EXPECT_EQ(read.column("id"), "1|6");
  EXPECT_EQ(read.column("p"), "1.50|null");
  EXPECT_EQ(read.reject_list(), "3:invalid_integer 4:invalid_decimal 5:invalid_decimal 6:invalid_integer");
  EXPECT_EQ(read.rejects[1].column, "p");
}

TEST(CsvReader, ProjectionStillValidatesWhatIsDeclared) {
  const auto declared = arrow::schema({arrow::field("id", arrow::int64())});
  const auto read = must(read_text("id,t,n\n1,a,5\nx,b,6\n", {.declared = declared, .columns = {"n", "t"}}));
  EXPECT_EQ(read.schema->num_fields(), 2);
  EXPECT_EQ(read.column("n"), "5");
  EXPECT_EQ(read.reject_list(), "3:invalid_integer");
}

TEST(CsvReader, Encodings) {
  const auto bom = must(read_text("\xef\xbb\xbfid,a\n1,x\n"));
  EXPECT_EQ(bom.column("id"), "1");
  const auto latin = must(read_text("id,a\n1,\xe4\n2,\n3\n4,x\n", {.options = "{encoding: latin-1}"}));
  EXPECT_EQ(latin.column("a"), "\xc3\xa4|null|x");
  EXPECT_EQ(latin.rejects.at(0).byte_offset, 12);
  const auto windows = must(read_text("id,a\n1,\x80\n2,\x81\n", {.options = "{encoding: windows-1252}"}));
  EXPECT_EQ(windows.column("a"), "\xe2\x82\xac");
  EXPECT_EQ(windows.reject_list(), "3:invalid_utf8");
  std::string wide("\xff\xfe", 2);
  for (const char c : std::string("id,a\n1,x\n2\n3,y\n")) wide += std::string({c, '\0'});
  const auto utf16 = must(read_text(wide));
  EXPECT_EQ(utf16.column("a"), "x|y");
  EXPECT_EQ(utf16.rejects.at(0).byte_offset, 2 + 2 * 9);
  EXPECT_EQ(read_text(wide.substr(2)).error().code(), ErrorCode::invalid_data);
}

TEST(CsvReader, SingleColumn) {
  const auto read = must(read_text("name\nAnna\n\nBerta\n"));
  EXPECT_EQ(read.column("name"), "Anna|null|Berta");
}

TEST(CsvReader, EmptyFilesAndHeadersOnly) {
  EXPECT_EQ(read_text("").error().code(), ErrorCode::invalid_data);
  EXPECT_EQ(must(read_text("", {.options = "{column_names: [a, b]}"})).rows(), 0);
  const auto read = must(read_text("id,name\n"));
  EXPECT_EQ(read.rows(), 0);
  EXPECT_EQ(read.type("id"), "string");
}

TEST(CsvReader, SeveralInputsAreOneTable) {
  const auto read = must(read_all({"id,a\n1,x\n", "", "id,a\n2.5,y\n"}));
  EXPECT_EQ(read.type("id"), "decimal128(2, 1)");
  EXPECT_EQ(read.rows(), 2);
  EXPECT_EQ(read_all({"id,a\n1,x\n", "id,b\n2,y\n"}).error().code(), ErrorCode::invalid_data);
}

TEST(CsvReader, StreamsAreSpooled) { EXPECT_EQ(must(read_text("id,a\n1,x\n", {.seekable = false})).column("a"), "x"); }

TEST(CsvReader, OptionsOfTheText) {
  const auto read = must(read_text(
      "junk\nid;v;d;b\n# note \"\n 1 ;1,5;31.12.2024;yes\n2; NA ;01.01.2025;no\n",
      {.options = "{delimiter: ';', skip_lines: 1, comment: '#', trim: true, decimal_separator: ',', "
                  "null_values: ['', NA], date_format: '%d.%m.%Y', true_values: [yes], false_values: [no]}"}));
  EXPECT_EQ(read.column("id"), "1|2");
  EXPECT_EQ(read.column("v"), "1.5|null");
  EXPECT_EQ(read.column("d"), "2024-12-31|2025-01-01");
  EXPECT_EQ(read.column("b"), "true|false");
}

TEST(CsvReader, LargeFieldsAreRejected) {
  const std::string large(5000, 'x');
  const auto read =
      must(read_text("id,a\n1," + large + "\n2,y\n3,\"" + large + "\"\n4,z\n5," + large + large + large + "\n6,w\n",
                     {.options = "{max_field_size: 4096B, delimiter: ','}", .batch_bytes = 4096}));
  EXPECT_EQ(read.column("id"), "2|4|6");
  EXPECT_EQ(read.rejects.size(), 3u);
  EXPECT_EQ(read.rejects.at(2).line, 6);
}

TEST(CsvReader, DoubledNamesAreMadeDifferent) {
  const auto read = must(read_text("a,A,,a_2\n1,2,3,4\n"));
  EXPECT_EQ(read.schema->field_names(), (std::vector<std::string>{"a", "A_3", "column_3", "a_2"}));
}

TEST(CsvSurvey, SmallBlocksGiveTheSameRecords) {
  std::string text;
  for (int i = 0; i < 300; ++i)
    text += std::to_string(i) + (i % 7 == 0 ? ",\"a\n\"\"b\"\"\r\nc\"\r\n" : i % 31 == 0 ? ",\"open\n" : ",x\n");
  connector::testkit::TestContext test;
  MemoryInput input(text);
  std::vector<DataFile> files{{.source = *open_source(test, input, Encoding::automatic), .data = {}}};
  ReadOptions options;
  SurveyRequest request{
      .files = &files, .nulls = NullRules::of(options), .rules = TypeRules::of(options), .infer = {true, true}};
  const auto whole = survey_in_blocks(test, request, 1 << 20);
  for (const int64_t block : {2, 10, 64, 100, 1000}) {
    const auto parts = survey_in_blocks(test, request, block);
    ASSERT_TRUE(parts.has_value());
    EXPECT_EQ(parts->rows, whole->rows);
    EXPECT_GT(parts->cuts.size(), 1u);
    int64_t end = 0;
    for (const auto& cut : parts->cuts) {
      EXPECT_EQ(cut.begin.offset, end);
      EXPECT_EQ(cut.begin.line, 1 + count_line_ends(reinterpret_cast<const uint8_t*>(text.c_str()),
                                                    static_cast<size_t>(cut.begin.offset)));
      end = cut.end;
    }
    EXPECT_EQ(end, static_cast<int64_t>(text.size()));
  }
}

}  // namespace
}  // namespace mainstem::format::csv
