#include "config/json_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/fields.h"
#include "config/reference_page.h"
#include "config/yaml.h"

namespace mainstem::config {
namespace {

enum class Mode { off, strict };

struct Tls {
  Mode mode = Mode::strict;
};

struct Options {
  std::string host;
  int port = 5432;
  bool fast = false;
  ByteCount memory = mebibytes(64);
  std::chrono::milliseconds pause{1500};
  Secret password;
  std::vector<std::string> keys;
  std::vector<std::pair<std::string, std::string>> types;
  Tls tls;
  Node extra;
};

}  // namespace

template <>
struct EnumNames<Mode> {
  static constexpr std::array<std::pair<std::string_view, Mode>, 2> names{
      {{"off", Mode::off}, {"strict", Mode::strict}}};
};

namespace {

const Fields<Tls>& tls_fields() {
  static const auto fields = Fields<Tls>().optional("mode", &Tls::mode, "How strict.");
  return fields;
}

const Fields<Options>& fields() {
  static const auto all = Fields<Options>()
                              .required("host", &Options::host, "Name | address.", {.examples = {"db.internal"}})
                              .optional("port", &Options::port, "TCP port.", {.min = 1, .max = 65535})
                              .optional("fast", &Options::fast, "Faster.")
                              .optional("memory", &Options::memory, "Memory.")
                              .optional("pause", &Options::pause, "Pause.", {.since = "0.2"})
                              .optional("password", &Options::password, "Password.")
                              .optional("keys", &Options::keys, "Keys.")
                              .optional("types", &Options::types, "Types.")
                              .table("tls", &Options::tls, tls_fields(), "TLS.")
                              .optional("extra", &Options::extra, "More.");
  return all;
}

Node schema() {
  auto node = read_json(json_schema(fields().table(), "Options"), "schema.json");
  EXPECT_TRUE(node) << node.error().to_string();
  return node ? *node : Node{};
}

const Node& at(const Node& node, std::initializer_list<std::string_view> path) {
  static const Node nothing;
  const Node* found = &node;
  for (const auto& key : path) {
    found = found->is_list() && key == "0" ? &found->items().at(0) : found->find(key);
    if (found == nullptr) return nothing;
  }
  return *found;
}

TEST(JsonSchema, DescribesEveryOption) {
  const auto node = schema();
  EXPECT_EQ(at(node, {"additionalProperties"}).text(), "false");
  EXPECT_EQ(at(node, {"required", "0"}).text(), "host");
  EXPECT_EQ(at(node, {"properties", "host", "description"}).text(), "Name | address.");
  EXPECT_EQ(at(node, {"properties", "host", "examples", "0"}).text(), "db.internal");
  EXPECT_EQ(at(node, {"properties", "port", "anyOf", "0", "maximum"}).text(), "65535");
  EXPECT_EQ(at(node, {"properties", "port", "default"}).text(), "5432");
  EXPECT_FALSE(at(node, {"properties", "port", "default"}).quoted());
  EXPECT_EQ(at(node, {"properties", "fast", "anyOf", "0", "type"}).text(), "boolean");
  EXPECT_EQ(at(node, {"properties", "memory", "default"}).text(), "64MiB");
  EXPECT_EQ(at(node, {"properties", "pause", "default"}).text(), "1s500ms");
  EXPECT_EQ(at(node, {"properties", "password", "writeOnly"}).text(), "true");
  EXPECT_EQ(at(node, {"properties", "keys", "anyOf", "0", "type"}).text(), "array");
  EXPECT_EQ(at(node, {"properties", "types", "type"}).text(), "object");
  EXPECT_EQ(at(node, {"properties", "tls", "properties", "mode", "anyOf", "0", "enum", "0"}).text(), "off");
  EXPECT_EQ(at(node, {"properties", "tls", "properties", "mode", "default"}).text(), "strict");
  EXPECT_EQ(at(node, {"properties", "extra", "type"}).kind(), Node::Kind::null);
}

TEST(ReferencePage, HasARowForEveryOption) {
  const auto page = reference_table(fields().table());
  EXPECT_THAT(page, ::testing::HasSubstr("| `host` | text | required | Name \\| address. Example: `db.internal`. |\n"));
  EXPECT_THAT(page, ::testing::HasSubstr("| `port` | integer | `5432` | TCP port. 1 to 65535. |\n"));
  EXPECT_THAT(page, ::testing::HasSubstr("| `tls.mode` | `off`, `strict` | `strict` | How strict. |\n"));
  EXPECT_THAT(page, ::testing::HasSubstr("| `pause` | duration | `1s500ms` | Pause. Since 0.2. |\n"));
}

}  // namespace
}  // namespace mainstem::config
