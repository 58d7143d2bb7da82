#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/secret.h"
#include "check/check.h"
#include "config/node.h"
#include "connector/sink.h"
#include "connector/source.h"
#include "security/masking.h"

/// A plan is a list of stages. The executor, `plan` for people and `plan --json` read the same list, so what is shown
/// is what is done.
namespace mainstem::plan {

/// A column masked before anything else sees the model's rows.
struct ColumnMask {
  std::string column;
  security::MaskMethod method = security::MaskMethod::redact;
  Secret key;
};

/// Plans the read and takes the source's snapshot.
struct OpenSource {
  std::string name;
  std::string connection;  ///< name in the project, or the address of `copy` without credentials
  connector::ReadRequest request;
  std::shared_ptr<arrow::Schema> schema;
  connector::Estimate estimate;
  std::string description;          ///< the connector's own words
  bool run_filters_cursor = false;  ///< the source cannot; the frame does
  bool only_with_cursor = false;    ///< rows without a cursor are left out and told: an earlier run has seen to them
  bool hide_records = false;        ///< a column is masked: rejects go to quarantine without their raw text
  bool refuse_rejects = false;      ///< the first record that cannot become a row stops the run
  std::vector<std::string> read_by;
};

/// Keeps a source as a table of the engine, for more than one reader.
struct Land {
  std::string source;
  std::string why;
};

/// Makes a source or a model's SQL readable under its name.
struct Transform {
  std::string name;
  /// The user's SELECT; of a source, a SELECT over inner_name(name, "stream"), or empty to read it as it is.
  std::string sql;
  std::vector<std::string> columns;  ///< of its result
  std::vector<ColumnMask> masks;
  std::vector<check::Check> row_checks;  ///< name rows; judged in the pass that computes the rows
  bool landed = false;                   ///< computed once into a table; otherwise its one reader pulls it through
  bool hide_records = false;  ///< a column is masked further on: failing rows go to quarantine without their values
  int64_t estimated_rows = -1;
  std::string why;
};

/// Judges checks that need the whole set.
struct RunChecks {
  std::string model;
  std::vector<check::Check> checks;
};

/// Fills a staging table that no reader of the target sees.
struct StageTarget {
  std::string name;  ///< table or path as the user wrote it
  std::string model;
  std::string connection;
  connector::WriteRequest request;
  connector::Delivery delivery = connector::Delivery::transactional;
  std::string uri;
  bool direct = false;  ///< straight from the source's batches, without the engine
  int unit = 0;         ///< stages of one unit become visible together
  int64_t estimated_rows = -1;
};

/// Compares what the target holds with what was handed to it.
struct VerifyTarget {
  std::string name;
};

/// Stages the run's quarantined rows beside the target, to be published with it. A run without any skips it.
struct StageQuarantine {
  std::string connection;
  connector::WriteRequest request;
  int unit = 0;
};

/// Judges the budget of bad rows over the whole run.
struct CheckBudget {
  double most_fraction = 0.01;  ///< of the rows read
  int64_t most_rows = 10;       ///< whichever is larger
};

/// The position of a source that becomes known as published into a target.
struct CursorCommit {
  std::string source;
  std::string target;
};

/// Makes every staged table of one unit visible in one step, with the cursors.
struct PublishGroup {
  std::string connection;
  std::vector<std::string> targets;
  std::vector<CursorCommit> cursors;  ///< committed with it
  /// Sources that the run reads in full, if rows of such a read are appended to one of the targets: what was read is
  /// committed with each target, so that a run that repeats one stopped behind this step is recognized and adds no row
  /// again. One empty name if the run reads no source; otherwise empty.
  std::vector<std::string> full_reads;
  int unit = 0;
  std::string why;
};

/// Mirrors the outcome into the local ledger.
struct RecordRun {};

using Stage = std::variant<OpenSource, Land, Transform, RunChecks, StageTarget, VerifyTarget, CheckBudget,
                           StageQuarantine, PublishGroup, RecordRun>;

/// What one run of one pipeline will do, in order. A plain value.
struct Plan {
  std::string pipeline;
  std::string state_name;  ///< of the pipeline in its environment: connector::StateRecord::pipeline
  std::vector<Stage> stages;
};

}  // namespace mainstem::plan
