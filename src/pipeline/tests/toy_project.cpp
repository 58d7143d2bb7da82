#include "pipeline/tests/toy_project.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <regex>
#include <set>

#include "config/fields.h"

namespace mainstem::pipeline {
namespace {

using config::Fields;
using config::Node;
using connector::ConnectorSpec;
using connector::Delivery;
using connector::WriteMode;

struct ToyDatabase {
  std::string host;
  int port = 5432;
  Secret password;
};
struct ToyQuery {
  std::string query;
};
struct ToyWrite {
  bool truncate = false;
};
struct ToyFiles {
  std::string root;
};
struct ToyFile {
  std::string path;
  std::string format;
};

template <class T>
std::function<Result<void>(const Node&)> reads(const Fields<T>& fields) {
  return [fields](const Node& node) -> Result<void> {
    MS_TRY(fields.read(node));
    return {};
  };
}

template <class Connection, class Source, class Target>
void declare(ConnectorSpec& spec, const Fields<Connection>& connection, const Fields<Source>& source,
             const Fields<Target>& target) {
  spec.connection_options = connection.shared_table();
  spec.source_options = source.shared_table();
  spec.target_options = target.shared_table();
  spec.check_connection = reads(connection);
  spec.check_source = reads(source);
  spec.check_target = reads(target);
}

ConnectorSpec database() {
  ConnectorSpec spec{.name = "database", .title = "Database", .summary = "Tables."};
  spec.capabilities = {.read = true, .write = true};
  for (auto mode : {WriteMode::append, WriteMode::replace, WriteMode::merge, WriteMode::partition})
    spec.capabilities.writes.emplace_back(mode, Delivery::transactional);
  declare(spec,
          Fields<ToyDatabase>()
              .required("host", &ToyDatabase::host, "Name of the server.")
              .optional("port", &ToyDatabase::port, "Port.", {.min = 1, .max = 65535})
              .optional("password", &ToyDatabase::password, "Password."),
          Fields<ToyQuery>().optional("query", &ToyQuery::query, "Query in place of a table."),
          Fields<ToyWrite>().optional("truncate", &ToyWrite::truncate, "Empties the table first."));
  return spec;
}

ConnectorSpec files() {
  ConnectorSpec spec{.name = "files", .title = "Files", .summary = "Files in folders."};
  spec.capabilities = {.read = true, .write = true};
  for (auto mode : {WriteMode::append, WriteMode::replace, WriteMode::partition})
    spec.capabilities.writes.emplace_back(mode, Delivery::atomic_commit);
  const auto file = Fields<ToyFile>()
                        .required("path", &ToyFile::path, "File or pattern.")
                        .optional("format", &ToyFile::format, "Format of the files.");
  declare(spec, Fields<ToyFiles>().optional("root", &ToyFiles::root, "Folder that paths count from."), file, file);
  return spec;
}

ConnectorSpec feed() {
  ConnectorSpec spec{.name = "feed", .title = "Feed", .summary = "Something to read."};
  spec.capabilities = {.read = true};
  spec.source_options = Fields<ToyFile>().optional("path", &ToyFile::path, "Part of the feed.").shared_table();
  return spec;
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::vector<std::string> words_behind(const std::string& sql, const std::string& pattern) {
  const std::regex regex(pattern + R"rx(\s+("[^"]+"|[\w.]+))rx", std::regex::icase);
  std::vector<std::string> words;
  for (std::sregex_iterator it(sql.begin(), sql.end(), regex), end; it != end; ++it) {
    auto word = (*it)[1].str();
    std::erase(word, '"');
    words.push_back(word);
  }
  return words;
}

}  // namespace

const std::vector<ConnectorSpec>& toy_connectors() {
  static const std::vector<ConnectorSpec> all{database(), feed(), files()};
  return all;
}

Result<std::vector<engine::Reference>> toy_references(const std::string& sql) {
  if (const size_t at = sql.find("frm"); at != std::string::npos) {
    const auto line = 1 + static_cast<int>(std::count(sql.begin(), sql.begin() + static_cast<ptrdiff_t>(at), '\n'));
    const auto line_break = sql.rfind('\n', at);
    const auto column = static_cast<int>(line_break == std::string::npos ? at + 1 : at - line_break);
    return Error(ErrorCode::invalid_config, "syntax error at 'frm'").at({.file = "", .line = line, .column = column});
  }
  std::set<std::string> ctes;
  for (const auto& name : words_behind(sql, R"((?:with|,))")) ctes.insert(lower(name));
  std::map<std::string, int> uses;
  for (const auto& name : words_behind(sql, R"((?:\bfrom|\bjoin))"))
    if (!ctes.contains(lower(name))) ++uses[name];
  std::vector<engine::Reference> references;
  for (const auto& [name, count] : uses) {
    const size_t dot = name.find('.');
    const bool plain = dot == std::string::npos;
    references.push_back(
        {.schema = plain ? "" : name.substr(0, dot), .name = plain ? name : name.substr(dot + 1), .uses = count});
  }
  return references;
}

LoadOptions toy_options() {
  LoadOptions options;
  options.environment_variable = [](const std::string& name) -> std::optional<std::string> {
    if (name == "CRM_PASSWORD") return "pa$$word";
    return std::nullopt;
  };
  options.sql_references = toy_references;
  return options;
}

ToyProject::ToyProject() {
  write("mainstem.yaml", R"(project: shop
connections:
  crm: {type: database, host: crm.internal, password: "${env:CRM_PASSWORD}"}
  dwh: {type: database, host: dwh.internal}
  lake: {type: files}
  news: {type: feed}
)");
}

void ToyProject::write(const std::string& path, std::string_view text) const {
  const std::filesystem::path file(folder_ / path);
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

Loaded ToyProject::load(const LoadOptions& options) const {
  return load_with_errors(folder_.path(), options, toy_connectors());
}

PipelineSpec ToyProject::pipeline(std::string_view yaml) const {
  write("pipelines/p.yaml", yaml);
  auto loaded = load();
  EXPECT_EQ(error_lines(loaded.errors, folder_.path()), "");
  EXPECT_EQ(loaded.project.pipelines.size(), 1U);
  return loaded.project.pipelines.empty() ? PipelineSpec{} : loaded.project.pipelines.front();
}

std::string ToyProject::errors(const LoadOptions& options) const {
  return error_lines(load(options).errors, folder_.path());
}

std::string ToyProject::pipeline_errors(std::string_view yaml) const {
  write("pipelines/p.yaml", yaml);
  return errors();
}

std::string error_lines(const std::vector<Error>& errors, const std::string& directory) {
  std::string lines;
  for (const auto& error : errors) lines += error.to_string() + "\n";
  const auto prefix = directory + "/";
  for (size_t at = lines.find(prefix); at != std::string::npos; at = lines.find(prefix, at))
    lines.erase(at, prefix.size());
  return lines;
}

}  // namespace mainstem::pipeline
