#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "check/check.h"

namespace mainstem::run {

enum class Outcome { ok, failed, blocked, cancelled, nothing_to_do };
std::string_view to_string(Outcome outcome);

struct StepResult {
  std::string name;
  std::string kind;  ///< source, model, target
  int64_t rows_read = 0;
  int64_t rows_written = 0;
  int64_t rows_quarantined = 0;
  int64_t rows_filtered = 0;
  int64_t bytes = 0;
  double seconds = 0;
};

struct TargetResult {
  std::string table;
  std::string uri;
  std::string mode;
  std::string delivery;
  int64_t rows = 0;
  int64_t inserted = 0;
  int64_t updated = 0;
  int64_t deleted = 0;
  int64_t rows_after = -1;
  std::string content_hash;
  std::string verified;  ///< "hash and count", "count"
  bool published = false;
};

struct CursorResult {
  std::string source;
  std::optional<std::string> before;
  std::optional<std::string> after;
  std::string position;              ///< `after` as the source's own bytes
  std::vector<std::string> targets;  ///< that hold it
};

/// The result document of a run; `--json` prints it. Rows obey, for every step:
/// rows_read = rows_written + rows_quarantined + rows_filtered.
struct RunResult {
  std::string run_id;
  std::string pipeline;
  Outcome status = Outcome::ok;
  std::string started_at;
  double seconds = 0;
  int64_t peak_memory_bytes = 0;
  std::vector<StepResult> steps;
  std::vector<check::Verdict> checks;
  std::vector<TargetResult> targets;
  std::vector<CursorResult> cursors;
  int64_t rows_quarantined = 0;
  std::string first_quarantined;  ///< in words; empty if there is none
  std::string quarantine;         ///< connector::QuarantinePlace::name of published quarantined rows; empty if none
  /// The run that stopped behind its publish and whose appended rows this one would have added again; empty if none.
  std::string repeats;
  std::vector<std::string> warnings;  ///< for people, a sentence each
  std::optional<Error> error;
};

/// The first step whose rows do not add up, if there is one.
std::optional<std::string> broken_row_equation(const std::vector<StepResult>& steps);

}  // namespace mainstem::run
