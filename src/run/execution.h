#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "run/executor.h"
#include "run/quarantine.h"
#include "run/row_checks.h"
#include "run/source_frame.h"
#include "run/target_frame.h"

namespace mainstem::run {

/// The state of one run while its stages are carried out: one method a stage. Members are declared in the order in
/// which they depend on each other, so that the engine's session, which pulls from the sources, goes before them.
class Execution {
 public:
  Execution(const Environment& environment, const plan::Plan& plan, OpenReads reads, const std::string& run_id,
            RunResult& result);

  Result<void> run(const plan::OpenSource& stage);
  Result<void> run(const plan::Land& stage);
  Result<void> run(const plan::Transform& stage);
  Result<void> run(const plan::RunChecks& stage);
  Result<void> run(const plan::StageTarget& stage);
  Result<void> run(const plan::VerifyTarget& stage);
  Result<void> run(const plan::CheckBudget& stage);
  Result<void> run(const plan::StageQuarantine& stage);
  Result<void> run(const plan::PublishGroup& stage);
  Result<void> run(const plan::RecordRun& stage);

  /// True once the first group has been published: from then on a failure leaves something visible.
  bool published() const { return published_; }
  /// True if no source had anything newer than its cursor.
  bool nothing_to_do() const;
  /// True, and noted in the result, if a stopped run has published all of this one's rows already. To be asked when
  /// everything is staged.
  bool repeats_all();
  /// Takes away what is staged. Safe to call at any time.
  void abort() noexcept;
  /// After `abort`: saves the quarantined rows that no target holds, if the environment names a place for them.
  void keep_quarantine() noexcept;
  /// An error as it may be shown: no value that a mask hides, no place in SQL that the user did not write.
  Error presentable(Error error) const;
  int64_t rows_quarantined() const { return has_quarantine() ? quarantine_->rows() : 0; }
  std::string first_quarantined() const { return has_quarantine() ? quarantine_->example() : ""; }
  /// What a person should know however the run ended, a sentence each.
  std::vector<std::string> warnings() const;
  /// The counters of all steps so far.
  std::vector<StepResult> steps() const;

 private:
  struct Target {
    plan::StageTarget stage;
    std::unique_ptr<TargetFrame> frame;
  };

  // The run, maybe this one in an earlier attempt, that has published what a group would publish; "" if there is none.
  struct Repeat {
    std::string run_id;
    bool same_input = false;
  };

  bool has_quarantine() const { return quarantine_ != nullptr && !quarantine_repeated_; }
  Result<engine::Session*> session();
  Result<connector::PublishUnit*> unit(int number, const std::string& connection);
  Result<SourceFrame*> source(const std::string& name);
  Pace& pace(const std::string& connection);
  Result<void> register_masks(const plan::Transform& model);
  Result<void> land_checked(const plan::Transform& model, RowChecks& checks);
  Result<connector::StateRecords> cursors_of(const plan::PublishGroup& group);
  std::vector<std::string> inputs_of(const plan::PublishGroup& group) const;
  std::string input_entry(const std::string& source) const;
  bool stands_still(const std::string& source) const;
  connector::StateRecords full_reads_of(const plan::PublishGroup& group) const;
  Repeat repeated_run(const plan::PublishGroup& group) const;
  connector::StateRecord record(std::string source, std::string target, columnar::Position position) const;
  void add_cursor_result(const connector::StateRecord& record);
  Result<void> judge_checks() const;
  Error over_budget(int64_t read, int64_t allowed) const;

  const Environment& environment_;
  Context& context_;
  const plan::Plan& plan_;
  OpenReads reads_;
  std::string run_id_;
  RunResult& result_;
  std::unique_ptr<Quarantine> quarantine_;
  bool quarantine_repeated_ = false;  ///< its rows stand in the name of a run that this one repeats
  std::map<std::string, plan::OpenSource> opened_;
  std::map<std::string, std::unique_ptr<Pace>> paces_;  ///< by connection
  std::map<std::string, std::unique_ptr<SourceFrame>> sources_;
  std::map<std::string, std::unique_ptr<RowChecks>> checks_;
  std::map<std::string, std::string> streamed_sql_;  ///< model → its checked SELECT, for the target that pulls it
  std::map<int, std::unique_ptr<connector::PublishUnit>> units_;
  /// Aborted, and their staged tables may still be in use: the units in their place publish only the quarantine.
  std::map<int, std::unique_ptr<connector::PublishUnit>> given_up_;
  std::map<std::string, int> units_of_;  ///< how many have been opened, by connection
  std::map<std::string, Target> targets_;
  std::unique_ptr<engine::Session> session_;
  bool published_ = false;
};

}  // namespace mainstem::run
