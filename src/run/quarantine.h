#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "columnar/batch.h"

namespace mainstem {
struct Context;
}

namespace mainstem::run {

/// One row kept out of the targets, as it will stand in the quarantine table.
struct QuarantinedRow {
  std::string step;          ///< source or model
  std::string object;        ///< file, table or page
  int64_t line = 0;          ///< 0 = none
  int64_t byte_offset = -1;  ///< -1 = unknown
  std::string column;
  std::string code;    ///< of the reader, or the check's name
  std::string reason;  ///< for people
  std::string record;  ///< raw text or JSON; empty where masking withholds it
};

/// Gathers a run's quarantined rows on local disk (memory stays flat) and gives them back as batches. `add` is
/// thread-safe; the rest is for one thread after the last `add`.
class Quarantine {
 public:
  /// `directory` must exist; the spool file in it is removed by the destructor.
  static Result<std::unique_ptr<Quarantine>> open(Context& context, std::string pipeline, std::string run_id);
  ~Quarantine();
  Quarantine(const Quarantine&) = delete;
  Quarantine& operator=(const Quarantine&) = delete;

  Result<void> add(const std::vector<QuarantinedRow>& rows);
  int64_t rows() const;
  /// Rows of one step so far.
  int64_t rows_of(const std::string& step) const;

  /// The first row in words: "orders.csv:4, column amount: not an integer"; empty if there is none.
  std::string example() const;

  /// Ends the gathering; the reader gives every row once.
  Result<std::unique_ptr<columnar::BatchReader>> finish();

  /// Ends the gathering, if `finish` has not, and keeps the rows in a file of its own, which only this user may read.
  /// Its folder must exist. Errors: unavailable; the file is then not there.
  Result<void> keep(const std::string& path);
  /// Reads what `keep` wrote. Errors: not_found, invalid_data.
  static Result<std::unique_ptr<columnar::BatchReader>> read_kept(const std::string& path);

 private:
  struct Spool;
  explicit Quarantine(std::unique_ptr<Spool> spool);
  Result<void> flush();
  Result<void> close();

  mutable std::mutex mutex_;
  std::unique_ptr<Spool> spool_;
  std::map<std::string, int64_t> counts_;
  std::string example_;
  int64_t rows_ = 0;
};

}  // namespace mainstem::run
