#include "app/result_json.h"

#include <fmt/format.h>

#include "config/convert.h"

namespace mainstem::app {
namespace {

std::string_view to_string(check::Status status) {
  switch (status) {
    case check::Status::pass: return "pass";
    case check::Status::warn: return "warn";
    case check::Status::fail: return "fail";
  }
  return "fail";
}

void write_step(JsonWriter& json, const run::StepResult& step) {
  json.begin_object()
      .member("name", step.name)
      .member("kind", step.kind)
      .member("rows_read", step.rows_read)
      .member("rows_written", step.rows_written)
      .member("rows_quarantined", step.rows_quarantined)
      .member("rows_filtered", step.rows_filtered)
      .member("bytes", step.bytes)
      .member("seconds", step.seconds)
      .end_object();
}

void write_check(JsonWriter& json, const check::Verdict& verdict) {
  json.begin_object()
      .member("name", verdict.name)
      .member("status", to_string(verdict.status))
      .member("failing_rows", verdict.failing_rows)
      .member("severity", config::Conversion<check::Severity>::write(verdict.severity))
      .member("on_fail", config::Conversion<check::OnFail>::write(verdict.on_fail))
      .end_object();
}

void write_target(JsonWriter& json, const run::TargetResult& target) {
  json.begin_object()
      .member("table", target.table)
      .member("uri", target.uri)
      .member("mode", target.mode)
      .member("delivery", target.delivery)
      .member("rows", target.rows)
      .member("inserted", target.inserted)
      .member("updated", target.updated)
      .member("deleted", target.deleted)
      .member("rows_after", target.rows_after < 0 ? std::nullopt : std::optional(target.rows_after))
      .member("content_hash", target.content_hash)
      .member("verified", target.verified)
      .member("published", target.published)
      .end_object();
}

void write_cursor(JsonWriter& json, const run::CursorResult& cursor) {
  json.begin_object()
      .member("source", cursor.source)
      .member("before", cursor.before)
      .member("after", cursor.after)
      .end_object();
}

template <class T, class Write>
void write_list(JsonWriter& json, const char* name, const std::vector<T>& items, Write write) {
  json.key(name).begin_array();
  for (const auto& item : items) write(json, item);
  json.end_array();
}

}  // namespace

void write_error(JsonWriter& json, const Error& error) {
  json.begin_object()
      .member("code", to_string(error.code()))
      .member("message", error.chain())
      .member("where", error.position() ? std::optional(error.position()->to_string()) : std::nullopt)
      .member("hint", error.hint().empty() ? std::nullopt : std::optional(error.hint()))
      .member("retryable", error.retryable())
      .end_object();
}

std::string result_json(const run::RunResult& result) {
  JsonWriter json;
  json.begin_object()
      .member("result", 1)
      .member("run_id", result.run_id)
      .member("pipeline", result.pipeline)
      .member("status", run::to_string(result.status))
      .member("started_at", result.started_at)
      .member("seconds", result.seconds)
      .member("peak_memory_bytes", result.peak_memory_bytes)
      .member("rows_quarantined", result.rows_quarantined)
      .member("quarantine", result.quarantine.empty() ? std::nullopt : std::optional(result.quarantine))
      .member("repeats", result.repeats.empty() ? std::nullopt : std::optional(result.repeats));
  write_list(json, "steps", result.steps, write_step);
  write_list(json, "checks", result.checks, write_check);
  write_list(json, "targets", result.targets, write_target);
  write_list(json, "cursors", result.cursors, write_cursor);
  json.key("error");
  if (result.error)
    write_error(json, *result.error);
  else
    json.null();
  return json.end_object().take();
}

}  // namespace mainstem::app
