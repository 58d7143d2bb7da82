#include "plan/plan_json.h"

#include <arrow/api.h>

#include "base/json.h"
#include "columnar/type_name.h"

namespace mainstem::plan {
namespace {

std::optional<int64_t> known(int64_t number) { return number < 0 ? std::nullopt : std::optional(number); }

void write_columns(JsonWriter& json, const arrow::Schema& schema) {
  json.key("columns").begin_array();
  for (const auto& field : schema.fields())
    json.begin_object().member("name", field->name()).member("type", columnar::type_name(*field->type())).end_object();
  json.end_array();
}

void write_checks(JsonWriter& json, const std::vector<check::Check>& checks) {
  json.key("checks").begin_array();
  for (const auto& check : checks)
    json.begin_object()
        .member("name", check.name)
        .member("severity", config::Conversion<check::Severity>::write(check.severity))
        .member("on_fail", config::Conversion<check::OnFail>::write(check.on_fail))
        .end_object();
  json.end_array();
}

void write(JsonWriter& json, const OpenSource& stage) {
  json.member("stage", "open_source")
      .member("name", stage.name)
      .member("connection", stage.connection)
      .member("table", stage.request.table)
      .member("description", stage.description)
      .member("estimated_rows", known(stage.estimate.rows))
      .member("estimated_bytes", known(stage.estimate.bytes))
      .member("run_filters_cursor", stage.run_filters_cursor)
      .member("only_with_cursor", stage.only_with_cursor)
      .member("hide_records", stage.hide_records)
      .member("refuse_rejects", stage.refuse_rejects)
      .member("read_by", stage.read_by);
  json.key("cursor");
  if (stage.request.cursor) {
    const auto& cursor = *stage.request.cursor;
    json.begin_object()
        .member("column", cursor.column)
        .member("after", cursor.after ? std::optional(cursor.after->printable) : std::nullopt)
        .member("lookback", cursor.lookback)
        .end_object();
  } else {
    json.null();
  }
  write_columns(json, *stage.schema);
}

void write(JsonWriter& json, const Land& stage) {
  json.member("stage", "land").member("source", stage.source).member("why", stage.why);
}

void write(JsonWriter& json, const Transform& stage) {
  json.member("stage", "transform")
      .member("name", stage.name)
      .member("sql", stage.sql)
      .member("columns", stage.columns)
      .member("landed", stage.landed)
      .member("hide_records", stage.hide_records)
      .member("why", stage.why);
  json.key("masks").begin_array();
  for (const auto& mask : stage.masks)
    json.begin_object()
        .member("column", mask.column)
        .member("method", config::Conversion<security::MaskMethod>::write(mask.method))
        .end_object();
  json.end_array();
  write_checks(json, stage.row_checks);
}

void write(JsonWriter& json, const RunChecks& stage) {
  json.member("stage", "run_checks").member("model", stage.model);
  write_checks(json, stage.checks);
}

void write(JsonWriter& json, const StageTarget& stage) {
  json.member("stage", "stage_target")
      .member("name", stage.name)
      .member("model", stage.model)
      .member("connection", stage.connection)
      .member("uri", stage.uri)
      .member("mode", config::Conversion<connector::WriteMode>::write(stage.request.mode))
      .member("key", stage.request.key)
      .member("partition_by", stage.request.partition_by)
      .member("delivery", to_string(stage.delivery))
      .member("direct", stage.direct)
      .member("unit", stage.unit)
      .member("estimated_rows", known(stage.estimated_rows));
  write_columns(json, *stage.request.schema);
}

void write(JsonWriter& json, const VerifyTarget& stage) {
  json.member("stage", "verify_target").member("name", stage.name);
}

void write(JsonWriter& json, const CheckBudget& stage) {
  json.member("stage", "check_budget")
      .member("most_fraction", stage.most_fraction)
      .member("most_rows", stage.most_rows);
}

void write(JsonWriter& json, const StageQuarantine& stage) {
  json.member("stage", "stage_quarantine")
      .member("connection", stage.connection)
      .member("name", stage.request.name)
      .member("unit", stage.unit);
}

void write(JsonWriter& json, const PublishGroup& stage) {
  json.member("stage", "publish_group")
      .member("connection", stage.connection)
      .member("targets", stage.targets)
      .member("unit", stage.unit)
      .member("why", stage.why);
  json.key("cursors").begin_array();
  for (const auto& cursor : stage.cursors)
    json.begin_object().member("source", cursor.source).member("target", cursor.target).end_object();
  json.end_array().member("full_reads", stage.full_reads);
}

void write(JsonWriter& json, const RecordRun&) { json.member("stage", "record_run"); }

}  // namespace

std::string plan_json(const Plan& plan) {
  JsonWriter json;
  json.begin_object().member("plan", 1).member("pipeline", plan.pipeline).key("stages").begin_array();
  for (const auto& stage : plan.stages) {
    json.begin_object();
    std::visit([&](const auto& typed) { write(json, typed); }, stage);
    json.end_object();
  }
  return json.end_array().end_object().take();
}

}  // namespace mainstem::plan
