#include <initializer_list>
#include <utility>

#include "app/result_json.h"

namespace mainstem::app {
namespace {

struct Member {
  const char* name;
  const char* type;  // JSON Schema's word; a "?" behind it = may be null
  const char* doc;
};

void write_type(JsonWriter& json, std::string_view type) {
  json.key("type");
  if (!type.ends_with('?')) {
    json.value(type);
    return;
  }
  json.begin_array().value(type.substr(0, type.size() - 1)).value("null").end_array();
}

// Properties and "required" of an object that is open; every member is always there.
void write_members(JsonWriter& json, std::initializer_list<Member> members) {
  for (const auto& member : members) {
    json.key(member.name).begin_object();
    write_type(json, member.type);
    json.member("description", member.doc).end_object();
  }
}

void write_required(JsonWriter& json, std::initializer_list<Member> members,
                    std::initializer_list<const char*> more = {}) {
  json.key("required").begin_array();
  for (const auto& member : members) json.value(member.name);
  for (const auto* name : more) json.value(name);
  json.end_array();
}

void write_list(JsonWriter& json, const char* name, const char* doc, std::initializer_list<Member> members) {
  json.key(name).begin_object().member("type", "array").member("description", doc);
  json.key("items").begin_object().member("type", "object").key("properties").begin_object();
  write_members(json, members);
  json.end_object();
  write_required(json, members);
  json.end_object().end_object();
}

constexpr std::initializer_list<Member> kRun = {
    {"result", "integer", "Version of this document: 1."},
    {"run_id", "string", "Sortable by time (ULID)."},
    {"pipeline", "string", "Name of the pipeline."},
    {"status", "string", "ok, failed, blocked (by a check or the budget), cancelled, nothing_to_do."},
    {"started_at", "string", "ISO 8601."},
    {"seconds", "number", "Wall time."},
    {"peak_memory_bytes", "integer", "Greatest resident memory of the process."},
    {"rows_quarantined", "integer", "Rows that went to quarantine in the whole run."},
    {"quarantine", "string?", "Table or folder that holds them; null if there are none, or nothing was published."},
    {"repeats", "string?",
     "The run that stopped behind its publish and whose appended rows this one has not added again; else null."}};
constexpr std::initializer_list<Member> kStep = {
    {"name", "string", "Source, model or target."},
    {"kind", "string", "source, model or target."},
    {"rows_read", "integer", "rows_read = rows_written + rows_quarantined + rows_filtered."},
    {"rows_written", "integer", "Handed on."},
    {"rows_quarantined", "integer", "Sent to quarantine."},
    {"rows_filtered", "integer", "Not newer than the cursor."},
    {"bytes", "integer", "Arrow data handed on."},
    {"seconds", "number", "Wall time of the step."}};
constexpr std::initializer_list<Member> kCheck = {{"name", "string", "model.rule(columns)."},
                                                  {"status", "string", "pass, warn, fail."},
                                                  {"failing_rows", "integer", "Rows (or groups) that failed."},
                                                  {"severity", "string", "error or warn."},
                                                  {"on_fail", "string", "quarantine, block or warn."}};
constexpr std::initializer_list<Member> kTarget = {
    {"table", "string", "As the user wrote it."},
    {"uri", "string", "Stable, without credentials."},
    {"mode", "string", "append, replace, merge, partition."},
    {"delivery", "string", "What the target promises of a publish."},
    {"rows", "integer", "Rows staged, counted by the target."},
    {"inserted", "integer", "Rows that are new in the target."},
    {"updated", "integer", "Rows that were changed."},
    {"deleted", "integer", "Rows that were removed."},
    {"rows_after", "integer?", "Rows in the target afterwards; null = unknown."},
    {"content_hash", "string", "Order-independent 128-bit hash of the rows handed over."},
    {"verified", "string", "What was compared before publishing."},
    {"published", "boolean", "Whether these rows are in the target; false after a run that stopped before."}};
constexpr std::initializer_list<Member> kCursor = {{"source", "string", "Name of the source."},
                                                   {"before", "string?", "Where it stood."},
                                                   {"after", "string?", "Where it stands."}};
constexpr std::initializer_list<Member> kError = {
    {"code", "string", "Stable word: invalid_config, invalid_data, check_failed, not_found, ..."},
    {"message", "string", "For people."},
    {"where", "string?", "file:line:column."},
    {"hint", "string?", "What to do."},
    {"retryable", "boolean", "Whether a later try may succeed as it is."}};

}  // namespace

std::string result_schema() {
  JsonWriter json(2);
  json.begin_object()
      .member("$schema", "https://json-schema.org/draft/2020-12/schema")
      .member("title", "Result of a Mainstem run")
      .member("type", "object");
  json.key("properties").begin_object();
  write_members(json, kRun);
  write_list(json, "steps", "Every source, model and target that rows went through.", kStep);
  write_list(json, "checks", "Every check that was judged.", kCheck);
  write_list(json, "targets", "Every table that was staged.", kTarget);
  write_list(json, "cursors", "Incremental sources.", kCursor);
  json.key("error").begin_object().key("type").begin_array().value("object").value("null").end_array();
  json.key("properties").begin_object();
  write_members(json, kError);
  json.end_object();
  write_required(json, kError);
  json.end_object().end_object();
  write_required(json, kRun, {"steps", "checks", "targets", "cursors", "error"});
  return json.end_object().take() + "\n";
}

}  // namespace mainstem::app
