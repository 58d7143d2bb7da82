#include "pipeline/steps.h"

#include <gtest/gtest.h>

#include "config/yaml.h"

namespace mainstem::pipeline {
namespace {

Result<std::string> compiled(std::string_view yaml) {
  auto node = config::read_yaml(yaml, "f");
  EXPECT_TRUE(node) << yaml;
  return compile_steps("my table", *node);
}

std::string sql_of(std::string_view yaml) {
  auto sql = compiled(yaml);
  EXPECT_TRUE(sql) << sql.error().to_string();
  return sql ? *sql : "";
}

TEST(Steps, CompileToSql) {
  EXPECT_EQ(sql_of("[rename: {a: b, \"c\\\"\": d}]"), R"(select * rename ("a" as "b", "c""" as "d") from "my table")");
  EXPECT_EQ(sql_of("[cast: {a: int, b: numeric}]"),
            R"(select * replace (cast("a" as integer) as "a", cast("b" as decimal(38,9)) as "b") from "my table")");
  EXPECT_EQ(sql_of("[trim: [a, b]]"), R"(select * replace (trim("a") as "a", trim("b") as "b") from "my table")");
  EXPECT_EQ(sql_of("[drop: a]"), R"(select * exclude ("a") from "my table")");
  EXPECT_EQ(sql_of("[filter: a > 1 -- big]"), "select * from \"my table\" where (a > 1 -- big\n)");
  EXPECT_EQ(
      sql_of("[dedupe: {key: [a, b], latest: at}]"),
      "select * from \"my table\" qualify row_number() over (partition by \"a\", \"b\" order by \"at\" desc nulls "
      "last) = 1");
  EXPECT_EQ(
      sql_of("[lookup: {from: c, on: {a: id}, take: [n, m]}]"),
      "select t.*, l.\"n\", l.\"m\" from \"my table\" as t left join (select * from \"c\" where \"id\" is not null "
      "qualify case when count(*) over (partition by \"id\") > 1 then error('lookup: a key occurs twice in c') else "
      "true end) as l on t.\"a\" = l.\"id\"");
  EXPECT_EQ(sql_of("[flatten: {column: j, fields: {a.b: int, \"it's\": text}}]"),
            "select * exclude (\"j\"), cast(json_extract_string(\"j\", '$.\"a\".\"b\"') as integer) as \"a_b\", "
            "cast(json_extract_string(\"j\", '$.\"it''s\"') as text) as \"it's\" from \"my table\"");
  EXPECT_TRUE(sql_of("[flatten: {column: j, keep: true, fields: {a: text}}]").starts_with("select *, cast("));
}

TEST(Steps, ReadEachOther) {
  EXPECT_EQ(sql_of("[drop: a, drop: b, drop: c]"),
            "with _mainstem_step_1 as (select * exclude (\"a\") from \"my table\"),\n_mainstem_step_2 as (select "
            "* exclude (\"b\") from _mainstem_step_1)\nselect * exclude (\"c\") from _mainstem_step_2");
}

TEST(Steps, RefuseWhatMakesNoSense) {
  for (const auto* yaml :
       {"[]", "drop: a", "[drop]", "[drop: []]", "[drop: a, trim: {a: b}]", "[{drop: a, trim: b}]", "[rename: {}]",
        "[rename: a]", "[cast: {a: blub}]", "[cast: {a: \"int); drop table x\"}]", "[dedupe: {key: a}]",
        "[dedupe: {key: [], latest: a}]", "[lookup: {from: c, on: [], take: a}]",
        "[lookup: {from: c, on: a, take: []}]", "[flatten: {column: j, fields: {}}]",
        "[flatten: {column: j, fields: {a..b: text}}]", "[flatten: {column: j, fields: {a.: text}}]", "[nothing: a]"}) {
    auto sql = compiled(yaml);
    ASSERT_FALSE(sql) << yaml;
    EXPECT_EQ(sql.error().code(), ErrorCode::invalid_config) << yaml;
    EXPECT_TRUE(sql.error().position()) << yaml;
  }
}

TEST(Steps, AreListedForDocs) {
  std::vector<std::string> names;
  const auto table = step_options();
  for (const auto& option : table->options) names.push_back(option.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"rename", "cast", "trim", "drop", "filter", "dedupe", "lookup", "flatten"}));
}

}  // namespace
}  // namespace mainstem::pipeline
