// Every mistake in a file has a folder in tests/golden/errors: a small project, and in expected.txt all that Mainstem
// says about it. MAINSTEM_ACCEPT=1 rewrites expected.txt. `options.yaml` of a case stands for the command line.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>

#include "config/fields.h"
#include "pipeline/files.h"
#include "pipeline/tests/toy_project.h"

namespace mainstem::pipeline {
namespace {

namespace fs = std::filesystem;

struct CommandLine {
  std::string environment;
  NamedTexts params;
  NamedTexts overrides;
  std::vector<std::string> pipelines;
};

CommandLine read_command_line(const std::string& folder) {
  const auto fields = config::Fields<CommandLine>()
                          .optional("env", &CommandLine::environment, "")
                          .optional("params", &CommandLine::params, "")
                          .optional("overrides", &CommandLine::overrides, "")
                          .optional("pipelines", &CommandLine::pipelines, "");
  if (!fs::exists(folder + "/options.yaml")) return {};
  const auto node = read_yaml_file(folder + "/options.yaml");
  EXPECT_TRUE(node) << folder;
  auto read = fields.read(*node);
  EXPECT_TRUE(read) << folder;
  return read ? *read : CommandLine{};
}

std::vector<std::string> cases() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(MAINSTEM_SOURCE_DIR "/tests/golden/errors"))
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

class GoldenErrors : public testing::TestWithParam<std::string> {};

TEST_P(GoldenErrors, AreAsExpected) {
  const auto folder = MAINSTEM_SOURCE_DIR "/tests/golden/errors/" + GetParam();
  const auto command = read_command_line(folder);
  auto options = toy_options();
  options.environment = command.environment;
  options.params = command.params;
  options.overrides = command.overrides;
  if (!command.pipelines.empty()) options.pipelines = command.pipelines;

  const auto found = error_lines(load_with_errors(folder, options, toy_connectors()).errors, folder);
  EXPECT_NE(found, "") << "a case without a mistake";
  const auto path = folder + "/expected.txt";
  if (std::getenv("MAINSTEM_ACCEPT") != nullptr) std::ofstream(path, std::ios::binary) << found;
  std::ifstream file(path, std::ios::binary);
  const std::string expected{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(found, expected) << "MAINSTEM_ACCEPT=1 rewrites the file";
}

INSTANTIATE_TEST_SUITE_P(Cases, GoldenErrors, testing::ValuesIn(cases()),
                         [](const auto& instance) { return instance.param; });

}  // namespace
}  // namespace mainstem::pipeline
