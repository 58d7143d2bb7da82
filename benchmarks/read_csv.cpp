// Reads a CSV of benchmarks/generate.cpp into Arrow batches of given types and drops them: by Mainstem's reader alone,
// or by Arrow's, which is its floor.
//
//   benchmark_read_csv mainstem|arrow FILE [hash]     hash: print the rows' content hash, too

#include <arrow/api.h>
#include <arrow/csv/api.h>
#include <arrow/io/file.h>
#include <atomic>
#include <cstdio>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "columnar/content_hash.h"
#include "columnar/status.h"
#include "connector/testkit/test_context.h"
#include "format/format.h"
#include "io/local_input.h"

namespace {

using namespace mainstem;

std::shared_ptr<arrow::Schema> types() {
  const auto price = arrow::decimal128(15, 2);
  arrow::FieldVector fields;
  for (const char* name : {"order_id", "part_id", "supplier_id", "line"})
    fields.push_back(arrow::field(name, arrow::int64()));
  for (const char* name : {"quantity", "price", "discount", "tax"}) fields.push_back(arrow::field(name, price));
  for (const char* name : {"returned", "status"}) fields.push_back(arrow::field(name, arrow::utf8()));
  for (const char* name : {"shipped", "promised", "received"}) fields.push_back(arrow::field(name, arrow::date32()));
  for (const char* name : {"instruction", "transport", "comment"}) fields.push_back(arrow::field(name, arrow::utf8()));
  return arrow::schema(std::move(fields));
}

// Rows, and their hash if wanted; of all threads.
class Tally {
 public:
  explicit Tally(bool hashed) : hashed_(hashed) {}

  Result<void> add(const arrow::RecordBatch& batch) {
    rows_ += batch.num_rows();
    if (!hashed_) return {};
    const std::lock_guard lock(mutex_);
    return hash_.add(batch);
  }

  void print() const { std::printf("%ld %s\n", rows_.load(), hashed_ ? hash_.to_string().c_str() : ""); }

 private:
  bool hashed_;
  std::atomic<int64_t> rows_ = 0;
  std::mutex mutex_;
  columnar::ContentHash hash_;
};

Result<void> read_task(Context& context, format::Scan& scan, const format::ScanTask& task, Tally& tally) {
  MS_ASSIGN(const auto reader, scan.open(context, task));
  for (;;) {
    MS_ASSIGN(const auto batch, reader->next(context));
    if (!batch) return {};
    if (!batch->rejects.empty()) return Error(ErrorCode::invalid_data, batch->rejects.front().reason);
    if (batch->rows != nullptr) MS_TRY(tally.add(*batch->rows));
  }
}

Result<void> read_by_mainstem(const std::string& path, Tally& tally) {
  connector::testkit::TestContext given;
  auto& context = given.context;
  context.threads = static_cast<int>(std::thread::hardware_concurrency());
  MS_ASSIGN(auto input, io::open_local_file(path));
  const auto& formats = format::all_formats();
  const auto csv = std::find_if(formats.begin(), formats.end(), [](const auto& spec) { return spec.name == "csv"; });
  MS_ASSIGN(const auto scan,
            csv->plan_scan(context, {.inputs = {input}, .options = {}, .declared = types(), .columns = {}}));
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  Result<void> outcome;
  const auto work = [&] {
    for (size_t task = next++; task < scan->tasks().size(); task = next++) {
      auto done = read_task(context, *scan, scan->tasks()[task], tally);
      const std::lock_guard lock(mutex);
      if (!done) outcome = std::move(done);
    }
  };
  std::vector<std::jthread> threads;
  for (int i = 1; i < context.threads; ++i) threads.emplace_back(work);
  work();
  threads.clear();
  return outcome;
}

// The whole table at once, which is its fastest way.
arrow::Result<std::shared_ptr<arrow::Table>> table_by_arrow(const std::string& path) {
  auto convert = arrow::csv::ConvertOptions::Defaults();
  const auto schema = types();
  for (const auto& field : schema->fields()) convert.column_types[field->name()] = field->type();
  ARROW_ASSIGN_OR_RAISE(auto file, arrow::io::ReadableFile::Open(path));
  ARROW_ASSIGN_OR_RAISE(auto reader, arrow::csv::TableReader::Make(arrow::io::default_io_context(), file,
                                                                   arrow::csv::ReadOptions::Defaults(),
                                                                   arrow::csv::ParseOptions::Defaults(), convert));
  return reader->Read();
}

Result<void> read_by_arrow(const std::string& path, Tally& tally) {
  MS_ASSIGN(const auto table, columnar::from_arrow(table_by_arrow(path)));
  arrow::TableBatchReader batches(*table);
  for (;;) {
    MS_ASSIGN(const auto batch, columnar::from_arrow(batches.Next()));
    if (batch == nullptr) return {};
    MS_TRY(tally.add(*batch));
  }
}

}  // namespace

int main(int count, char** arguments) {
  const std::string_view reader = count > 2 ? arguments[1] : "";
  if (reader != "mainstem" && reader != "arrow") {
    std::fputs("usage: benchmark_read_csv mainstem|arrow FILE [hash]\n", stderr);
    return 1;
  }
  Tally tally(count > 3);
  const auto done = reader == "arrow" ? read_by_arrow(arguments[2], tally) : read_by_mainstem(arguments[2], tally);
  if (!done) {
    std::fprintf(stderr, "benchmark_read_csv: %s\n", done.error().to_string().c_str());
    return 1;
  }
  tally.print();
}
