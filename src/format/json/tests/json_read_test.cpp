#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/tests/format_fixture.h"

namespace mainstem::format::json {
FormatSpec declare();
namespace {

struct JsonRead : FormatFixture {
  JsonRead() : FormatFixture(declare()) {}
};

TEST_F(JsonRead, FindsTypesOverAllRows) {
  const auto got = read(
      "{\"id\":1,\"price\":0.1,\"big\":12345678901234567890,\"ok\":true,\"name\":\"a\",\"ratio\":1e-7,\"none\":null}\n"
      "\n"
      "{\"name\":\"b\",\"id\":2,\"price\":1.10,\"late\":7}\r\n");
  EXPECT_EQ(got.schema(),
            "id int64, price decimal128(3, 2), big decimal128(20, 0), ok bool, name string, ratio double, none string, "
            "late int64");
  EXPECT_EQ(got.column("price"), "0.10 1.10");
  EXPECT_EQ(got.column("big"), "12345678901234567890 null");
  EXPECT_EQ(got.column("late"), "null 7");
  EXPECT_EQ(got.column("ratio"), "1e-7 null");
  EXPECT_EQ(got.estimated_rows, 2);
  EXPECT_TRUE(got.rejects.empty());
}

TEST_F(JsonRead, RejectsBrokenLinesOneByOne) {
  const auto got = read(
      "{\"a\":1}\n{\"a\":\n[1]\n{\"a\":2,\"a\":3}\n{\"a\":\"\xff\"}\n{\"a\":\"\\ud800\"}\n{\"a\":01}\n{\"a\":tru}\n"
      "{\"a\":1} x\n{\"a\":1,}\n{\"a\":\"x\ty\"}\n{\"a\":\"\\udc00\"}\n{\"a\":1 2}\n{,}\n{\"a\":4}");
  EXPECT_EQ(got.schema(), "a int64");
  EXPECT_EQ(got.column("a"), "1 4");
  std::string codes;
  for (const auto& reject : got.rejects) codes += std::to_string(reject.line) + " " + reject.code + "; ";
  EXPECT_EQ(codes,
            "2 invalid_json; 3 not_an_object; 4 duplicate_key; 5 invalid_utf8; 6 invalid_json; 7 invalid_json; "
            "8 invalid_json; 9 invalid_json; 10 invalid_json; 11 invalid_json; 12 invalid_json; 13 invalid_json; "
            "14 invalid_json; ");
  EXPECT_EQ(got.rejects[2].raw, "{\"a\":2,\"a\":3}");
  EXPECT_EQ(got.rejects[2].byte_offset, 18);
  EXPECT_EQ(got.rejects[2].object, "input");
}

TEST_F(JsonRead, BrokenRecordsLeaveNoTraceInTheTypes) {
  const auto got = read("{\"a\":1}\n{\"a\":\"text\",\"b\":{\"c\":1},\"d\":tru}\n{\"a\":2}\n");
  EXPECT_EQ(got.schema(), "a int64");
  EXPECT_EQ(got.rejects.size(), 1);
}

TEST_F(JsonRead, KeepsNestedValues) {
  const auto got = read(
      "{\"o\":{\"x\":1,\"l\":[1,2.5]},\"e\":[]}\n{\"o\":{\"y\":\"\\u00e9\\n\"},\"e\":[{\"k\":null}]}\n{\"o\":null}\n");
  EXPECT_EQ(got.schema(),
            "o struct<x: int64, l: list<item: decimal128(2, 1)>, y: string>, e list<item: struct<k: string>>");
  EXPECT_EQ(got.rows->num_rows(), 3);
  EXPECT_EQ(got.rows->GetColumnByName("o")->null_count(), 1);
}

TEST_F(JsonRead, FlattensOnRequest) {
  const auto got = read("{\"o\":{\"x\":1,\"p\":{\"q\":\"a\"}}}\n{\"o\":{}}\n{}\n", "{nested: flatten, separator: .}");
  EXPECT_EQ(got.schema(), "o.x int64, o.p.q string");
  EXPECT_EQ(got.column("o.x"), "1 null null");
  EXPECT_THAT(error("{\"o\":{\"x\":1},\"o_x\":2}\n", "{nested: flatten}"),
              testing::HasSubstr("two columns have the name 'o_x'"));
}

TEST_F(JsonRead, MixedKindsBecomeText) {
  const auto got = read(
      "{\"s\":1,\"j\":\"x\",\"n\":{\"a\":1}}\n{\"s\":\"b\",\"j\":{\"k\": [1, "
      "1.10]},\"n\":[2]}\n{\"s\":true,\"j\":null,\"n\":3}\n");
  EXPECT_EQ(got.column("s"), "1 b true");
  EXPECT_EQ(got.column("j"), "\"x\" {\"k\": [1, 1.10]} null");
  EXPECT_EQ(got.column("n"), "{\"a\":1} [2] 3");
  EXPECT_EQ(got.description, "layout=lines json_text=[j, n]");
}

TEST_F(JsonRead, ObeysDeclaredTypes) {
  declared = arrow::schema({arrow::field("d", arrow::date32()), arrow::field("m", arrow::decimal128(5, 2)),
                            arrow::field("t", arrow::utf8()), arrow::field("absent", arrow::int32())});
  const auto got = read(
      "{\"d\":\"2026-01-31\",\"m\":1.5,\"t\":{\"a\":1}}\n{\"d\":\"soon\",\"m\":1,\"t\":\"x\"}\n{\"m\":1.005}\n"
      "{\"m\":{}}\n{\"m\":99999}\n{\"m\":2.500,\"t\":12}\n");
  EXPECT_EQ(got.schema(), "d date32[day], m decimal128(5, 2), t string, absent int32");
  EXPECT_EQ(got.column("m"), "1.50 2.50");
  EXPECT_EQ(got.column("t"), "{\"a\":1} 12");
  ASSERT_EQ(got.rejects.size(), 4);
  EXPECT_EQ(got.rejects[0].code, "invalid_date");
  EXPECT_EQ(got.rejects[0].column, "d");
  EXPECT_EQ(got.rejects[1].code, "invalid_decimal");
  EXPECT_EQ(got.rejects[3].code, "invalid_decimal");
}

TEST_F(JsonRead, GivesTheColumnsWanted) {
  columns = {"c", "a"};
  declared = arrow::schema({arrow::field("b", arrow::int64())});
  const auto got = read("{\"a\":1,\"b\":2,\"c\":3,\"d\":[{}]}\n{\"a\":1,\"b\":\"x\",\"c\":3}\n");
  EXPECT_EQ(got.schema(), "c int64, a int64");
  EXPECT_EQ(got.rows->num_rows(), 1);
  EXPECT_EQ(got.rejects.size(), 1);
  columns = {"e"};
  EXPECT_THAT(error("{\"a\":1}"), testing::HasSubstr("no column 'e'"));
}

TEST_F(JsonRead, ReadsArraysAndWrappedRecords) {
  EXPECT_EQ(read(" [ {\"a\":1}\n, {\"a\":2} ] \n").column("a"), "1 2");
  EXPECT_EQ(read("[]").rows->num_rows(), 0);
  const auto got =
      read("{\"meta\":{\"n\":\"]}\"},\"data\":{\"x\":[1],\"items\":[{\"a\":1},\n{\"a\":2}],\"y\":0},\"z\":[]}",
           "{records: data.items}");
  EXPECT_EQ(got.column("a"), "1 2");
  EXPECT_THAT(error("{\"data\":{}}", "{records: data.items}"), testing::HasSubstr("'items'"));
}

TEST_F(JsonRead, RejectsElementsWhoseEndIsKnown) {
  const auto got = read("[{\"a\":1},\n{\"a\":tru},\n5,,{\"a\" 2},\n{\"a\":3}]");
  EXPECT_EQ(got.column("a"), "1 3");
  ASSERT_EQ(got.rejects.size(), 4);
  EXPECT_EQ(got.rejects[0].line, 2);
  EXPECT_EQ(got.rejects[0].raw, "{\"a\":tru}");
  EXPECT_EQ(got.rejects[1].code, "not_an_object");
  EXPECT_EQ(got.rejects[3].line, 3);
}

TEST_F(JsonRead, DamagedDocumentsAreErrors) {
  for (const auto* text : {"[{\"a\":1}", "[{\"a\":1},", "[", "[{\"a\":1}{\"a\":2}", "[{\"a\":\"x},\n{\"a\":1}]",
                           "[{\"a\":[1}]", "[{\"a\":1}] x", "[{\"a\":1}}]"})
    EXPECT_THAT(error(text), testing::HasSubstr("input:")) << text;
}

// A NUL byte looks like the end to careless code.
TEST_F(JsonRead, KeepsTheSignOfZero) {
  const auto got = read("{\"a\":-0.00,\"b\":-0,\"c\":0.00}\n{\"a\":1.25,\"b\":7,\"c\":-1}\n");
  EXPECT_EQ(got.schema(), "a double, b double, c decimal128(3, 2)");
  EXPECT_EQ(got.column("a"), "-0 1.25");
  EXPECT_EQ(got.column("b"), "-0 7");
}

TEST_F(JsonRead, NulBytesEndNothing) {
  using namespace std::string_literals;
  for (const auto& text : {"[{\"a\":1}]\0[{\"a\":2}]"s, "[{\"a\":1},\0{\"a\":2}]"s, "{\"a\":\n1}\0{\"a\":2}"s})
    EXPECT_THAT(error(text), testing::HasSubstr("NUL byte")) << text;
  const auto lines = read("{\"a\":1}\0{\"a\":2}\n{\"a\":3}\n{\"a\":4}\n"s);
  EXPECT_EQ(lines.column("a"), "3 4");
  EXPECT_EQ(lines.rejects.size(), 1);
}

TEST_F(JsonRead, ReadsObjectsOverSeveralLines) {
  const auto got = read("{\n \"a\": 1\n}\n{\n \"a\": 2\n}{\"a\":3}");
  EXPECT_EQ(got.column("a"), "1 2 3");
  EXPECT_THAT(error("{\n\"a\": 1\n"), testing::HasSubstr("input:1"));
}

TEST_F(JsonRead, BoundsDepthAndSize) {
  const auto deep = read("{\"a\":" + std::string(70, '[') + std::string(70, ']') + "}\n{\"a\":1}\n");
  ASSERT_EQ(deep.rejects.size(), 1);
  EXPECT_EQ(deep.rejects[0].code, "too_deep");
  const std::string large = "{\"a\":\"" + std::string(700'000, 'x') + "\"}";
  for (const auto& text : {"{\"a\":\"s\"}\n" + large + "\n{\"a\":\"t\"}\n", "{\"a\":\"s\"}\n{\"a\":\"t\"}\n" + large,
                           "[{\"a\":\"s\"},\n" + large + ",{\"a\":\"t\"}]"}) {
    const auto got = read(text, "{max_record: 64KiB}");
    EXPECT_EQ(got.column("a"), "s t");
    ASSERT_EQ(got.rejects.size(), 1);
    EXPECT_EQ(got.rejects[0].code, "record_too_large");
  }
  EXPECT_EQ(read(large).rejects.size(), 0);
}

TEST_F(JsonRead, EmptyInputsHaveNoRows) {
  for (const auto* text : {"", "\n\n", "\xEF\xBB\xBF"}) {
    const auto got = read(text);
    EXPECT_EQ(got.rows->num_rows(), 0);
    EXPECT_EQ(got.rejects.size(), 0);
  }
  EXPECT_EQ(read("\xEF\xBB\xBF{\"a\":1}").column("a"), "1");
  EXPECT_THAT(error(std::string("\xFF\xFE{\0\"", 5)), testing::HasSubstr("UTF-16"));
}

TEST_F(JsonRead, DatesOnlyOnRequest) {
  EXPECT_EQ(read("{\"d\":\"2026-01-31\"}").schema(), "d string");
  EXPECT_EQ(read("{\"d\":\"2026-01-31\"}", "{infer_dates: true}").schema(), "d date32[day]");
}

// Every way to read gives the same rows, and every line is in exactly one task.
TEST_F(JsonRead, PartsCoverEveryLineOnce) {
  std::string text;
  int64_t sum = 0;
  constexpr int lines = 200'000;
  for (int i = 0; i < lines; ++i) {
    text += i % 1000 == 7 ? "broken\n"
                          : "{\"id\":" + std::to_string(i) + ",\"pad\":\"" + std::string(i % 90, 'p') + "\"}\n";
    if (i % 1000 != 7) sum += i;
  }
  for (const auto way : {BytesInput::Kind::seekable, BytesInput::Kind::rereadable, BytesInput::Kind::once}) {
    kind = way;
    auto result = try_read({text, text});
    ASSERT_TRUE(result) << result.error().to_string();
    const bool seekable = way != BytesInput::Kind::rereadable;
    EXPECT_EQ(result->tasks > 2, seekable) << result->tasks;
    EXPECT_EQ(result->rows->num_rows(), 2 * (lines - lines / 1000));
    int64_t found = 0;
    for (const auto& chunk : result->rows->GetColumnByName("id")->chunks())
      for (int64_t i = 0; i < chunk->length(); ++i) found += static_cast<const arrow::Int64Array&>(*chunk).Value(i);
    EXPECT_EQ(found, 2 * sum);
    ASSERT_EQ(result->rejects.size(), 2 * lines / 1000);
    for (size_t i = 0; i < result->rejects.size(); ++i)
      EXPECT_EQ(result->rejects[i].line, static_cast<int64_t>(i % 200) * 1000 + 8);
  }
}

TEST_F(JsonRead, SmallBatchesGiveTheSame) {
  context.context.batch_rows = 1;
  const auto got = read("{\"a\":[1,2]}\n{\"a\":}\n{\"a\":[3]}\n{\"a\":}\n");
  EXPECT_EQ(got.rows->num_rows(), 2);
  EXPECT_EQ(got.rejects.size(), 2);
}

TEST_F(JsonRead, OptionsThatContradictAreErrors) {
  EXPECT_THAT(error("", "{records: a, layout: lines}"), testing::HasSubstr("records"));
  EXPECT_THAT(error("", "{recods: a}"), testing::HasSubstr("records"));
}

}  // namespace
}  // namespace mainstem::format::json
