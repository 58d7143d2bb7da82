#include "run/cursor_filter.h"

#include <arrow/api.h>
#include <arrow/json/from_string.h>
#include <gmock/gmock.h>

namespace mainstem::run {
namespace {

std::shared_ptr<arrow::RecordBatch> batch(const std::shared_ptr<arrow::DataType>& type, const std::string& json) {
  const auto column = arrow::json::ArrayFromJSONString(type, json).ValueOrDie();
  return arrow::RecordBatch::Make(arrow::schema({arrow::field("at", type)}), column->length(), {column});
}

std::unique_ptr<CursorFilter> filter(const arrow::RecordBatch& rows, std::optional<columnar::Position> after,
                                     const std::string& lookback = "") {
  auto made = CursorFilter::make(*rows.schema(), {.column = "at", .after = std::move(after), .lookback = lookback});
  if (!made) ADD_FAILURE() << made.error().to_string();
  return *std::move(made);
}

std::shared_ptr<arrow::RecordBatch> apply(CursorFilter& filter, const std::shared_ptr<arrow::RecordBatch>& rows) {
  auto kept = filter.apply(rows);
  if (!kept) ADD_FAILURE() << kept.error().to_string();
  return *std::move(kept);
}

struct Case {
  std::shared_ptr<arrow::DataType> type;
  std::string first, second;  // JSON; the greatest value of `first` stands in `second` again, with one that is greater
};

// A position is written down by one run and read by the next: what comes back must be the same value.
TEST(CursorFilter, WhatOneRunRemembersTheNextOneUnderstands) {
  const std::vector<Case> cases{
      {arrow::int32(), "[3, 1, 2]", "[2, 3, 4]"},
      {arrow::uint64(), "[18446744073709551613]", "[18446744073709551613, 18446744073709551614]"},
      {arrow::float64(), "[0.1, 0.30000000000000004]", "[0.30000000000000004, 0.5]"},
      {arrow::decimal128(12, 2), R"(["1.50", "2.25"])", R"(["2.25", "2.26"])"},
      {arrow::date32(), "[20000, 20001]", "[20001, 20002]"},
      {arrow::date64(), "[86400000]", "[86400000, 172800000]"},
      {arrow::timestamp(arrow::TimeUnit::SECOND), R"(["2026-01-02 03:04:05"])",
       R"(["2026-01-02 03:04:05", "2026-01-02 03:04:06"])"},
      {arrow::timestamp(arrow::TimeUnit::MICRO), R"(["2026-01-02 03:04:05.123456"])",
       R"(["2026-01-02 03:04:05.123456", "2026-01-02 03:04:05.123457"])"},
      {arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"), R"(["2026-01-02 03:04:05.123456"])",
       R"(["2026-01-02 03:04:05.123456", "2026-01-02 03:04:05.123457"])"},
      {arrow::timestamp(arrow::TimeUnit::MICRO, "Europe/Berlin"), R"(["2026-01-02 03:04:05.123456"])",
       R"(["2026-01-02 03:04:05.123456", "2026-01-02 03:04:05.123457"])"},
      {arrow::utf8(), R"(["a", "b c"])", R"(["b c", "b d"])"},
  };
  for (const auto& [type, first, second] : cases) {
    const auto old = batch(type, first);
    auto before = filter(*old, std::nullopt);
    EXPECT_EQ(apply(*before, old)->num_rows(), old->num_rows());
    ASSERT_TRUE(before->position()) << type->ToString();

    const auto rows = batch(type, second);
    auto after = filter(*rows, before->position());
    const auto kept = apply(*after, rows);
    ASSERT_EQ(kept->num_rows(), 1) << type->ToString() << " from " << before->position()->bytes;
    EXPECT_NE(after->position()->bytes, before->position()->bytes);
  }
}

TEST(CursorFilter, RowsWithoutACursorAlwaysPass) {
  const auto rows = batch(arrow::int64(), "[null, 5, 6]");
  auto after = filter(*rows, columnar::Position{.bytes = "5", .printable = "5"});
  EXPECT_EQ(apply(*after, rows)->num_rows(), 2);
  EXPECT_EQ(after->position()->bytes, "6");
}

TEST(CursorFilter, ALookbackReadsTheOverlapAgainWithItsEdge) {
  const auto rows = batch(arrow::int64(), "[89, 90, 95, 100]");
  auto after = filter(*rows, columnar::Position{.bytes = "100", .printable = "100"}, "10");
  EXPECT_EQ(apply(*after, rows)->num_rows(), 3);
  EXPECT_EQ(after->position()->bytes, "100");
}

TEST(CursorFilter, ALookbackOfTimeStepsBackInTime) {
  const auto type = arrow::timestamp(arrow::TimeUnit::MICRO);
  const auto rows = batch(type, R"(["2026-01-02 00:59:59", "2026-01-02 01:00:00", "2026-01-02 02:00:00"])");
  auto after = filter(*rows, columnar::Position{.bytes = "2026-01-02 02:00:00", .printable = ""}, "1h");
  EXPECT_EQ(apply(*after, rows)->num_rows(), 2);
  const auto days = batch(arrow::date32(), "[20000, 20001, 20002]");
  auto date = filter(*days, columnar::Position{.bytes = "2024-10-06", .printable = ""}, "1d");
  EXPECT_EQ(apply(*date, days)->num_rows(), 2) << "2024-10-06 is day 20002";
}

// Seeing only old rows of the overlap must not lead back: the rows between would come again and again.
TEST(CursorFilter, APositionNeverMovesBack) {
  const auto rows = batch(arrow::int64(), "[95]");
  auto after = filter(*rows, columnar::Position{.bytes = "100", .printable = "100"}, "10");
  EXPECT_EQ(apply(*after, rows)->num_rows(), 1);
  EXPECT_EQ(after->position()->bytes, "100");
}

TEST(CursorFilter, WithoutNewsThePositionStays) {
  const auto rows = batch(arrow::int64(), "[1, 2]");
  auto after = filter(*rows, columnar::Position{.bytes = "2", .printable = "2"});
  EXPECT_EQ(apply(*after, rows)->num_rows(), 0);
  EXPECT_EQ(after->position()->bytes, "2");
}

TEST(CursorFilter, MisfitsAreRefused) {
  const auto schema = arrow::schema({arrow::field("at", arrow::date32()), arrow::field("b", arrow::boolean())});
  const auto code = [&](const connector::CursorRange& range) {
    const auto made = CursorFilter::make(*schema, range);
    return made ? ErrorCode::internal : made.error().code();
  };
  const columnar::Position day{.bytes = "2026-01-02", .printable = "2026-01-02"};
  EXPECT_EQ(code({.column = "att", .after = {}, .lookback = ""}), ErrorCode::invalid_config);
  EXPECT_EQ(code({.column = "b", .after = {}, .lookback = ""}), ErrorCode::invalid_config);
  EXPECT_EQ(code({.column = "at", .after = day, .lookback = "many"}), ErrorCode::invalid_config);
  EXPECT_EQ(code({.column = "at", .after = columnar::Position{.bytes = "17x", .printable = "17x"}, .lookback = ""}),
            ErrorCode::invalid_data);
}

}  // namespace
}  // namespace mainstem::run
