#include "config/references.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/convert.h"
#include "config/yaml.h"

namespace mainstem::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Resolver resolver() {
  return {.env = [](const std::string& name) -> std::optional<std::string> {
            if (name == "PASSWORD") return "s3cret${env:PASSWORD}";
            if (name == "PORT") return "5432";
            if (name == "EMPTY") return "";
            return std::nullopt;
          },
          .file = [](const std::string& path) -> Result<std::string> {
            if (path == "/run/key") return std::string("k3y\r\n");
            return Error(ErrorCode::not_found, "no such file: '" + path + "'");
          },
          .param = [](const std::string& name) -> std::optional<std::string> {
            if (name == "day") return "2026-01-01";
            if (name == "quoted") return "o'clock";
            if (name == "slash") return "a\\'";
            return std::nullopt;
          }};
}

Result<Node> expanded(std::string_view yaml) {
  auto node = read_yaml(yaml, "f.yaml");
  EXPECT_TRUE(node) << yaml;
  return expand_references(*node, resolver(), {"sql"});
}

std::string text(std::string_view yaml) {
  auto node = expanded(yaml);
  EXPECT_TRUE(node) << node.error().to_string();
  return node && node->find("a") != nullptr ? node->find("a")->text() : "";
}

std::string failure(std::string_view yaml) {
  auto node = expanded(yaml);
  EXPECT_FALSE(node) << yaml;
  return node ? "" : node.error().to_string();
}

TEST(References, AreReplacedOnce) {
  EXPECT_EQ(text("a: \"${env:PASSWORD}\""), "s3cret${env:PASSWORD}");
  EXPECT_EQ(text("a: x-${param:day}/${env:PORT}.csv"), "x-2026-01-01/5432.csv");
  EXPECT_EQ(text("a: \"${file:/run/key}\""), "k3y");
  EXPECT_EQ(text("a: \"<${env:EMPTY}>\""), "<>");
}

TEST(References, TakeDefaultsForWhatIsMissing) {
  EXPECT_EQ(text("a: \"${env:NO:-localhost:80}\""), "localhost:80");
  EXPECT_EQ(text("a: \"${env:NO:-}\""), "");
  EXPECT_EQ(text("a: \"${file:/no:-x}\""), "x");
  EXPECT_EQ(text("a: \"${param:no:-x}\""), "x");
  EXPECT_EQ(text("a: \"${env:PORT:-1}\""), "5432");
}

TEST(References, CanBeEscaped) {
  EXPECT_EQ(text("a: $${env:NO} costs $5 or ${param:day}"), "${env:NO} costs $5 or 2026-01-01");
  EXPECT_EQ(text("a: \"${param:day}$${x}\""), "2026-01-01${x}");
  EXPECT_EQ(text("a: \"$\""), "$");
}

TEST(References, MarkWhatMustNotBeShown) {
  auto node = expanded("s: \"x${env:PASSWORD}\"\nf: \"${file:/run/key}\"\nd: \"${env:NO:-x}\"\np: \"${param:day}\"\n");
  ASSERT_TRUE(node);
  EXPECT_TRUE(node->find("s")->sensitive());
  EXPECT_TRUE(node->find("f")->sensitive());
  EXPECT_FALSE(node->find("d")->sensitive());
  EXPECT_FALSE(node->find("p")->sensitive());
  EXPECT_THAT(read_integer(*node->find("s")).error().to_string(), Not(HasSubstr("s3cret")));
  EXPECT_THAT(Conversion<ByteCount>::read(*node->find("f")).error().to_string(), Not(HasSubstr("k3y")));
  EXPECT_THAT(unknown_choice(*node->find("f"), {"k3"}).to_string(), Not(HasSubstr("k3y")));
}

TEST(References, InQuotesCanStandForNumbersAndBooleans) {
  auto node = expanded("{n: \"${env:PORT}\", b: \"${param:no:-true}\", t: \"${param:no:-true}!\"}");
  ASSERT_TRUE(node);
  EXPECT_EQ(*read_integer(*node->find("n")), 5432);
  EXPECT_TRUE(*read_boolean(*node->find("b")));
  EXPECT_TRUE(node->find("t")->quoted());
}

TEST(References, ErrorsPointAtTheReference) {
  EXPECT_THAT(failure("a: {b: [1, \"ü ${env:NO}\"]}"), HasSubstr("f.yaml:1:15: environment variable 'NO' is not set"));
  EXPECT_THAT(failure("a: |\n  x\n  y ${param:no}\n"), HasSubstr("f.yaml:3:5: parameter 'no' has no value"));
  EXPECT_THAT(failure("a: \"${file:/no}\""), HasSubstr("f.yaml:1:5: reading a reference: no such file"));
  EXPECT_THAT(failure("a: \"${vault:kv/x#y}\""),
              HasSubstr("unknown kind of reference 'vault' (known: env, file, param"));
  EXPECT_THAT(failure("a: ${HOME}/x"), HasSubstr("write ${env:HOME}"));
  EXPECT_THAT(failure("a: \"${:HOME}\""), HasSubstr("write ${env:HOME}"));
  EXPECT_THAT(failure("a: \"${env:}\""), HasSubstr("names nothing"));
  EXPECT_THAT(failure("a: \"x ${env:A\""), HasSubstr("f.yaml:1:7: a reference is not closed"));
}

TEST(References, BecomeLiteralsInSql) {
  auto node = expanded("sql: select * from t where d = ${param:day} and x = ${param:quoted}");
  ASSERT_TRUE(node);
  EXPECT_EQ(node->find("sql")->text(), "select * from t where d = '2026-01-01' and x = 'o''clock'");
  EXPECT_THAT(failure("sql: select ${param:slash}"), HasSubstr("f.yaml:1:13: a parameter in SQL may not hold"));
  EXPECT_THAT(failure("sql: select ${env:PASSWORD}"), HasSubstr("may not stand here"));
}

}  // namespace
}  // namespace mainstem::config
