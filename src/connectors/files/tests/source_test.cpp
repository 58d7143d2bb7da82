#include "connectors/files/source.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "connector/testkit/test_context.h"
#include "connectors/files/hive.h"
#include "connectors/files/tests/lines_format.h"
#include "io/output.h"

namespace mainstem::connectors::files {
namespace {

using config::Node;
using connector::ReadRequest;
using Lines = std::vector<std::string>;

class SourceTest : public testing::Test {
 protected:
  void add(const std::string& name, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  std::unique_ptr<connector::Source> source() {
    return make_source(Node::map({{"path", Node::scalar(folder_.path())}}), lines_formats()).value();
  }
  static ReadRequest request(std::vector<std::pair<std::string, Node>> options) {
    ReadRequest request{.name = "s"};
    request.options = Node::map(std::move(options));
    return request;
  }
  Result<std::unique_ptr<connector::PlannedRead>> plan(const std::string& path) {
    source_ = source();
    return source_->plan_read(context_, request({{"path", Node::scalar(path)}}));
  }
  Lines rows(connector::PlannedRead& read) {
    Lines lines;
    for (const auto& partition : read.plan().partitions) {
      auto reader = read.open(context_, partition).value();
      while (auto batch = reader->next(context_).value()) {
        for (const auto& reject : batch->rejects)
          lines.push_back("reject " + reject.object.substr(folder_.path().size()));
        for (int64_t row = 0; row < batch->rows->num_rows(); ++row) {
          std::string line;
          for (const auto& column : batch->rows->columns())
            line += (line.empty() ? "" : "|") + column->GetScalar(row).ValueOrDie()->ToString();
          lines.push_back(line);
        }
      }
    }
    return lines;
  }

  connector::testkit::TestContext context_;
  connector::testkit::TemporaryFolder folder_;
  std::unique_ptr<connector::Source> source_;
};

TEST_F(SourceTest, files_in_order_with_rejects) {
  add("d/b.txt", "3\n");
  add("d/a.txt", "1\n!bad\n2\n");
  auto read = plan("d").value();
  EXPECT_EQ(read->plan().partitions.size(), 2U);
  EXPECT_EQ(read->plan().estimate.bytes, 11);
  EXPECT_EQ(rows(*read), (Lines{"reject /d/a.txt", "1", "2", "3"}));
}

TEST_F(SourceTest, hive_folders_become_columns) {
  add("e/day=2026-01-01/n=1/name=a%2Fb/x.txt", "1\n");
  add("e/day=2026-01-02/n=__HIVE_DEFAULT_PARTITION__/name=007/x.txt", "2\n");
  auto read = plan("e").value();
  EXPECT_EQ(read->plan().schema->ToString(false), "line: string\nday: date32[day]\nn: int64\nname: string");
  EXPECT_EQ(rows(*read), (Lines{"1|2026-01-01|1|a/b", "2|2026-01-02|null|007"}));
  EXPECT_EQ(rows(*plan("e/day=*/**").value()), (Lines{"1|2026-01-01|1|a/b", "2|2026-01-02|null|007"}));
}

TEST_F(SourceTest, hive_types_come_back_as_written) {
  EXPECT_EQ(infer_hive_type({"1", "-5", std::nullopt})->id(), arrow::Type::INT64);
  EXPECT_EQ(infer_hive_type({"1", "007"})->id(), arrow::Type::STRING);
  EXPECT_EQ(infer_hive_type({"9223372036854775808"})->id(), arrow::Type::STRING);
  EXPECT_EQ(infer_hive_type({"2026-02-29"})->id(), arrow::Type::STRING);
  EXPECT_EQ(infer_hive_type({std::nullopt})->id(), arrow::Type::STRING);
  for (const std::string text : {"__HIVE_DEFAULT_PARTITION__", "", "a/b=c%", "\xC3\xBC .."}) {
    const auto folder = hive_folder("k", text).value();
    EXPECT_EQ(folder.find('/'), std::string::npos);
    EXPECT_EQ(hive_entries(folder + "/x").value()[0].second, HiveValue(text));
  }
  EXPECT_EQ(hive_entries("k=%zz/x").error().code(), ErrorCode::invalid_data);
  EXPECT_EQ(hive_folder("k", std::string(300, 'a')).error().code(), ErrorCode::invalid_data);
}

TEST_F(SourceTest, mixed_folders_are_an_error_that_can_be_switched_off) {
  add("e/day=1/x.txt", "1\n");
  add("e/x.txt", "2\n");
  EXPECT_EQ(plan("e").error().code(), ErrorCode::invalid_data);
  source_ = source();
  auto read = source_->plan_read(context_,
                                 request({{"path", Node::scalar("e")}, {"hive_partitioning", Node::scalar("false")}}));
  EXPECT_EQ(rows(**read), (Lines{"1", "2"}));
}

TEST_F(SourceTest, declared_type_and_projection) {
  add("e/n=1/x.txt", "a\n");
  source_ = source();
  auto asked = request({{"path", Node::scalar("e")}, {"file_name_column", Node::scalar("file")}});
  asked.declared = arrow::schema({arrow::field("n", arrow::utf8())});
  asked.columns = {"n", "file"};
  auto read = source_->plan_read(context_, asked).value();
  EXPECT_EQ(read->plan().schema->field(0)->type()->id(), arrow::Type::STRING);
  EXPECT_EQ(rows(*read), Lines{"1|" + (folder_ / "e/n=1/x.txt")});
  asked.columns = {"nn"};
  EXPECT_EQ(source_->plan_read(context_, asked).error().hint(), "did you mean 'n'?");
  asked.columns = {};
  asked.declared = arrow::schema({arrow::field("n", arrow::date32())});
  read = source_->plan_read(context_, asked).value();
  EXPECT_EQ(read->open(context_, read->plan().partitions[0]).error().code(), ErrorCode::invalid_data);
}

TEST_F(SourceTest, compressed_by_content) {
  auto output = io::create_local_file(folder_ / "a.txt.gz", {.compression = io::Compression::gzip}).value();
  ASSERT_TRUE(output->stream()->Write("1\n2\n").ok());
  ASSERT_TRUE(output->publish());
  EXPECT_EQ(rows(*plan("a.txt.gz").value()), (Lines{"1", "2"}));
  std::filesystem::resize_file(folder_ / "a.txt.gz", std::filesystem::file_size(folder_ / "a.txt.gz") - 1);
  auto read = plan("a.txt.gz").value();
  auto reader = read->open(context_, read->plan().partitions[0]).value();
  EXPECT_EQ(reader->next(context_).error().code(), ErrorCode::invalid_data);
}

TEST_F(SourceTest, options_of_the_format_stand_beside) {
  add("a.txt", "1\n2\n");
  source_ = source();
  auto read = source_->plan_read(context_, request({{"path", Node::scalar("a.txt")}, {"skip", Node::scalar("1")}}));
  EXPECT_EQ(rows(**read), Lines{"2"});
  const auto wrong = request({{"path", Node::scalar("a.txt")}, {"skipp", Node::scalar("1")}});
  EXPECT_EQ(source_->plan_read(context_, wrong).error().hint(), "did you mean 'skip'?");
  EXPECT_EQ(check_source(wrong.options, lines_formats()).error().hint(), "did you mean 'skip'?");
  EXPECT_EQ(check_source(Node::map({{"path", Node::scalar("d")}, {"compresion", Node::scalar("x")}}), lines_formats())
                .error()
                .hint(),
            "did you mean 'compression'?");
  EXPECT_TRUE(check_source(Node::map({{"path", Node::scalar("d")}, {"skip", Node::scalar("1")}}), lines_formats()));
}

TEST_F(SourceTest, formats_that_are_not_known_or_not_one) {
  add("d/a.txt", "1\n");
  add("d/b.log", "2\n");
  add("e/a.what", "3\n");
  EXPECT_EQ(plan("d").error().code(), ErrorCode::invalid_config);
  EXPECT_EQ(plan("e").error().code(), ErrorCode::invalid_config);
  EXPECT_EQ(plan("missing.txt").error().code(), ErrorCode::not_found);
  source_ = source();
  auto read = source_->plan_read(context_, request({{"path", Node::scalar("e")}, {"format", Node::scalar("lines")}}));
  EXPECT_EQ(rows(**read), Lines{"3"});
  auto bad = source_->plan_read(context_, request({{"path", Node::scalar("e")}, {"format", Node::scalar("line")}}));
  EXPECT_EQ(bad.error().hint(), "did you mean 'lines'?");
  EXPECT_EQ(source_->plan_read(context_, request({})).error().code(), ErrorCode::invalid_config);
}

TEST_F(SourceTest, a_file_that_changes_is_noticed) {
  add("a.txt", "1\n");
  auto read = plan("a.txt").value();
  const auto kept = read->plan().partitions[0];
  auto again = plan("a.txt").value();
  EXPECT_TRUE(again->open(context_, kept));
  add("a.txt", "1\n2\n");
  EXPECT_EQ(read->open(context_, kept).error().code(), ErrorCode::conflict);
  EXPECT_EQ(plan("a.txt").value()->open(context_, kept).error().code(), ErrorCode::conflict);
}

TEST_F(SourceTest, discover_lists_files_and_folders) {
  add("a.txt", "1\n");
  add("d/b.txt", "1\n");
  add("readme", "1\n");
  add(".hidden.txt", "1\n");
  const auto tables = source()->discover(context_, "").value();
  ASSERT_EQ(tables.size(), 2U);
  EXPECT_EQ(tables[0].table.name, "a.txt");
  EXPECT_EQ(tables[0].kind, "file");
  EXPECT_EQ(tables[1].kind, "folder");
  EXPECT_EQ(tables[1].schema->ToString(), "line: string");
  EXPECT_EQ(source()->discover(context_, "d*").value().size(), 1U);
  ReadRequest by_table{.name = "s", .table = "\"a.txt\""};
  source_ = source();
  EXPECT_EQ(rows(**source_->plan_read(context_, by_table)), Lines{"1"});
}

}  // namespace
}  // namespace mainstem::connectors::files
