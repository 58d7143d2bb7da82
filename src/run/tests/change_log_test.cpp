// A change log read in slices by the executor: snapshot and stream meet without a gap, and the log is told only of what
// is published.
#include "connector/testkit/shapes/change_log.h"

#include "run/change_slice.h"
#include "run/tests/shape_runs.h"

namespace mainstem::run {
namespace {

using connector::testkit::shapes::LogServer;
using testing::ElementsAre;

class ChangeLog : public ShapeRuns {
 protected:
  ChangeLog() : log_(connector::testkit::shapes::change_log(server_)), memory_(memory_connector(system_)) {
    connections_.add("from", log_, {});
    connections_.add("to", memory_, {});
    tables_ = log_.make_source({}).value();
    changes_ = log_.make_change_source({}).value();
    server_.create("orders", {"item"});
    server_.create("people", {"name"});
    server_.on_wait = [this] { clock_.go_on(std::chrono::seconds(1)); };
  }

  // The position that a target holds.
  std::optional<columnar::Position> published(const std::string& target) const {
    std::optional<columnar::Position> position;
    for (const auto& record : system_.state)
      if (record.target == target) position = record.position;
    return position;
  }
  connector::FollowRequest following() const {
    return {.tables = {{.table = "orders", .after = published("orders")},
                       {.table = "people", .after = published("people")}},
            .options = {}};
  }

  RunResult copy(OpenReads reads) {
    std::vector<Copy> copies;
    for (const auto& [table, read] : reads)
      copies.push_back({.source = table,
                        .target = table,
                        .schema = read->plan().schema,
                        .mode = connector::WriteMode::append,
                        .key = {},
                        .cursor = {},
                        .unit = apart_ && table == "people" ? 1 : 0});
    return run(copies, std::move(reads));
  }
  RunResult copy_snapshot() {
    auto reads = read_before_changes(context_, *changes_, *tables_, following());
    EXPECT_TRUE(reads);
    if (while_snapshot_is_read_) while_snapshot_is_read_();
    return copy(*std::move(reads));
  }
  Result<int64_t> copy_slice(const SliceLimits& limits = {.rows = 1'000, .time = std::chrono::seconds(5)}) {
    MS_ASSIGN(auto slice, ChangeSlice::take(context_, *changes_, following(), limits));
    const int64_t rows = slice.rows();
    MS_ASSIGN(auto reads, slice.reads());
    if (reads.empty()) return rows;
    auto result = copy(std::move(reads));
    if (result.error) return *std::move(result.error);
    return rows;
  }

  // What the target's rows come to if they are applied one after the other. A row that is inserted twice, or changed
  // without being there, is a change that was doubled or lost.
  LogServer::Table applied(const std::string& table) {
    LogServer::Table rows;
    for (const auto& batch : system_.batches[table]) {
      for (int64_t i = 0; i < batch->num_rows(); ++i) apply(*batch, i, rows);
    }
    return rows;
  }
  static void apply(const arrow::RecordBatch& batch, int64_t row, LogServer::Table& rows) {
    const auto text = [&](const std::string& column) -> std::optional<std::string> {
      const auto array = batch.GetColumnByName(column);
      if (array == nullptr || array->IsNull(row)) return std::nullopt;
      return static_cast<const arrow::StringArray&>(*array).GetString(row);
    };
    const auto id = static_cast<const arrow::Int64Array&>(*batch.GetColumnByName("id")).Value(row);
    const auto kind = text("_op").value_or("insert");
    EXPECT_EQ(rows.contains(id), kind != "insert") << kind << " of " << id;
    rows.erase(id);
    if (kind == "delete") return;
    for (const auto& field : batch.schema()->fields())
      if (!field->name().starts_with('_') && field->name() != "id")
        if (const auto value = text(field->name())) rows[id][field->name()] = *value;
  }
  void expect_same(const std::string& table) { EXPECT_EQ(applied(table), server_.table(table)) << table; }

  LogServer server_;
  MemorySystem system_;
  connector::ConnectorSpec log_;
  connector::ConnectorSpec memory_;
  std::unique_ptr<connector::Source> tables_;
  std::unique_ptr<connector::ChangeSource> changes_;
  std::function<void()> while_snapshot_is_read_;
  bool apart_ = false;  // people are published after orders
};

TEST_F(ChangeLog, SnapshotAndStreamMeetWithoutAGap) {
  for (int64_t id = 1; id <= 5; ++id) server_.put("orders", id, {{"item", "old"}});
  server_.commit();
  while_snapshot_is_read_ = [this] {
    server_.put("orders", 6, {{"item", "during"}});
    server_.put("people", 1, {{"name", "during"}});
    server_.remove("orders", 1);
    server_.commit();
  };
  ASSERT_FALSE(copy_snapshot().error);
  EXPECT_EQ(system_.published_rows["orders"], 5) << "the state of the beginning";
  server_.put("orders", 6, {{"item", "later"}});
  server_.put("orders", 1, {{"item", "again"}});
  server_.commit();
  ASSERT_TRUE(copy_slice());
  expect_same("orders");
  expect_same("people");
  EXPECT_EQ(copy_slice().value(), 0) << "nothing comes twice";
  EXPECT_EQ(server_.acknowledged(), 3);
}

TEST_F(ChangeLog, WhatIsNotPublishedIsNotAcknowledged) {
  ASSERT_FALSE(copy_snapshot().error);
  server_.put("orders", 1, {{"item", "a"}});
  server_.put("people", 1, {{"name", "b"}});
  server_.commit();
  system_.commit_fails = true;
  EXPECT_FALSE(copy_slice());
  EXPECT_EQ(server_.acknowledged(), 0);
  system_.commit_fails = false;
  EXPECT_EQ(copy_slice().value(), 2);
  EXPECT_EQ(server_.acknowledged(), 1);
  expect_same("orders");
  expect_same("people");
}

// A run that is killed between its publish and the acknowledgement.
TEST_F(ChangeLog, WhatIsPublishedAndNotAcknowledgedDoesNotComeAgain) {
  ASSERT_FALSE(copy_snapshot().error);
  server_.put("orders", 1, {{"item", "a"}});
  server_.commit();
  server_.acknowledging_fails = true;
  EXPECT_TRUE(copy_slice());
  EXPECT_EQ(server_.acknowledged(), 0);
  server_.acknowledging_fails = false;
  server_.put("orders", 2, {{"item", "b"}});
  server_.commit();
  EXPECT_EQ(copy_slice().value(), 1);
  EXPECT_EQ(server_.acknowledged(), 2);
  expect_same("orders");
}

// One table's target is ahead, as it publishes first and the second failed: each table goes on from its own position.
TEST_F(ChangeLog, TargetsThatPublishApartStandApart) {
  apart_ = true;
  ASSERT_FALSE(copy_snapshot().error);
  server_.put("orders", 1, {{"item", "a"}});
  server_.put("people", 1, {{"name", "b"}});
  server_.commit();
  int commits = 0;
  context_.on_point = [&](std::string_view point) {
    if (point == "publish.end" && ++commits == 1) system_.commit_fails = true;
  };
  EXPECT_FALSE(copy_slice());
  system_.commit_fails = false;
  context_.on_point = {};
  EXPECT_EQ(server_.acknowledged(), 0) << "people are not published";
  EXPECT_EQ(published("orders")->bytes, "1");
  EXPECT_EQ(published("people")->bytes, "0");
  server_.put("orders", 2, {{"item", "c"}});
  server_.commit();
  ASSERT_TRUE(copy_slice());
  expect_same("orders");
  expect_same("people");
  EXPECT_EQ(server_.acknowledged(), 2);
}

TEST_F(ChangeLog, ASliceEndsWithATransaction) {
  ASSERT_FALSE(copy_snapshot().error);
  int64_t id = 0;
  for (int transaction = 0; transaction < 5; ++transaction) {
    for (int i = 0; i < 4; ++i) server_.put("orders", ++id, {{"item", "x"}});
    server_.commit();
  }
  std::vector<int64_t> rows;
  while (rows.empty() || rows.back() != 0)
    rows.push_back(copy_slice({.rows = 6, .time = std::chrono::seconds(5)}).value());
  EXPECT_THAT(rows, ElementsAre(8, 8, 4, 0));
  EXPECT_EQ(server_.acknowledged(), 5);
  expect_same("orders");
}

TEST_F(ChangeLog, ATableChangesItsShapeWithinASlice) {
  ASSERT_FALSE(copy_snapshot().error);
  server_.put("orders", 1, {{"item", "a"}});
  server_.add_column("orders", "price");
  server_.put("orders", 2, {{"item", "b"}, {"price", "7"}});
  server_.commit();
  server_.put("orders", 1, {{"item", "a"}, {"price", "8"}});
  server_.commit();
  EXPECT_EQ(copy_slice().value(), 3);
  expect_same("orders");
  EXPECT_THAT(system_.batches["orders"].back()->schema()->field_names(),
              testing::UnorderedElementsAre("_op", "id", "item", "price", "_before_item", "_before_price"));
}

TEST_F(ChangeLog, AChangeOfShapeAfterTheSliceIsGivenInTheNext) {
  ASSERT_FALSE(copy_snapshot().error);
  server_.put("orders", 1, {{"item", "a"}});
  server_.commit();
  ASSERT_TRUE(copy_slice());
  server_.add_column("orders", "price");
  server_.commit();
  EXPECT_EQ(copy_slice().value(), 0);
  server_.put("orders", 2, {{"item", "b"}, {"price", "9"}});
  server_.commit();
  EXPECT_EQ(copy_slice().value(), 1);
  expect_same("orders");
}

TEST_F(ChangeLog, AGapIsAnErrorAndNeverPassedOver) {
  ASSERT_FALSE(copy_snapshot().error);
  server_.put("orders", 1, {{"item", "a"}});
  server_.commit();
  ASSERT_TRUE(copy_slice());
  const auto behind = system_.state;
  server_.put("orders", 2, {{"item", "b"}});
  server_.commit();
  ASSERT_TRUE(copy_slice());
  system_.state = behind;  // as a target that was restored from an old copy
  const auto slice = copy_slice();
  ASSERT_FALSE(slice);
  EXPECT_EQ(slice.error().code(), ErrorCode::not_found);
}

TEST_F(ChangeLog, SpoolsGoWithTheirSlice) {
  ASSERT_FALSE(copy_snapshot().error);
  server_.put("orders", 1, {{"item", "a"}});
  server_.commit();
  ASSERT_TRUE(copy_slice());
  EXPECT_TRUE(std::filesystem::is_empty(test_.scratch.path()));
}

}  // namespace
}  // namespace mainstem::run
