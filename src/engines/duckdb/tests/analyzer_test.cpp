#include "engines/duckdb/analyzer.h"

#include <fmt/format.h>

#include "engines/duckdb/tests/fixture.h"

namespace mainstem::engines::duckdb {
namespace {

std::string written(const std::vector<engine::Reference>& references) {
  std::string text;
  for (const auto& reference : references)
    text += fmt::format("{}{}{}:{}", text.empty() ? "" : " ", reference.schema.empty() ? "" : reference.schema + ".",
                        reference.name, reference.uses);
  return text;
}

TEST(Analyzer, References) {
  const auto analyzer = must(make_engine()->open_analyzer());
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"select 1", ""},
      {"select * from orders", "orders:1"},
      {"from orders;", "orders:1"},
      {"table orders", "orders:1"},
      {"select * from a join b using (id) left join mart.\"C d\" c on true", "a:1 b:1 mart.C d:1"},
      {"select * from a x join A y using (id)", "a:2"},
      {"with c as (select * from a) select * from c", "a:1"},
      {"with c as (select * from a) select * from c x join c y using (id)", "a:2"},
      {"with c as (select * from a), d as (select * from c, c c2) select * from d, d d2", "a:4"},
      {"with a as (select * from a) select * from a", "a:1"},
      {"with A as (select 1) select * from a, b.a", "b.a:1"},
      {"with unused as (select * from a) select 1", "a:1"},
      {"select * from (with a as (select 1) select * from a), a", "a:1"},
      {"select (select max(x) from b where b.id = a.id) from a where exists (select 1 from c) and x in (select y from "
       "d)",
       "a:1 b:1 c:1 d:1"},
      {"select * from a union all select * from b except select * from c", "a:1 b:1 c:1"},
      {"with recursive r as (select id from a union all select e.id from r join edges e using (id)) select * from r",
       "a:1 edges:2"},
      {"select * from a, lateral (select * from b where b.id = a.id) l, range(3), (values (1)) v", "a:1 b:1"},
      {"pivot sales on year in (2020, 2021) using sum(amount)", "sales:1"},
      {"unpivot sales on x, y into name n value v", "sales:1"},
      {"select sum(x) over w, case when x > (select min(x) from b) then 1 end from a window w as (order by x)",
       "a:1 b:1"},
      {"select * from a order by (select count(*) from b) limit (select 3 from c)", "a:1 b:1 c:1"},
      {"select * from db.main.a", "db.main.a:1"},
      {"select * from 'file.csv'", "file.csv:1"},
  };
  for (const auto& [sql, expected] : cases) {
    const auto references = analyzer->references(sql);
    ASSERT_TRUE(references) << sql << ": " << references.error().to_string();
    EXPECT_EQ(written(*references), expected) << sql;
  }
}

TEST(Analyzer, MistakesCarryTheirPlace) {
  const auto analyzer = must(make_engine()->open_analyzer());
  const auto syntax = analyzer->references("select *\nfrm a b");
  ASSERT_FALSE(syntax);
  EXPECT_EQ(syntax.error().code(), ErrorCode::invalid_config);
  ASSERT_TRUE(syntax.error().position()) << syntax.error().to_string();
  EXPECT_EQ(syntax.error().position()->line, 2);
  for (const char* sql : {"", "drop table a", "select 1; select 2", "select * from read_csv('x')", "select 'open"})
    EXPECT_FALSE(analyzer->references(sql)) << sql;
  const auto two = analyzer->references("select ';' as a;\n drop table a");
  EXPECT_EQ(two.error().message(), "the text consists of several statements");
  EXPECT_EQ(two.error().position()->column, 16);
}

TEST(Analyzer, NothingHidesAFunction) {
  const auto analyzer = must(make_engine()->open_analyzer());
  const std::vector<std::pair<std::string, int>> cases = {
      {"select * from query('select 1')", 15},
      {"select * from -- \rquery('select 1')", 19},
      {"select * from query\u00a0('select 1')", 15},
      {"select * from \u200bquery(\u3000'select 1')", 16},
      {"select e'a'\n'b\\'' from query('--')", 12},
      {"select 1,1e'' from query('--')", 20},
      {"select $a\u00a0$ ' $a\u00a0$ from query('--')", 25},
  };
  for (const auto& [sql, column] : cases) {
    const auto references = analyzer->references(sql);
    ASSERT_FALSE(references) << sql;
    EXPECT_EQ(references.error().code(), ErrorCode::permission_denied) << sql;
    ASSERT_TRUE(references.error().position()) << sql;
    EXPECT_EQ(references.error().position()->column, column) << sql;
  }
}

TEST(Analyzer, WideBlanksLeavePlacesAsTheyAre) {
  const auto analyzer = must(make_engine()->open_analyzer());
  EXPECT_EQ(written(must(analyzer->references("select\u00a0'\u00a0'\u3000from\ufeffa\u2060"))), "a:1");
  const auto mistake = analyzer->references("select\u00a01\u3000frm b c");
  ASSERT_FALSE(mistake);
  ASSERT_TRUE(mistake.error().position());
  EXPECT_EQ(mistake.error().position()->column, 14);
  EXPECT_FALSE(analyzer->references(std::string("select 1\0 from a", 16)));
}

std::vector<engine::KnownTable> tables() {
  using arrow::field;
  return {
      {"a", arrow::schema({field("x", arrow::int32()), field("y", arrow::int32()), field("z", arrow::utf8())})},
      {"b", arrow::schema({field("x", arrow::int32()), field("w", arrow::decimal128(9, 2))})},
      {"Odd \"name\"",
       arrow::schema({field("l", arrow::list(arrow::int32())), field("s", arrow::struct_({field("p", arrow::int32())})),
                      field("j", arrow::utf8())})},
  };
}

TEST(Analyzer, Describe) {
  const auto analyzer = must(make_engine()->open_analyzer());
  EXPECT_EQ(must(analyzer->describe("select x, sum(y) as s, max(w) as m from a join b using (x) group by x", tables()))
                ->ToString(),
            "x: int32\ns: decimal128(38, 0)\nm: decimal128(9, 2)");
  EXPECT_EQ(must(analyzer->describe("from \"odd \"\"NAME\"\"\"", tables()))->ToString(),
            "l: list<item: int32>\ns: struct<p: int32>\nj: string");
  // Nothing is left behind, neither after success nor after failure.
  EXPECT_EQ(analyzer->describe("from a", {}).error().code(), ErrorCode::invalid_config);
  EXPECT_FALSE(analyzer->describe("select nosuch from a", tables()));
  EXPECT_FALSE(analyzer->describe("from a", {tables()[0], tables()[0]}));
  EXPECT_TRUE(analyzer->describe("from a", tables()));
}

TEST(Analyzer, ValuesOfATypeAndPatterns) {
  const auto analyzer = must(make_engine()->open_analyzer());
  EXPECT_TRUE(analyzer->check_value("2026-01-31", *arrow::date32()));
  EXPECT_TRUE(analyzer->check_value("2026-01-31", *arrow::timestamp(arrow::TimeUnit::MICRO, "UTC")));
  EXPECT_TRUE(analyzer->check_value("1.50", *arrow::decimal128(4, 2)));
  const auto no_day = analyzer->check_value("2026-13-45", *arrow::date32());
  ASSERT_FALSE(no_day);
  EXPECT_EQ(no_day.error().code(), ErrorCode::invalid_config);
  EXPECT_FALSE(analyzer->check_value("1' as date) --", *arrow::date32()));
  EXPECT_FALSE(analyzer->check_value("99999999999999999999", *arrow::int64()));
  EXPECT_TRUE(analyzer->check_pattern("it's|[a-z]+"));
  const auto open = analyzer->check_pattern("(a");
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().code(), ErrorCode::invalid_config);
  EXPECT_EQ(open.error().message(), "missing ): (a");
}

std::string written(const std::vector<engine::ColumnLineage>& lineage) {
  std::string text;
  for (const auto& column : lineage) {
    text += (text.empty() ? "" : " ") + column.column + "(";
    for (size_t i = 0; i < column.origins.size(); ++i)
      text += (i == 0 ? "" : ",") + column.origins[i].table + "." + column.origins[i].column;
    text += ")";
  }
  return text;
}

TEST(Analyzer, Lineage) {
  const auto analyzer = must(make_engine()->open_analyzer());
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"select 1 as k, now() as t", "k() t()"},
      {"select * from a", "x(a.x) y(a.y) z(a.z)"},
      {"select z, x + y as s from a where y > 3 order by x limit 3", "z(a.z) s(a.x,a.y)"},
      {"select y, x from a", "y(a.y) x(a.x)"},
      {"select * exclude (z), x * 2 as d from a", "x(a.x) y(a.y) d(a.x)"},
      {"select * replace (upper(z) as z) from a", "x(a.x) y(a.y) z(a.z)"},
      {"select columns('x|y') + 1 from a", "x(a.x) y(a.y)"},
      {"select * from a join b using (x)", "x(a.x) y(a.y) z(a.z) w(b.w)"},
      {"select a.x, b.x as bx, w from a left join b on a.x = b.x", "x(a.x) bx(b.x) w(b.w)"},
      {"select x from a semi join b using (x)", "x(a.x)"},
      {"select x, w from a asof join b on a.x >= b.x", ""},  // ambiguous: refused
      {"select a.x, row_number() over (partition by y order by z) as n from a qualify n = 1", "x(a.x) n(a.y,a.z)"},
      {"select y, count(*) as c, sum(x) filter (where z = 'k') as f from a group by y having max(x) > 1",
       "y(a.y) c() f(a.x,a.z)"},
      {"select count(*) filter (where z = 'k') as c from a", "c(a.z)"},
      {"select exists (select 1 from b where b.x = a.y) as e, z from a", "e(a.y) z(a.z)"},
      {"select x from a union all select w from b", "x(a.x,b.w)"},
      {"select x from a except select w from b", "x(a.x)"},
      {"with c as (select x + y as s from a), d as (select s, s as t from c) select d.t, c.s from c join d using (s)",
       "t(a.x,a.y) s(a.x,a.y)"},
      {"with c as materialized (select x p from a), d as materialized (select w q from b) select p + q as r, q from c, "
       "d",
       "r(a.x,b.w) q(b.w)"},
      {"with recursive r as (select x as i, y as o from a union all select o, w::int from r join b on i = x) from r",
       "i(a.x,a.y,b.w) o(a.y,b.w)"},
      {"select (select max(w) from b where b.x = a.x) as m, y from a", "m(b.w) y(a.y)"},
      {"select a.x, l.w from a, lateral (select w + a.y as w from b where b.x = a.x) l", "x(a.x) w(a.y,b.w)"},
      {"select x in (select x from b) as i, y from a", "i(a.x,b.x) y(a.y)"},
      {"select y from a where exists (select 1 from b where b.x = a.y)", "y(a.y)"},
      {"select unnest(l) as u, s.p as p from \"Odd \"\"name\"\"\"", "u(Odd \"name\".l) p(Odd \"name\".s)"},
      {"select e.value from \"Odd \"\"name\"\"\" o, json_each(o.j) e", "value(Odd \"name\".j)"},
      {"select case when x > 1 then y else 0 end as k, list_transform([x], e -> e + y) as t from a",
       "k(a.x,a.y) t(a.x,a.y)"},
      {"select distinct on (x) x, y from a order by z", "x(a.x) y(a.y)"},
      {"select p, q from (values (1, 2)) t(p, q)", "p() q()"},
      {"pivot a on y in (1, 2) using sum(x)", "z(a.z) 1(a.x,a.y) 2(a.x,a.y)"},
      {"unpivot a on x, y into name n value v", "z(a.z) n() v(a.x,a.y)"},
      {"select x, grouping(x) as g from a group by rollup (x)", "x(a.x) g()"},
      {"select z from a tablesample 10%", "z(a.z)"},
      {"select t.x from (select * from a) t, range(3)", "x(a.x)"},
      {"select a.z, b.w from a positional join b", "z(a.z) w(b.w)"},
      {"select coalesce(a.x, b.x) as x, c.z from a full join b on a.x = b.x cross join a c", "x(a.x,b.x) z(a.z)"},
  };
  for (const auto& [sql, expected] : cases) {
    const auto lineage = analyzer->lineage(sql, tables());
    if (expected.empty()) {
      EXPECT_FALSE(lineage) << sql;
      continue;
    }
    ASSERT_TRUE(lineage) << sql << ": " << lineage.error().to_string();
    EXPECT_EQ(written(*lineage), expected) << sql;
  }
}

}  // namespace
}  // namespace mainstem::engines::duckdb
