#include "app/kept_quarantine.h"

#include <algorithm>
#include <arrow/api.h>
#include <filesystem>
#include <vector>

#include "app/project.h"
#include "columnar/status.h"
#include "io/durable.h"
#include "plan/quarantine_schema.h"
#include "run/quarantine.h"
#include "state/folder.h"

namespace mainstem::app {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostRuns = 10;
constexpr uintmax_t kMostBytes = uintmax_t{1} << 30;
constexpr const char* kSuffix = ".arrow";

// Files of runs, the latest first: run ids begin with their time.
std::vector<fs::path> files_of(const std::string& folder) {
  std::vector<fs::path> files;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(folder, problem))
    if (entry.path().extension() == kSuffix) files.push_back(entry.path());
  std::ranges::sort(files, std::greater());
  return files;
}

}  // namespace

KeptQuarantine::KeptQuarantine(const pipeline::Project& project, const std::string& pipeline)
    : folder_(local_folder(project) + "/quarantine/" + state::file_name_of(pipeline)) {
  // No name of a pipeline gives an @.
  if (!project.environment.empty()) folder_ += "@" + state::file_name_of(project.environment);
}

Result<std::string> KeptQuarantine::place_for(const std::string& run_id) const {
  MS_TRY(io::create_folders(folder_));
  return folder_ + "/" + run_id + kSuffix;
}

void KeptQuarantine::forget(const std::string& run_id) const noexcept {
  std::error_code ignored;
  fs::remove(fs::path(folder_) / (run_id + kSuffix), ignored);
}

void KeptQuarantine::prune() const noexcept {
  uintmax_t bytes = 0;
  size_t runs = 0;
  for (const auto& file : files_of(folder_)) {
    std::error_code problem;
    bytes += fs::file_size(file, problem);
    // The latest stays, however large.
    if (++runs > 1 && (runs > kMostRuns || bytes > kMostBytes)) fs::remove(file, problem);
  }
}

Result<std::shared_ptr<arrow::Table>> KeptQuarantine::rows(Context& context, const std::string& run_id,
                                                           int64_t limit) const {
  auto files = files_of(folder_);
  if (!run_id.empty()) std::erase_if(files, [&](const fs::path& file) { return file.stem() != run_id; });
  arrow::RecordBatchVector batches;
  int64_t rows = 0;
  for (const auto& file : files) {
    if (limit >= 0 && rows >= limit) break;
    MS_ASSIGN(const auto reader, run::Quarantine::read_kept(file.string()));
    while (limit < 0 || rows < limit) {
      MS_ASSIGN(const auto batch, reader->next(context));
      if (!batch) break;
      rows += batch->rows->num_rows();
      batches.push_back(batch->rows);
    }
  }
  if (batches.empty()) return std::shared_ptr<arrow::Table>();
  return columnar::from_arrow(arrow::Table::FromRecordBatches(plan::quarantine_schema(), batches));
}

}  // namespace mainstem::app
