#include "connector/testkit/shapes/record_files.h"

#include <algorithm>
#include <arrow/api.h>
#include <arrow/io/api.h>
#include <arrow/ipc/api.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>

#include "columnar/status.h"

namespace mainstem::connector::testkit::shapes {
namespace {

using columnar::from_arrow;
namespace fs = std::filesystem;

std::vector<fs::path> visible(const std::string& folder, bool folders) {
  std::vector<fs::path> paths;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(folder, missing)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with('_') || name.starts_with('.') || entry.is_directory() != folders) continue;
    paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

}  // namespace

std::string as_hex(std::string_view bytes) {
  std::string digits;
  for (const unsigned char byte : bytes) digits += fmt::format("{:02x}", byte);
  return digits;
}

std::string from_hex(std::string_view digits) {
  std::string bytes;
  for (size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
  return bytes;
}

Result<std::string> to_record(const arrow::RecordBatch& batch) {
  MS_ASSIGN(const auto sink, from_arrow(arrow::io::BufferOutputStream::Create()));
  MS_ASSIGN(const auto writer, from_arrow(arrow::ipc::MakeStreamWriter(sink, batch.schema())));
  MS_TRY(from_arrow(writer->WriteRecordBatch(batch)));
  MS_TRY(from_arrow(writer->Close()));
  MS_ASSIGN(const auto buffer, from_arrow(sink->Finish()));
  return buffer->ToString();
}

Result<std::shared_ptr<arrow::RecordBatch>> from_record(const std::string& bytes) {
  const auto input = std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(bytes));
  MS_ASSIGN(const auto reader, from_arrow(arrow::ipc::RecordBatchStreamReader::Open(input)));
  std::shared_ptr<arrow::RecordBatch> batch;
  MS_TRY(from_arrow(reader->ReadNext(&batch)));
  if (batch == nullptr) return Error(ErrorCode::invalid_data, "a record holds nothing");
  return batch;
}

Result<std::string> read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (!file.good() && !file.eof()) return Error(ErrorCode::unavailable, "cannot read " + path);
  return bytes;
}

Result<void> replace_file(const std::string& path, std::string_view bytes) {
  std::error_code failed;
  const fs::path target(path);
  fs::create_directories(target.parent_path(), failed);
  const auto aside = target.parent_path() / ("." + target.filename().string());
  std::ofstream file(aside, std::ios::binary);
  file << bytes;
  file.close();
  if (!file) return Error(ErrorCode::unavailable, "cannot write " + path);
  fs::rename(aside, target, failed);
  if (failed) return Error(ErrorCode::unavailable, path + ": " + failed.message());
  return {};
}

std::vector<std::string> visible_files(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& path : visible(folder, false)) names.push_back(path.string());
  return names;
}

std::vector<std::string> visible_folders(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& path : visible(folder, true)) names.push_back(path.filename().string());
  return names;
}

}  // namespace mainstem::connector::testkit::shapes
