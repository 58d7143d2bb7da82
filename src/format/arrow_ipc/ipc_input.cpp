#include "format/arrow_ipc/ipc_input.h"

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

Result<IpcInput> look_into(const std::shared_ptr<io::Input>& input) {
  IpcInput found{.input = input, .schema = nullptr};
  MS_ASSIGN(const auto file, input->open_file());
  MS_ASSIGN(const auto start, readable(file->ReadAt(0, 6), *input));
  const auto magic = start->ToString();
  if (magic == "ARROW1") return look_into_file(std::move(found), file);
  if (magic.starts_with("FEA1"))
    return Error(ErrorCode::unsupported, input->name() + " is of Feather version 1, which has no lists and no zones")
        .hint("write it again with a newer Arrow, as Feather 2");
  if (magic.size() < 6) return read_error(arrow::Status::Invalid("it has no schema"), input->name(), "Arrow");
  return look_into_stream(std::move(found), file);
}

Result<BatchPull> open_batches(const IpcInput& found, int first, int count, const arrow::Schema& schema) {
  MS_ASSIGN(const auto file, found.input->open_file());
  const auto options = options_for(*found.schema, schema);
  const auto input = found.input;
  if (found.layout == Layout::stream) {
    MS_ASSIGN(const StreamReader reader, readable(arrow::ipc::RecordBatchStreamReader::Open(file, options), *input));
    return BatchPull([reader, input]() -> Result<std::shared_ptr<arrow::RecordBatch>> {
      MS_ASSIGN(auto batch, readable(reader->Next(), *input));
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
