// Arbitrary bytes as YAML, and what can be read of it as each part of the pipeline language that needs no files: the
// first byte chooses the part. A mistake is an error with a place, never a crash.
#include <arrow/api.h>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/cron.h"
#include "columnar/type_name.h"
#include "config/references.h"
#include "config/yaml.h"
#include "pipeline/checks.h"
#include "pipeline/read_tests.h"
#include "pipeline/spec_fields.h"
#include "pipeline/sql_text.h"
#include "pipeline/steps.h"

namespace mainstem::pipeline {
namespace {

template <class T>
void expect_place(const Result<T>& result) {
  if (!result) CHECK(result.error().position().has_value(), "an error in a file has its place");
}

void read_frames(const config::Node& node) {
  expect_place(pipeline_fields().read(node));
  expect_place(project_fields().read(node));
  expect_place(source_fields().read(node));
  expect_place(transform_fields().read(node));
  expect_place(target_fields().read(node));
  expect_place(mask_fields().read(node));
}

void read_parts(const config::Node& node) {
  ErrorList errors;
  auto checks = read_checks(node, errors);
  make_names_unique(checks);
  read_tests(node, "model", errors);
  for (const auto& error : errors.take_sorted())
    CHECK(error.position().has_value(), "an error in a file has its place");
  expect_place(compile_steps("input", node));
  expect_place(read_contract_columns(node));
  expect_place(read_budget(node));
}

void read_references(config::Node node) {
  const config::Resolver resolver{.env = [](const std::string&) { return std::optional<std::string>("value"); },
                                  .file = {},
                                  .param = [](const std::string&) { return std::optional<std::string>("it's"); }};
  auto expanded = config::expand_references(std::move(node), resolver, {"sql"});
  if (expanded) read_frames(*expanded);
}

void read_sql(std::string_view text) {
  const SqlText sql{.text = std::string(text), .place = {.first = {.file = "f", .line = 1, .column = 1}}};
  place_of_name(sql, "a");
  const auto end = without_end(text);
  CHECK(without_end(end) == end, "what has no end left has none to lose");
  if (const auto header = sql_file_header(text); !header.empty()) expect_place(config::read_yaml(header, "f"));
}

void read_words(std::string_view text) {
  if (auto type = columnar::parse_type(text)) {
    const auto again = columnar::parse_type(columnar::type_name(**type));
    CHECK(again && (*again)->Equals(**type), "a type's name reads as the type");
  }
  if (auto cron = parse_cron(text)) CHECK(cron->minutes != 0 && cron->hours != 0, "a schedule has times");
}

void read_part(char part, std::string_view text) {
  if (part == 's') return read_sql(text);
  if (part == 'w') return read_words(text);
  auto node = config::read_yaml(text, "f");
  expect_place(node);
  if (!node) return;
  if (part == 'p') return read_parts(*node);
  if (part == 'r') return read_references(*std::move(node));
  read_frames(*node);
}

}  // namespace
}  // namespace mainstem::pipeline

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  mainstem::pipeline::read_part(text.front(), text.substr(1));
  return 0;
}
