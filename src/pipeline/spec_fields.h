#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/fields.h"
#include "pipeline/spec.h"

/// How the spec's small types are written in files.
namespace mainstem::pipeline {

Result<Incremental> read_incremental(const config::Node& node);
/// "decimal(12,2) not null" by column.
Result<std::vector<ContractColumn>> read_contract_columns(const config::Node& node);
Result<Cron> read_cron(const config::Node& node);
Result<Schedule> read_schedule(const config::Node& node);
/// "0.1%", "10" or both in a list.
Result<Budget> read_budget(const config::Node& node);
std::string write_budget(const Budget& budget);

}  // namespace mainstem::pipeline

namespace mainstem::config {

template <>
struct EnumNames<pipeline::NewColumns> {
  static constexpr std::array<std::pair<std::string_view, pipeline::NewColumns>, 3> names{
      {{"evolve", pipeline::NewColumns::evolve},
       {"ignore", pipeline::NewColumns::ignore},
       {"fail", pipeline::NewColumns::fail}}};
};

template <>
struct EnumNames<pipeline::TypeChanges> {
  static constexpr std::array<std::pair<std::string_view, pipeline::TypeChanges>, 2> names{
      {{"widen", pipeline::TypeChanges::widen}, {"fail", pipeline::TypeChanges::fail}}};
};

template <>
struct EnumNames<pipeline::BadRows> {
  static constexpr std::array<std::pair<std::string_view, pipeline::BadRows>, 2> names{
      {{"quarantine", pipeline::BadRows::quarantine}, {"fail", pipeline::BadRows::fail}}};
};

template <>
struct EnumNames<pipeline::Deletes> {
  static constexpr std::array<std::pair<std::string_view, pipeline::Deletes>, 3> names{
      {{"ignore", pipeline::Deletes::ignore}, {"soft", pipeline::Deletes::soft}, {"hard", pipeline::Deletes::hard}}};
};

template <>
struct EnumNames<pipeline::Publish> {
  static constexpr std::array<std::pair<std::string_view, pipeline::Publish>, 2> names{
      {{"together", pipeline::Publish::together}, {"separately", pipeline::Publish::separately}}};
};

template <>
struct Conversion<pipeline::Incremental> {
  static std::string type() { return "table"; }
  static Result<pipeline::Incremental> read(const Node& node) { return pipeline::read_incremental(node); }
  static std::string write(const pipeline::Incremental&) { return ""; }
};

template <>
struct Conversion<std::vector<pipeline::ContractColumn>> {
  static std::string type() { return "map of text"; }
  static Result<std::vector<pipeline::ContractColumn>> read(const Node& node) {
    return pipeline::read_contract_columns(node);
  }
  static std::string write(const std::vector<pipeline::ContractColumn>&) { return ""; }
};

template <>
struct Conversion<Cron> {
  static std::string type() { return "text"; }
  static Result<Cron> read(const Node& node) { return pipeline::read_cron(node); }
  static std::string write(const Cron&) { return ""; }
};

template <>
struct Conversion<pipeline::Schedule> {
  static std::string type() { return "table"; }
  static Result<pipeline::Schedule> read(const Node& node) { return pipeline::read_schedule(node); }
  static std::string write(const pipeline::Schedule&) { return ""; }
};

template <>
struct Conversion<pipeline::Budget> {
  static std::string type() { return "list of text"; }
  static Result<pipeline::Budget> read(const Node& node) { return pipeline::read_budget(node); }
  static std::string write(const pipeline::Budget& value) { return pipeline::write_budget(value); }
};

}  // namespace mainstem::config

namespace mainstem::pipeline {

/// As in pipelines/*.yaml, with the parts whose items are read one by one.
struct PipelineFile {
  std::string name;
  std::string description;
  std::string owner;
  std::optional<Schedule> schedule;
  std::vector<std::pair<std::string, std::string>> params;
  config::Node sources;
  config::Node transforms;
  config::Node mask;
  config::Node targets;
  Publish publish = Publish::together;
  struct Limits {
    Budget bad_rows;
  } budget;
};

struct SourceFile : SourceSpec {
  config::Node check_list;
};

struct TransformFile {
  std::string description;
  config::Node sql;
  std::string from;
  config::Node steps;
  config::Node check_list;
};

struct MaskFile {
  security::MaskMethod method = security::MaskMethod::redact;
  Secret key;
};

/// What an SQL file's leading comment may say.
struct SqlHeader {
  std::string description;
  config::Node check_list;
  config::Node test_list;
};

const config::Fields<PipelineFile>& pipeline_fields();
const config::Fields<SourceFile>& source_fields();
const config::Fields<TransformFile>& transform_fields();
const config::Fields<MaskFile>& mask_fields();
const config::Fields<TargetSpec>& target_fields();
const config::Fields<SqlHeader>& sql_header_fields();

/// As in mainstem.yaml.
struct ProjectFile {
  std::string name;
  std::string description;
  config::Node connections;
  config::Node environments;
  std::vector<std::pair<std::string, std::string>> params;
  Defaults defaults;
};

/// What an environment may put in place of the project's own.
struct EnvironmentFile {
  config::Node connections;
  config::Node params;
  config::Node defaults;
};

const config::Fields<ProjectFile>& project_fields();
const config::Fields<EnvironmentFile>& environment_fields();
const config::Fields<Defaults>& defaults_fields();

/// As in tests/*.yaml.
struct TestFile {
  std::string name;
  std::string pipeline;
  std::string model;
  config::Node given;
  config::Node expect;
};
const config::Fields<TestFile>& test_fields();

/// A zone's name; that it exists can be said only where the system has the IANA data. Errors: invalid_config, placed.
Result<void> check_timezone(const config::Node& node);

/// Splits a map into the options of `table` and all others, which belong to a connector.
std::pair<config::Node, config::Node> split_options(const config::Node& map, const config::OptionTable& table);

}  // namespace mainstem::pipeline
