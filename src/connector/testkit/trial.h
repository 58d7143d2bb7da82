#pragma once

#include <arrow/api.h>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "connector/testkit/conformance.h"
#include "connector/testkit/test_context.h"

namespace mainstem::connector::testkit {

/// A row of the tables that the rules write: (id int64, name utf8 nullable, part utf8).
struct Row {
  int64_t id = 0;
  std::optional<std::string> name;
  std::string part;
  auto operator<=>(const Row&) const = default;
};
using Rows = std::vector<Row>;  ///< sorted where they stand for the content of a table

std::shared_ptr<arrow::Schema> rows_schema();
std::shared_ptr<arrow::RecordBatch> to_batch(const Rows& rows);
/// `count` rows from `first` on, in parts a, b and c; some have no name.
Rows make_rows(int64_t first, int64_t count);
/// What a table that held `before` holds after `given` was written into it.
Rows expected_after(WriteMode mode, const Rows& before, const Rows& given);
/// "1|ä|a; 2|null|b; ..." of at most the first twenty.
std::string shown(const Rows& rows);

/// What a read gave.
struct ReadResult {
  ReadPlan plan;
  arrow::RecordBatchVector batches;
  std::vector<columnar::Reject> rejects;
  std::optional<Position> position;  ///< by the plan, or the last of the batches'

  int64_t row_count() const;
  /// The columns of Row by their names, sorted.
  Result<Rows> rows() const;
};
/// Opens every part and reads it to its end.
Result<ReadResult> read_all(Context& context, PlannedRead& planned);

/// An error of code check_failed, which says what a connector does other than it must.
Error broken(const std::string& what);
/// Broken unless the rows are the same.
Result<void> expect_rows(const Rows& found, const Rows& wanted, const std::string& when);
/// Broken unless it failed.
template <class T>
Result<void> expect_error(const Result<T>& result, const std::string& when) {
  if (result) return broken(when + " should be an error");
  return {};
}

/// A bench with the calls of a run over it. Each call makes its own source or sink, as a process of its own would.
class Trial {
 public:
  explicit Trial(Bench& under_trial) : bench(under_trial), spec(under_trial.spec()) {}

  Result<std::unique_ptr<Source>> source() { return spec.make_source(bench.connection()); }
  Result<std::unique_ptr<Sink>> sink() { return spec.make_sink(bench.connection()); }

  /// The bench's request for table `name`; of Row's columns if it must be told the types.
  ReadRequest reading(const std::string& name) const;
  Result<ReadResult> read(const ReadRequest& request);
  /// The rows of a table; none if there is no such table.
  Result<Rows> rows(const std::string& name);

  WriteRequest writing(const std::string& name, WriteMode mode) const;
  /// check, stage, one lane, finish. Reaches the points "staged", "written", "closed", "finished" on its way.
  Result<std::unique_ptr<StagedTable>> stage(PublishUnit& unit, const WriteRequest& request,
                                             const std::shared_ptr<arrow::RecordBatch>& batch);
  /// A whole publish, with state that says `position` for each of the tables.
  Result<std::vector<PublishedTable>> write(const std::vector<WriteRequest>& requests, const Rows& rows,
                                            const std::string& position, const std::string& run_id = "run-1");
  Result<PublishedTable> write(const WriteRequest& request, const Rows& rows, const std::string& position = "1");
  /// The position that the target holds for a request; empty = none.
  Result<std::string> published_position(const WriteRequest& request);
  Result<std::vector<std::string>> discovered(const std::string& pattern = {});

  Bench& bench;
  ConnectorSpec spec;
  TestContext test;
  Context& context = test.context;
};

constexpr const char* kPipeline = "pipeline";
constexpr const char* kSource = "source 'ü'";
/// Positions are any bytes.
Position position_of(const std::string& printable);
StateRecord state_of(const WriteRequest& request, const std::string& position, const std::string& run_id);

}  // namespace mainstem::connector::testkit
