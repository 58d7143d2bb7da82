#include "format/arrow_ipc/ipc_input.h"

#include <algorithm>
#include <arrow/api.h>
#include <arrow/io/interfaces.h>
#include <arrow/ipc/api.h>

#include "columnar/status.h"
#include "format/read_error.h"

namespace mainstem::format::arrow_ipc {
namespace {

using FileReader = std::shared_ptr<arrow::ipc::RecordBatchFileReader>;
using StreamReader = std::shared_ptr<arrow::ipc::RecordBatchStreamReader>;

template <class T>
Result<T> readable(arrow::Result<T> result, const io::Input& input) {
  if (result.ok()) return *std::move(result);
  return read_error(result.status(), input.name(), "Arrow");
}

arrow::ipc::IpcReadOptions options_for(const arrow::Schema& all, const arrow::Schema& wanted) {
  auto options = arrow::ipc::IpcReadOptions::Defaults();
  options.use_threads = false;
  for (int i = 0; i < all.num_fields(); ++i)
    if (wanted.GetFieldIndex(all.field(i)->name()) >= 0) options.included_fields.push_back(i);
  // An empty list would mean all; a file without wanted columns needs its first one for the count of rows.
  if (options.included_fields.empty() && all.num_fields() > 0) options.included_fields.push_back(0);
  return options;
}

// The rows come from outside: offsets, lengths and text are checked before anybody relies on them.
Result<std::shared_ptr<arrow::RecordBatch>> checked(std::shared_ptr<arrow::RecordBatch> batch, const io::Input& input) {
  if (batch == nullptr) return batch;
  if (const auto status = batch->ValidateFull(); !status.ok()) return read_error(status, input.name(), "Arrow");
  return batch;
}

// Arrow takes the end of the bytes for the end of the stream, so that one whose writer was killed looks whole.
// Format: a continuation (0xFFFFFFFF) and a length of zero, arrow.apache.org/docs/format/Columnar.html, IPC streaming.
Result<void> check_end(arrow::io::RandomAccessFile& file, const io::Input& input) {
  static constexpr std::string_view kEnd("\xff\xff\xff\xff\0\0\0\0", 8);
  MS_ASSIGN(const int64_t end, readable(file.Tell(), input));
  MS_ASSIGN(const auto mark, readable(file.ReadAt(std::max<int64_t>(0, end - 8), 8), input));
  if (mark->ToString() == kEnd) return {};
  return Error(ErrorCode::invalid_data, "the stream ends without its end mark: it may be cut off")
      .hint("if its writer sets no mark, read it with end_mark: optional")
      .during("reading " + input.name());
}

Result<IpcInput> look_into_file(IpcInput found, const std::shared_ptr<arrow::io::RandomAccessFile>& file) {
  MS_ASSIGN(const auto reader, readable(arrow::ipc::RecordBatchFileReader::Open(file), *found.input));
  found.schema = reader->schema();
  found.batches = reader->num_record_batches();
  MS_ASSIGN(found.rows, readable(reader->CountRows(), *found.input));
  return found;
}

Result<IpcInput> look_into_stream(IpcInput found, const std::shared_ptr<arrow::io::RandomAccessFile>& file) {
  MS_ASSIGN(const auto reader, readable(arrow::ipc::RecordBatchStreamReader::Open(file), *found.input));
  found.layout = Layout::stream;
  found.schema = reader->schema();
  return found;
}

}  // namespace

Result<IpcInput> look_into(const std::shared_ptr<io::Input>& input, const ReadOptions& options) {
  IpcInput found{.input = input, .schema = nullptr, .end_mark = options.end_mark};
  MS_ASSIGN(const auto file, input->open_file());
  MS_ASSIGN(const auto start, readable(file->ReadAt(0, 6), *input));
  const auto magic = start->ToString();
  if (magic == "ARROW1") return look_into_file(std::move(found), file);
  if (magic.starts_with("FEA1"))
    return Error(ErrorCode::unsupported, input->name() + " is of Feather version 1, which has no lists and no zones")
        .hint("write it again with a newer Arrow, as Feather 2");
  if (magic.size() < 6) return read_error(arrow::Status::Invalid("it has no schema"), input->name(), "Arrow");
  // A file that was read at a place has lost its own.
  if (const auto status = file->Seek(0); !status.ok()) return read_error(status, input->name(), "Arrow");
  return look_into_stream(std::move(found), file);
}

Result<BatchPull> open_batches(const IpcInput& found, int first, int count, const arrow::Schema& schema) {
  MS_ASSIGN(const auto file, found.input->open_file());
  const auto options = options_for(*found.schema, schema);
  const auto input = found.input;
  if (found.layout == Layout::stream) {
    MS_ASSIGN(const StreamReader reader, readable(arrow::ipc::RecordBatchStreamReader::Open(file, options), *input));
    const bool needs_mark = found.end_mark == EndMark::required;
    return BatchPull([reader, input, file, needs_mark]() -> Result<std::shared_ptr<arrow::RecordBatch>> {
      MS_ASSIGN(auto batch, readable(reader->Next(), *input));
      if (batch == nullptr && needs_mark) MS_TRY(check_end(*file, *input));
      return checked(std::move(batch), *input);
    });
  }
  MS_ASSIGN(const FileReader reader, readable(arrow::ipc::RecordBatchFileReader::Open(file, options), *input));
  return BatchPull(
      [reader, input, next = first, end = first + count]() mutable -> Result<std::shared_ptr<arrow::RecordBatch>> {
        if (next >= end) return std::shared_ptr<arrow::RecordBatch>();
        MS_ASSIGN(auto batch, readable(reader->ReadRecordBatch(next++), *input));
        return checked(std::move(batch), *input);
      });
}

}  // namespace mainstem::format::arrow_ipc
