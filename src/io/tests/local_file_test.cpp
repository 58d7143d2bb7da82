#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <arrow/result.h>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "columnar/status.h"
#include "connector/testkit/test_context.h"
#include "io/compression.h"
#include "io/durable.h"
#include "io/local_input.h"
#include "io/memory_input.h"
#include "io/output.h"
#include "io/spool.h"

namespace mainstem::io {
namespace {

using columnar::from_arrow;
using connector::testkit::TemporaryFolder;
using connector::testkit::TestContext;

Result<std::string> read_all(Input& input) {
  MS_ASSIGN(auto stream, input.open_stream());
  std::string text;
  while (true) {
    MS_ASSIGN(const auto buffer, from_arrow(stream->Read(1000)));
    if (buffer->size() == 0) return text;
    text += buffer->ToString();
  }
}

Result<void> write_all(Output& output, std::string_view text) {
  MS_TRY(from_arrow(output.stream()->Write(text.data(), static_cast<int64_t>(text.size()))));
  return output.publish();
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

TEST(LocalInputTest, plain_file) {
  const TemporaryFolder folder;
  std::ofstream(folder / "a.csv") << "a,b\n1,2\n";
  auto input = open_local_file(folder / "a.csv").value();
  EXPECT_TRUE(input->seekable());
  EXPECT_TRUE(input->rereadable());
  EXPECT_EQ(input->size(), 8);
  EXPECT_EQ(read_all(*input).value(), "a,b\n1,2\n");
  EXPECT_EQ(read_all(*input).value(), "a,b\n1,2\n");
  auto file = input->open_file().value();
  EXPECT_EQ(file->ReadAt(4, 3).ValueOrDie()->ToString(), "1,2");
}

TEST(LocalInputTest, content_decides_on_compression) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_all(*create_local_file(folder / "a.csv", {.compression = Compression::zstd}).value(), "hello"));
  auto input = open_local_file(folder / "a.csv").value();
  EXPECT_FALSE(input->seekable());
  EXPECT_FALSE(input->size());
  EXPECT_GT(input->stored_size().value(), 5);
  EXPECT_EQ(read_all(*input).value(), "hello");
  EXPECT_EQ(input->open_file().error().code(), ErrorCode::unsupported);
  auto raw = open_local_file(folder / "a.csv", {.compression = Compression::none}).value();
  EXPECT_NE(read_all(*raw).value(), "hello");
}

TEST(LocalInputTest, errors) {
  const TemporaryFolder folder;
  std::ofstream(folder / "a.csv.gz") << "a,b\n";
  EXPECT_EQ(open_local_file(folder / "no.csv").error().code(), ErrorCode::not_found);
  EXPECT_EQ(open_local_file(folder.path()).error().code(), ErrorCode::invalid_config);
  EXPECT_EQ(open_local_file(folder / "a.csv.gz").error().code(), ErrorCode::invalid_data);
  EXPECT_EQ(read_all(*open_local_file(folder / "a.csv.gz", {.compression = Compression::none}).value()).value(),
            "a,b\n");
  if (::geteuid() == 0) return;
  std::filesystem::permissions(folder / "a.csv.gz", std::filesystem::perms::none);
  EXPECT_EQ(open_local_file(folder / "a.csv.gz").error().code(), ErrorCode::permission_denied);
}

TEST(LocalInputTest, a_pipe_passes_by_once) {
  const TemporaryFolder folder;
  const auto path = folder / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  ASSERT_TRUE(
      write_all(*create_local_file(folder / "a.gz", {.compression = Compression::gzip}).value(), "from a pipe"));
  std::thread writer([&] {
    std::ofstream pipe(path);
    pipe << std::ifstream(folder / "a.gz").rdbuf();
  });
  auto input = open_local_file(path).value();
  EXPECT_FALSE(input->rereadable());
  EXPECT_EQ(read_all(*input).value(), "from a pipe");
  writer.join();
  EXPECT_EQ(input->open_stream().error().code(), ErrorCode::unsupported);
}

TEST(LocalInputTest, a_wish_to_stop_ends_the_wait_for_a_silent_pipe) {
  const TemporaryFolder folder;
  const auto path = folder / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  Cancellation cancellation;
  auto input = open_local_file(path, {.cancellation = &cancellation}).value();
  std::thread stopper([&] { cancellation.request(); });
  EXPECT_EQ(read_all(*input).error().code(), ErrorCode::cancelled);
  stopper.join();
}

TEST(StandardStreamsTest, input_and_output) {
  const TemporaryFolder folder;
  std::ofstream(folder / "in") << "x";
  const int kept_in = ::dup(STDIN_FILENO);
  const int kept_out = ::dup(STDOUT_FILENO);
  const int in = ::open((folder / "in").c_str(), O_RDONLY);
  const int out = ::open((folder / "out").c_str(), O_WRONLY | O_CREAT, 0600);
  ::dup2(in, STDIN_FILENO);
  auto input = standard_input();
  const auto text = read_all(*input);
  ::dup2(kept_in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  auto output = standard_output().value();
  const auto written = write_all(*output, "y");
  ::dup2(kept_out, STDOUT_FILENO);
  for (int number : {kept_in, kept_out, in, out}) ::close(number);
  EXPECT_EQ(text.value(), "x");
  EXPECT_TRUE(written);
  EXPECT_FALSE(output->atomic());
  EXPECT_EQ(read_text_file(folder / "out", 100).value(), "y");
}

TEST(LocalOutputTest, is_seen_when_published) {
  const TemporaryFolder folder;
  std::ofstream(folder / "a.csv") << "old";
  std::filesystem::permissions(folder / "a.csv", std::filesystem::perms(0640));
  auto output = create_local_file(folder / "a.csv").value();
  ASSERT_TRUE(output->stream()->Write("new").ok());
  ASSERT_TRUE(output->seal());
  EXPECT_EQ(output->stored_bytes(), 3);
  EXPECT_EQ(read_text_file(folder / "a.csv", 100).value(), "old");
  const auto names = names_in(folder.path());
  ASSERT_EQ(names.size(), 2U);
  EXPECT_TRUE(is_unpublished_name(names[0])) << names[0];
  ASSERT_TRUE(output->publish());
  EXPECT_EQ(read_text_file(folder / "a.csv", 100).value(), "new");
  EXPECT_EQ(names_in(folder.path()), std::vector<std::string>{"a.csv"});
  EXPECT_EQ(std::filesystem::status(folder / "a.csv").permissions(), std::filesystem::perms(0640));
}

TEST(LocalOutputTest, abandoned_leaves_nothing) {
  const TemporaryFolder folder;
  {
    auto output = create_local_file(folder / "a.csv", {.compression = Compression::gzip}).value();
    ASSERT_TRUE(output->stream()->Write("new").ok());
    ASSERT_TRUE(output->seal());
  }
  EXPECT_TRUE(names_in(folder.path()).empty());
}

TEST(LocalOutputTest, has_the_usual_permissions) {
  const TemporaryFolder folder;
  const auto before = ::umask(027);
  ASSERT_TRUE(write_text_file(folder / "a.csv", "x"));
  ::umask(before);
  EXPECT_EQ(std::filesystem::status(folder / "a.csv").permissions(), std::filesystem::perms(0640));
}

TEST(LocalOutputTest, a_link_stays_a_link) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "real");
  std::ofstream(folder / "real/a.csv") << "old";
  std::filesystem::create_symlink("real/a.csv", folder / "a.csv");
  ASSERT_TRUE(write_text_file(folder / "a.csv", "new"));
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "a.csv"));
  EXPECT_EQ(read_text_file(folder / "real/a.csv", 100).value(), "new");
}

TEST(LocalOutputTest, a_full_disk_is_resource_exhausted) {
  auto output = create_local_file("/dev/full", {.compression = Compression::zstd}).value();
  const auto written = write_all(*output, "x");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code(), ErrorCode::resource_exhausted);
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/full"));
}

TEST(LocalOutputTest, errors) {
  const TemporaryFolder folder;
  EXPECT_EQ(create_local_file(folder / "no/a.csv").error().code(), ErrorCode::not_found);
  EXPECT_EQ(create_local_file(folder.path()).error().code(), ErrorCode::invalid_config);
  std::ofstream(folder / "file") << "x";
  EXPECT_EQ(create_folders(folder / "file").error().code(), ErrorCode::already_exists);
  EXPECT_TRUE(create_folders(folder / "a/b/c/"));
  EXPECT_TRUE(std::filesystem::is_directory(folder / "a/b/c"));
  EXPECT_TRUE(remove_file(folder / "nothing"));
  EXPECT_EQ(read_text_file(folder / "file", 0).error().code(), ErrorCode::resource_exhausted);
}

TEST(UnpublishedNameTest, form) {
  EXPECT_TRUE(is_unpublished_name(".a.csv.Ab12_x.tmp"));
  EXPECT_FALSE(is_unpublished_name(".a.tmp"));
  EXPECT_FALSE(is_unpublished_name("a.csv.Ab12_x.tmp"));
  EXPECT_FALSE(is_unpublished_name(".Ab12_x.tmp"));
}

TEST(SpoolTest, makes_a_passing_input_seekable) {
  TestContext context;
  auto passing = memory_input("standard input", "hello", {.seekable = false, .rereadable = false});
  auto copy = spool(context, *passing).value();
  EXPECT_EQ(copy->name(), "standard input");
  EXPECT_EQ(copy->size(), 5);
  EXPECT_EQ(read_all(*copy).value(), "hello");
  EXPECT_EQ(copy->open_file().value()->ReadAt(1, 3).ValueOrDie()->ToString(), "ell");
  EXPECT_EQ(names_in(context.scratch.path()).size(), 1U);
  copy.reset();
  EXPECT_TRUE(names_in(context.scratch.path()).empty());
}

TEST(SpoolTest, a_failed_copy_leaves_nothing) {
  TestContext context;
  auto damaged = memory_input("a.gz", "\x1F\x8B no", {.compression = Compression::gzip});
  EXPECT_EQ(spool(context, *damaged).error().code(), ErrorCode::invalid_data);
  context.cancellation.request();
  EXPECT_EQ(spool(context, *memory_input("a", "x")).error().code(), ErrorCode::cancelled);
  EXPECT_TRUE(names_in(context.scratch.path()).empty());
}

}  // namespace
}  // namespace mainstem::io
