#pragma once

#include <array>
#include <arrow/type_fwd.h>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "check/check.h"
#include "check/compile.h"
#include "run/quarantine.h"

namespace mainstem::run {

/// Names of the two columns that a checked query adds behind the model's own: the bit set of failed checks, and the row
/// as JSON where it goes to quarantine (null elsewhere).
inline constexpr const char* kViolationsColumn = "_mainstem_violations";
inline constexpr const char* kRecordColumn = "_mainstem_record";

/// Judges rows of one model in the pass that carries them: counts each check's failures, sends failing rows to
/// quarantine where their check says so, lets the rest through without the two extra columns. Thread-safe.
class RowChecks {
 public:
  /// `checks` in the order of the bits. `quarantine` outlives this.
  RowChecks(std::string model, std::vector<check::Check> checks, Quarantine& quarantine);

  /// The rows to hand on (possibly none). `batch` must end with the two columns.
  Result<std::shared_ptr<arrow::RecordBatch>> apply(const std::shared_ptr<arrow::RecordBatch>& batch);

  /// Bits of the checks whose failing rows go to quarantine.
  uint64_t quarantine_bits() const { return quarantine_bits_; }
  int64_t quarantined() const { return quarantined_; }
  std::vector<check::Verdict> verdicts() const;

 private:
  Result<void> send_to_quarantine(const arrow::RecordBatch& batch, const std::vector<int64_t>& rows);
  void count(uint64_t violations);

  std::string model_;
  std::vector<check::Check> checks_;
  Quarantine& quarantine_;
  uint64_t quarantine_bits_ = 0;
  std::array<std::atomic<int64_t>, check::kMostRowChecks> failures_{};
  std::atomic<int64_t> quarantined_{0};
};

}  // namespace mainstem::run
