#include "pipeline/load.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "pipeline/tests/toy_project.h"

namespace mainstem::pipeline {
namespace {

constexpr std::string_view kPipeline = R"(pipeline: p
sources: {customers: {from: crm, table: customers}}
targets: [{model: customers, to: dwh, table: customers}]
)";

constexpr std::string_view kProject = R"(project: shop
description: A shop.
connections:
  crm: {type: database, host: crm.internal, port: 5433, password: "${env:CRM_PASSWORD}"}
  dwh: {type: database, host: dwh.internal, password: "${file:secrets/dwh}"}
environments:
  dev:
    connections:
      dwh: {type: files, root: out}
      crm: {host: localhost}
      extra: {type: feed}
    params: {limit: 10}
    defaults: {threads: 1, retry: {attempts: 2}}
  prod: {}
params: {limit: 1000, day: "2026-01-01"}
defaults: {memory: 2GiB, threads: 8, retry: {attempts: 3, pause: 2s}, timezone: Europe/Berlin}
)";

std::string text_at(const ConnectionSpec& connection, std::string_view key) {
  const auto* node = connection.options.find(key);
  return node == nullptr ? "(none)" : node->text();
}

const ConnectionSpec& connection(const Project& project, std::string_view name) {
  auto found = project.connection(name);
  EXPECT_TRUE(found) << name;
  return **found;
}

TEST(Load, ReadsTheProject) {
  ToyProject files;
  files.write("mainstem.yaml", kProject);
  files.write("secrets/dwh", "from file\n");
  files.write("pipelines/p.yaml", kPipeline);
  EXPECT_EQ(files.errors(), "");
  const auto project = files.load().project;
  EXPECT_EQ(project.name, "shop");
  EXPECT_EQ(project.description, "A shop.");
  EXPECT_EQ(project.environment, "");
  EXPECT_EQ(project.environments, (std::vector<std::string>{"dev", "prod"}));
  EXPECT_EQ(project.defaults.memory, gibibytes(2));
  EXPECT_EQ(project.defaults.threads, 8);
  EXPECT_EQ(project.defaults.retry.attempts, 3);
  EXPECT_EQ(project.defaults.retry.pause, std::chrono::seconds(2));
  EXPECT_EQ(project.defaults.timezone, "Europe/Berlin");
  EXPECT_EQ(text_at(connection(project, "crm"), "password"), "pa$$word");
  EXPECT_TRUE(connection(project, "crm").options.find("password")->sensitive());
  EXPECT_EQ(text_at(connection(project, "dwh"), "password"), "from file");
  EXPECT_EQ(connection(project, "dwh").options.find("type"), nullptr);
  EXPECT_EQ(connection(project, "dwh").position.line, 5);
  ASSERT_TRUE(project.pipeline("p"));
  auto unknown = project.pipeline("q");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code(), ErrorCode::invalid_config);
}

TEST(Load, HasDefaults) {
  const auto defaults = ToyProject().load().project.defaults;
  EXPECT_EQ(defaults.memory, std::nullopt);
  EXPECT_EQ(defaults.threads, std::nullopt);
  EXPECT_EQ(defaults.retry.attempts, 5);
  EXPECT_EQ(defaults.timezone, "UTC");
}

TEST(Load, EnvironmentReplacesConnectionsWithATypeAndChangesOthers) {
  ToyProject files;
  files.write("mainstem.yaml", kProject);
  auto options = toy_options();
  options.environment = "dev";
  // The secret of the replaced connection is not asked for.
  EXPECT_EQ(files.errors(options), "");
  const auto project = files.load(options).project;
  EXPECT_EQ(project.environment, "dev");
  EXPECT_EQ(connection(project, "dwh").type, "files");
  EXPECT_EQ(text_at(connection(project, "dwh"), "root"), "out");
  EXPECT_EQ(text_at(connection(project, "dwh"), "host"), "(none)");
  EXPECT_EQ(connection(project, "crm").type, "database");
  EXPECT_EQ(text_at(connection(project, "crm"), "host"), "localhost");
  EXPECT_EQ(text_at(connection(project, "crm"), "port"), "5433");
  EXPECT_EQ(connection(project, "extra").type, "feed");
  EXPECT_EQ(project.defaults.threads, 1);
  EXPECT_EQ(project.defaults.memory, gibibytes(2));
  EXPECT_EQ(project.defaults.retry.attempts, 2);
  EXPECT_EQ(project.defaults.retry.pause, std::chrono::seconds(2));
}

TEST(Load, OverridesGoOverTheFile) {
  ToyProject files;
  auto options = toy_options();
  options.overrides = {
      {"connections.dwh.host", "elsewhere"}, {"connections.new", "{type: files}"}, {"defaults.retry.attempts", "1"}};
  EXPECT_EQ(files.errors(options), "");
  const auto project = files.load(options).project;
  EXPECT_EQ(text_at(connection(project, "dwh"), "host"), "elsewhere");
  EXPECT_EQ(connection(project, "new").type, "files");
  EXPECT_EQ(project.defaults.retry.attempts, 1);
  options.overrides = {{"connections..host", "x"}};
  EXPECT_EQ(files.errors(options),
            "override connections..host: a dotted key has an empty part (write for example defaults.memory)\n");
}

TEST(Load, ParametersFromOutsideWinOverPipelineOverProject) {
  ToyProject files;
  files.write("mainstem.yaml", kProject);
  files.write("secrets/dwh", "x");
  files.write("pipelines/p.yaml", R"(pipeline: p
params: {day: "2026-02-02"}
sources:
  customers:
    from: crm
    table: "c_${param:day}_${param:limit}_${param:other:-o}"
    where: day = ${param:day}
targets: [{model: customers, to: dwh, table: customers}]
)");
  auto options = toy_options();
  auto source = files.load(options).project.pipelines.at(0).sources.at(0);
  EXPECT_EQ(source.table, "c_2026-02-02_1000_o");
  EXPECT_EQ(source.where, "day = '2026-02-02'");
  options.params = {{"day", "it's"}, {"other", "x"}};
  EXPECT_EQ(files.errors(options), "");
  source = files.load(options).project.pipelines.at(0).sources.at(0);
  EXPECT_EQ(source.table, "c_it's_1000_x");
  EXPECT_EQ(source.where, "day = 'it''s'");
  options.environment = "dev";
  EXPECT_EQ(files.load(options).project.pipelines.at(0).sources.at(0).table, "c_it's_10_x");
}

TEST(Load, AFingerprintIsOfAllThatAPipelineSays) {
  ToyProject project;
  constexpr std::string_view pipeline = R"(pipeline: p
params: {least: 0}
sources: {customers: {from: crm, table: customers}}
transforms: {rich: {sql: rich.sql}}
targets: [{model: rich, to: dwh, table: rich}]
)";
  project.write("rich.sql", "select * from customers where id > ${param:least}");
  auto options = toy_options();
  const auto fingerprint = [&] {
    auto loaded = project.load(options);
    EXPECT_TRUE(loaded.errors.empty());
    return loaded.project.pipelines.at(0).fingerprint;
  };
  project.write("pipelines/p.yaml", pipeline);
  const auto first = fingerprint();
  EXPECT_EQ(first.size(), 64U);
  EXPECT_EQ(fingerprint(), first);
  project.write("pipelines/p.yaml", "# the same\n" + std::string(pipeline));
  options.params = {{"least", "0"}};
  EXPECT_EQ(fingerprint(), first);
  options.params = {{"least", "1"}};
  const auto with_parameter = fingerprint();
  EXPECT_NE(with_parameter, first);
  project.write("rich.sql", "select id from customers where id > ${param:least}");
  const auto with_other_sql = fingerprint();
  EXPECT_NE(with_other_sql, with_parameter);
  project.write("pipelines/p.yaml", std::string(pipeline) + "budget: {bad_rows: 5}\n");
  EXPECT_NE(fingerprint(), with_other_sql);
}

TEST(Load, OnlyWantedPipelinesAndTheirConnectionsCount) {
  ToyProject files;
  files.write("mainstem.yaml", R"(project: shop
connections:
  crm: {type: database, host: a}
  dwh: {type: database, host: b}
  broken: {type: database, host: "${env:NO_SUCH}"}
)");
  files.write("pipelines/p.yaml", kPipeline);
  files.write("pipelines/q.yaml", "pipeline: q\nsources: 12\n");
  files.write("pipelines/r.yaml",
              "pipeline: r\nsources: {a: {from: broken, table: a}}\ntargets: [{model: a, to: dwh, table: a}]\n");
  files.write("pipelines/unreadable.yaml", "\"");
  auto options = toy_options();
  options.pipelines = {"p"};
  EXPECT_EQ(files.errors(options), "");
  const auto project = files.load(options).project;
  EXPECT_EQ(project.pipelines.size(), 1U);
  auto broken = project.connection("broken");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().message(), "environment variable 'NO_SUCH' is not set");
  options.pipelines = {"r"};
  EXPECT_NE(files.errors(options).find("mainstem.yaml:5:35"), std::string::npos) << files.errors(options);
  // A file that cannot be read may be the one that is wanted.
  options.pipelines = {"s"};
  EXPECT_NE(files.errors(options).find("unreadable.yaml"), std::string::npos);
}

TEST(Load, TakesEveryYamlFileOfTheFolder) {
  ToyProject files;
  files.write("pipelines/p.yml", kPipeline);
  files.write("pipelines/.hidden.yaml", "pipeline: [");
  files.write("pipelines/notes.md", "# no");
  EXPECT_EQ(files.errors(), "");
  EXPECT_EQ(files.load().project.pipelines.size(), 1U);
}

TEST(Load, AByteOrderMarkIsNoText) {
  ToyProject files;
  files.write("models/m.sql", "\xEF\xBB\xBFselect 1 from customers");
  const auto pipeline = files.pipeline(R"(pipeline: p
sources: {customers: {from: crm, table: customers}}
transforms: {m: {sql: models/m.sql}}
targets: [{model: m, to: dwh, table: m}]
)");
  EXPECT_EQ(pipeline.transforms.at(0).sql.text, "select 1 from customers");
}

TEST(Load, GivesTheFirstErrorAsResult) {
  auto loaded = load_project("no/such/folder", toy_options(), toy_connectors());
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code(), ErrorCode::invalid_config);
}

TEST(FindProject, LooksUpwards) {
  connector::testkit::TemporaryFolder folder;
  std::filesystem::create_directories(folder / "shop/pipelines/deep");
  auto missing = find_project(folder / "shop/pipelines/deep");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::invalid_config);
  std::ofstream(folder / "shop/mainstem.yaml") << "project: shop\n";
  auto found = find_project(folder / "shop/pipelines/deep");
  ASSERT_TRUE(found) << found.error().to_string();
  EXPECT_EQ(std::filesystem::path(*found).filename(), "shop");
}

}  // namespace
}  // namespace mainstem::pipeline
