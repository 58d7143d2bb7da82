#include "io/compression.h"

#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/result.h>
#include <gtest/gtest.h>

#include "columnar/status.h"
#include "io/memory_input.h"

namespace mainstem::io {
namespace {

std::string long_text() {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += std::to_string(i * 7919 % 100'003) + ",value\n";
  return text;
}

std::string compressed(std::string_view text, Compression compression, size_t step = 100'000) {
  auto sink = arrow::io::BufferOutputStream::Create().ValueOrDie();
  auto stream = compress(sink, compression).value();
  for (size_t at = 0; at < text.size(); at += step) {
    const auto part = text.substr(at, step);
    EXPECT_TRUE(stream->Write(part.data(), static_cast<int64_t>(part.size())).ok());
  }
  EXPECT_TRUE(stream->Close().ok());
  EXPECT_FALSE(sink->closed());
  return sink->Finish().ValueOrDie()->ToString();
}

Result<std::string> decompressed(std::string bytes, Compression compression, int64_t step = 65'536) {
  MS_ASSIGN(auto stream, memory_input("a.csv", std::move(bytes), {.compression = compression})->open_stream());
  std::string text;
  while (true) {
    MS_ASSIGN(const auto buffer, columnar::from_arrow(stream->Read(step)));
    if (buffer->size() == 0) return text;
    text += buffer->ToString();
  }
}

class CompressionTest : public testing::TestWithParam<Compression> {};

TEST_P(CompressionTest, gives_back_what_was_written) {
  const auto text = long_text();
  const auto bytes = compressed(text, GetParam());
  EXPECT_LT(bytes.size(), text.size() / 2);
  EXPECT_EQ(detect_compression(bytes), GetParam());
  EXPECT_EQ(decompressed(bytes, GetParam()).value(), text);
  EXPECT_EQ(decompressed(compressed("abc", GetParam()), GetParam(), 1).value(), "abc");
  EXPECT_EQ(decompressed(compressed("", GetParam()), GetParam()).value(), "");
}

TEST_P(CompressionTest, reads_members_one_after_the_other) {
  const auto bytes = compressed("one\n", GetParam()) + compressed("", GetParam()) + compressed("two\n", GetParam());
  EXPECT_EQ(decompressed(bytes, GetParam()).value(), "one\ntwo\n");
  EXPECT_EQ(decompressed(bytes, GetParam(), 1).value(), "one\ntwo\n");
}

TEST_P(CompressionTest, truncated_at_any_byte_is_an_error) {
  const auto bytes = compressed("some text, some text, some text", GetParam());
  for (size_t length = 0; length < bytes.size(); ++length) {
    const auto read = decompressed(bytes.substr(0, length), GetParam());
    ASSERT_FALSE(read) << "cut at " << length;
    EXPECT_EQ(read.error().code(), ErrorCode::invalid_data);
    EXPECT_NE(read.error().message().find("a.csv"), std::string::npos);
  }
}

TEST_P(CompressionTest, truncated_second_member_is_an_error) {
  const auto first = compressed("one\n", GetParam());
  const auto second = compressed("two\n", GetParam());
  for (size_t length = 1; length < second.size(); ++length)
    EXPECT_FALSE(decompressed(first + second.substr(0, length), GetParam())) << "cut at " << length;
}

TEST_P(CompressionTest, trailing_bytes_are_an_error) {
  for (const auto& garbage : {std::string("x"), std::string("garbage garbage"), std::string("\0\0x", 3)}) {
    const auto read = decompressed(compressed("one\n", GetParam()) + garbage, GetParam());
    ASSERT_FALSE(read) << garbage.size();
    EXPECT_EQ(read.error().code(), ErrorCode::invalid_data);
  }
}

TEST_P(CompressionTest, damage_is_an_error) {
  const auto text = long_text();
  auto bytes = compressed(text, GetParam());
  for (size_t at : {bytes.size() / 3, bytes.size() / 2, bytes.size() - 3}) {
    auto damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    const auto read = decompressed(damaged, GetParam());
    ASSERT_FALSE(read) << "damaged at " << at;
    EXPECT_EQ(read.error().code(), ErrorCode::invalid_data);
  }
}

TEST(GzipPaddingTest, zero_bytes_up_to_the_end_are_ignored) {
  const auto stored = compressed("one\n", Compression::gzip);
  for (const size_t zeros : {size_t{1}, size_t{511}, size_t{1} << 20}) {
    const auto read = decompressed(stored + std::string(zeros, '\0'), Compression::gzip);
    ASSERT_TRUE(read) << zeros;
    EXPECT_EQ(*read, "one\n");
  }
  EXPECT_FALSE(decompressed(stored + std::string(9, '\0') + stored, Compression::gzip));
  EXPECT_FALSE(decompressed(compressed("one\n", Compression::zstd) + std::string(9, '\0'), Compression::zstd));
}

INSTANTIATE_TEST_SUITE_P(all, CompressionTest, testing::Values(Compression::gzip, Compression::zstd),
                         [](const auto& method) { return std::string(to_string(method.param)); });

TEST(CompressionNameTest, ending_and_content) {
  EXPECT_EQ(compression_of_name("a.csv.GZ"), Compression::gzip);
  EXPECT_EQ(compression_of_name("a.zst"), Compression::zstd);
  EXPECT_EQ(compression_of_name("gz"), Compression::none);
  EXPECT_EQ(without_compression_ending("a.csv.gz"), "a.csv");
  EXPECT_EQ(without_compression_ending("a.csv"), "a.csv");
  EXPECT_EQ(settle_compression("a.csv", compressed("x", Compression::gzip)).value(), Compression::gzip);
  EXPECT_EQ(settle_compression("a.csv.gz", compressed("x", Compression::zstd)).value(), Compression::zstd);
  EXPECT_EQ(settle_compression("a.csv", "").value(), Compression::none);
  EXPECT_EQ(settle_compression("a.csv.gz", "a,b\n").error().code(), ErrorCode::invalid_data);
  EXPECT_EQ(settle_compression("a.csv.gz", "").error().code(), ErrorCode::invalid_data);
}

}  // namespace
}  // namespace mainstem::io
