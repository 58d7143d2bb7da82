#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/tests/format_fixture.h"

namespace mainstem::format::json {
FormatSpec declare();
namespace {

struct JsonNested : FormatFixture {
  JsonNested() : FormatFixture(declare()) {}

  std::string codes(const Read& got) const {
    std::string text;
    for (const auto& reject : got.rejects)
      text += fmt::format("{}@{} {} {}; ", reject.line, reject.byte_offset, reject.column, reject.code);
    return text;
  }
};

constexpr const char* kOrders =
    "{\"id\":7,\"items\":[{\"sku\":\"a\",\"price\":0.10},{\"price\":12.5,\"sku\":\"b\",\"big\":12345678901234567890}],"
    "\"tags\":[\"x\",\"y\"],\"customer\":{\"id\":1,\"phones\":[\"1\"]}}\n"
    "{\"items\":[],\"id\":8,\"customer\":null}\n"
    "{\"id\":9,\"items\":null}\n"
    "{\"tags\":[null],\"items\":[{\"sku\":\"c\"}],\"id\":10,\"customer\":{\"id\":2}}\n";

TEST_F(JsonNested, ReadsListsAsTables) {
  const auto items = read(kOrders, "{rows: items, keys: [id, customer.id]}");
  EXPECT_EQ(items.schema(),
            "id int64, customer_id int64, _parent int64, _index int64, sku string, price decimal128(4, 2), "
            "big decimal128(20, 0)");
  EXPECT_EQ(items.column("id"), "7 7 10");
  EXPECT_EQ(items.column("customer_id"), "1 1 2");
  EXPECT_EQ(items.column("_parent"), "1 1 4");
  EXPECT_EQ(items.column("_index"), "1 2 1");
  EXPECT_EQ(items.column("price"), "0.10 12.50 null");
  EXPECT_EQ(items.column("big"), "null 12345678901234567890 null");
  EXPECT_EQ(items.estimated_rows, 3);
  EXPECT_EQ(items.description, "layout=lines rows=items keys=[id, customer.id]");
  const auto tags = read(kOrders, "{rows: tags, keys: id as order_id}");
  EXPECT_EQ(tags.schema(), "order_id int64, _parent int64, _index int64, value string");
  EXPECT_EQ(tags.column("value"), "x y null");
  EXPECT_EQ(read(kOrders, "{rows: customer.phones}").column("value"), "1");
}

TEST_F(JsonNested, SplitLeavesListsToTheirTables) {
  const auto orders = read(kOrders, "{nested: split}");
  EXPECT_EQ(orders.schema(), "id int64, customer_id int64");
  EXPECT_EQ(orders.column("customer_id"), "1 null null 2");
  EXPECT_EQ(orders.description, "layout=lines nested=split separator='_' lists=[items, tags, customer.phones]");
  declared = arrow::schema({arrow::field("tags", arrow::list(arrow::utf8()))});
  EXPECT_EQ(read(kOrders, "{nested: split}").schema(), "id int64, tags list<item: string>, customer_id int64");
}

TEST_F(JsonNested, ReadsListsInLists) {
  const auto got = read(
      "[{\"c\":1,\"orders\":[{\"items\":[{\"n\":1},{\"n\":2}],\"no\":\"A\"},{\"no\":\"B\"},{\"no\":\"C\",\"items\":[{"
      "\"n\":3}]}]},\n"
      "{\"c\":2,\"orders\":{\"no\":\"D\",\"items\":[{\"n\":4,\"parts\":[1]},{\"n\":{}}]}}]",
      "{rows: orders.items, keys: [c, orders.no as number]}");
  EXPECT_EQ(got.column("n"), "1 2 3 4 {}");
  EXPECT_EQ(got.column("c"), "1 1 1 2 2");
  EXPECT_EQ(got.column("number"), "A A C D D");
  EXPECT_EQ(got.column("_parent"), "1 1 1 2 2");
  EXPECT_EQ(got.column("_index"), "1 2 3 1 2");
  EXPECT_THAT(got.description, testing::HasSubstr("lists=[orders.items.parts] json_text=[n]"));
}

TEST_F(JsonNested, RejectsWhatIsNoRow) {
  const auto got = read(
      "{\"id\":1,\"items\":[{\"n\":1},5,{\"n\":2,\"n\":3},[],null,{\"n\":6}]}\n"
      "{\"id\":2,\"items\":[{\"n\":7},\n"
      "{\"id\":3,\"items\":{\"n\":8}}\n"
      "{\"id\":4,\"items\":\"x\"}\n"
      "{\"id\":5,\"items\":[{\"n\":9}],\"items\":[]}\n"
      "[1]\n"
      "{\"id\":6,\"items\":[{\"n\":10}]}\n",
      "{rows: items, keys: [id]}");
  EXPECT_EQ(got.column("n"), "1 6 10");
  EXPECT_EQ(got.column("_index"), "1 6 1");
  EXPECT_EQ(got.column("_parent"), "1 1 7");
  EXPECT_EQ(codes(got),
            "1@25 items[2] not_an_object; 1@27 items[3].n duplicate_key; 1@41 items[4] not_an_object; "
            "1@44 items[5] not_an_object; 2@59 items invalid_json; 3@85 items not_a_list; 4@110 items not_a_list; "
            "5@131 items duplicate_key; 6@169  not_an_object; ");
  EXPECT_EQ(got.rejects[1].raw, "{\"n\":2,\"n\":3}");
  EXPECT_EQ(got.rejects[4].raw, "{\"id\":2,\"items\":[{\"n\":7},");
}

TEST_F(JsonNested, RejectsElementsThatMisfit) {
  declared = arrow::schema({arrow::field("n", arrow::int32()), arrow::field("id", arrow::int64())});
  const auto got = read(
      "{\"id\":1,\"o\":[{\"items\":[{\"n\":1},{\"n\":\"many\"},{\"n\":3}]}]}\n{\"id\":\"x\",\"o\":[{\"items\":[{\"n\":"
      "4}]}]}\n",
      "{rows: o.items, keys: [id]}");
  EXPECT_EQ(got.column("n"), "1 3");
  EXPECT_EQ(codes(got), "1@31 o[1].items[2].n invalid_integer; 2@81 id invalid_integer; ");
}

TEST_F(JsonNested, NamesWhatIsNotThere) {
  EXPECT_THAT(error(kOrders, "{rows: itemz}"), testing::HasSubstr("no record has a list at 'itemz'"));
  EXPECT_THAT(error(kOrders, "{rows: items, keys: [nr]}"), testing::HasSubstr("'nr' of option 'keys'"));
  EXPECT_THAT(error(kOrders, "{keys: [id]}"), testing::HasSubstr("'rows'"));
  EXPECT_THAT(error(kOrders, "{rows: items, keys: [items.sku]}"), testing::HasSubstr("encloses the rows"));
  EXPECT_THAT(error(kOrders, "{rows: items., keys: [id]}"), testing::HasSubstr("empty name"));
  EXPECT_THAT(error(kOrders, "{rows: items, keys: [id, id as b]}"), testing::HasSubstr("twice"));
  EXPECT_THAT(error("{\"sku\":1,\"items\":[{\"sku\":2}]}", "{rows: items, keys: [sku]}"),
              testing::HasSubstr("two columns have the name 'sku'"));
  EXPECT_EQ(read("{\"id\":1,\"items\":[]}\n", "{rows: items, keys: [id]}").schema(),
            "id string, _parent int64, _index int64");
  EXPECT_EQ(read("", "{rows: items, keys: [id]}").rows->num_rows(), 0);
}

// A batch may end anywhere in a record, and a record's number goes on over the parts of a file.
TEST_F(JsonNested, BatchesAndPartsGiveTheSame) {
  std::string text;
  constexpr int records = 60'000;
  for (int i = 1; i <= records; ++i) {
    text += fmt::format("{{\"id\":{},\"pad\":\"{}\",\"l\":[", i, std::string(100, 'p'));
    for (int j = 0; j < i % 4; ++j) text += fmt::format("{}{}", j == 0 ? "" : ",", i * 10 + j);
    text += "]}\n";
  }
  for (const int64_t batch_rows : {3, 100'000}) {
    context.context.batch_rows = batch_rows;
    auto got = try_read({text, text}, "{rows: l, keys: [id]}");
    ASSERT_TRUE(got) << got.error().to_string();
    EXPECT_GT(got->tasks, 2);
    EXPECT_EQ(got->rows->num_rows(), 2 * records / 4 * 6);
    EXPECT_TRUE(got->rows->GetColumnByName("id")->Equals(*got->rows->GetColumnByName("_parent")));
    EXPECT_EQ(got->rejects.size(), 0);
  }
}

}  // namespace
}  // namespace mainstem::format::json
