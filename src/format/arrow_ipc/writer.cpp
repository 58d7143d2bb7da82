#include <arrow/api.h>
#include <arrow/io/interfaces.h>
#include <arrow/ipc/api.h>
#include <arrow/util/compression.h>

#include "columnar/status.h"
#include "format/arrow_ipc/options.h"
#include "format/arrow_ipc/scan.h"

namespace mainstem::format::arrow_ipc {
namespace {

using columnar::from_arrow;

class IpcWriter final : public Writer {
 public:
  explicit IpcWriter(std::shared_ptr<arrow::ipc::RecordBatchWriter> writer) : writer_(std::move(writer)) {}

  Result<void> write(const arrow::RecordBatch& batch) override {
    return from_arrow(writer_->WriteRecordBatch(batch), "writing Arrow");
  }
  Result<void> finish() override { return from_arrow(writer_->Close(), "writing Arrow"); }

 private:
  std::shared_ptr<arrow::ipc::RecordBatchWriter> writer_;
};

}  // namespace

Result<std::unique_ptr<Writer>> open_writer(Context&, WriteRequest request) {
  MS_ASSIGN(const auto given, write_fields().read(request.options));
  auto options = arrow::ipc::IpcWriteOptions::Defaults();
  options.use_threads = false;
  // A file's batches share one dictionary only if it may grow from batch to batch.
  options.emit_dictionary_deltas = given.layout == Layout::file;
  if (given.compression != Codec::none) {
    const auto type = given.compression == Codec::lz4 ? arrow::Compression::LZ4_FRAME : arrow::Compression::ZSTD;
    MS_ASSIGN(options.codec, from_arrow(arrow::util::Codec::Create(type), "writing Arrow"));
  }
  auto made = given.layout == Layout::file ? arrow::ipc::MakeFileWriter(request.stream, request.schema, options)
                                           : arrow::ipc::MakeStreamWriter(request.stream, request.schema, options);
  MS_ASSIGN(auto writer, from_arrow(std::move(made), "writing Arrow"));
  return std::unique_ptr<Writer>(std::make_unique<IpcWriter>(std::move(writer)));
}

}  // namespace mainstem::format::arrow_ipc
