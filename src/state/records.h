#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace mainstem::state {

// Times are ISO 8601 texts in UTC, as to_iso8601 writes them.

/// Whose cursors and schemas are meant: environments of a project read other sources and write other targets.
struct PipelineKey {
  std::string pipeline;
  std::string environment;  ///< empty = none was chosen
};

struct RunStart {
  std::string run_id;
  std::string pipeline;
  std::string environment;
  std::string started_at;
  std::string command;    ///< as the user gave it, without secrets
  std::string spec_hash;  ///< pipeline::PipelineSpec::fingerprint
};

struct RunEnd {
  std::string run_id;
  std::string status;  ///< "ok", "failed", ...; not "running", "interrupted" or "published"
  std::string finished_at;
  double seconds = 0;
  int64_t rows_read = 0;
  int64_t rows_written = 0;
  int64_t rows_quarantined = 0;
  std::string error_code;  ///< empty = no error
  std::string error_message;
  std::string result_json;
};

/// A run in the ledger. `end.status` is "running" while its process lives; if that died before it could say how the run
/// ended, it is "published" where the targets hold the run's rows, else "interrupted"; the rest of `end` then is empty.
struct RunRecord {
  RunStart start;
  RunEnd end;
};

struct RunFilter {
  std::string pipeline;                         ///< empty = all
  std::string status;                           ///< empty = all
  std::optional<std::string> environment = {};  ///< nothing = all
  int64_t limit = 100;
};

/// The ledger's copy of how far a source is published into a target (the truth is in the target).
struct Cursor {
  std::string source;
  std::string target;
  std::string position;  ///< opaque bytes
  std::string printable;
  std::string run_id;
  std::string published_at;
};

/// What columns a source had in a run.
struct SchemaVersion {
  PipelineKey pipeline;
  std::string source;
  std::string schema_json;
  std::string run_id;
  std::string seen_at;
};

/// Something that a person did and others may ask about later.
struct AuditEntry {
  std::string at;
  std::string who;      ///< user name
  std::string what;     ///< stable, snake_case: "run_started", "cursor_reset", ...
  std::string details;  ///< for people or as JSON, without secrets
};

}  // namespace mainstem::state
