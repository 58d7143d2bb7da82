#include "connectors/files/file_writer.h"

#include <arrow/record_batch.h>
#include <arrow/util/byte_size.h>

#include "io/local_input.h"
#include "observability/context.h"

namespace mainstem::connectors::files {

Result<std::unique_ptr<FileWriter>> FileWriter::open(Context& context, std::unique_ptr<io::Output> output,
                                                     const Target& target,
                                                     const std::shared_ptr<arrow::Schema>& schema) {
  std::unique_ptr<FileWriter> file(new FileWriter());
  file->output_ = std::move(output);
  MS_ASSIGN(file->writer_, target.format->open_writer(context, {.stream = file->output_->stream(),
                                                                .schema = schema,
                                                                .options = target.format_options,
                                                                .file_name = file->output_->name()}));
  return file;
}

Result<void> FileWriter::write(const arrow::RecordBatch& rows) {
  MS_TRY(writer_->write(rows));
  rows_ += rows.num_rows();
  batch_bytes_ += arrow::util::TotalBufferSize(rows);
  if (hash_ && !hash_->add(rows)) hash_.reset();
  return {};
}

Result<void> FileWriter::finish() {
  MS_TRY(writer_->finish());
  return output_->seal();
}

Result<int64_t> count_rows(Context& context, const std::string& path, const format::FormatSpec& format) {
  // A format that needs random access keeps its counts in a footer; the others would have to read all records.
  if (!format.needs_seekable_input || !format.plan_scan) return -1;
  MS_ASSIGN(auto input, io::open_local_file(path, {.compression = io::Compression::none}));
  format::ScanRequest request;
  request.inputs.push_back(std::move(input));
  MS_ASSIGN_DURING(const auto scan, format.plan_scan(context, std::move(request)), "counting the rows of " + path);
  return scan->estimated_rows();
}

}  // namespace mainstem::connectors::files
