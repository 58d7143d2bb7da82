#include "connectors/files/set_lane.h"

#include <algorithm>
#include <arrow/record_batch.h>
#include <filesystem>
#include <fmt/format.h>

#include "io/durable.h"
#include "observability/context.h"

namespace mainstem::connectors::files {
namespace {

// Formats hand their rows on at least this often (a row group of Parquet).
constexpr int64_t kMostHeldByWriter = 64 << 20;

}  // namespace

Result<void> SetLane::write(Context& context, const arrow::RecordBatch& batch) {
  MS_ASSIGN(const auto partitions, split_by_partition(batch, staging_.partition_by, staging_.file_schema));
  for (const auto& partition : partitions) {
    MS_TRY(context.cancellation.check());
    MS_TRY(make_room(context, partition.folder));
    MS_ASSIGN(auto* file, open(context, partition));
    MS_TRY_DURING(file->writer->write(*partition.rows), "writing " + file->path);
    file->last_used = ++writes_;
    if (file->writer->output().stored_bytes() >= staging_.target.options.max_file_size.bytes)
      MS_TRY(end(context, partition.folder));
  }
  return {};
}

Result<void> SetLane::close(Context& context) {
  while (!open_.empty()) MS_TRY(end(context, open_.begin()->first));
  const std::lock_guard lock(staging_.mutex);
  std::ranges::move(done_, std::back_inserter(staging_.files));
  done_.clear();
  return {};
}

Result<void> SetLane::open_empty_file(Context& context) {
  MS_TRY(open(context, PartitionRows{}));
  return {};
}

Result<SetLane::OpenFile*> SetLane::open(Context& context, const PartitionRows& partition) {
  const auto known = open_.find(partition.folder);
  if (known != open_.end()) return &known->second;
  OpenFile file{.values = partition.values};
  file.path = fmt::format("{}{}{}-{:05}{}", partition.folder, partition.folder.empty() ? "" : "/", staging_.file_prefix,
                          ++staging_.next_file, staging_.file_ending);
  const auto place = staging_.folder + "/" + file.path;
  MS_TRY(io::create_folders(std::filesystem::path(place).parent_path().string()));
  MS_ASSIGN(auto output, io::create_local_file(place, {.compression = staging_.target.compression}));
  MS_ASSIGN(file.writer, FileWriter::open(context, std::move(output), staging_.target, staging_.file_schema));
  file.writer->hash_content();
  return &open_.emplace(partition.folder, std::move(file)).first->second;
}

int64_t SetLane::held_bytes() const {
  int64_t held = 0;
  for (const auto& [folder, file] : open_) held += std::min(file.writer->batch_bytes(), kMostHeldByWriter);
  return held;
}

Result<void> SetLane::make_room(Context& context, const std::string& keep) {
  const auto most = static_cast<size_t>(staging_.target.options.max_open_files);
  const auto too_many = [&] { return open_.size() >= most && !open_.contains(keep); };
  while (too_many() || held_bytes() > staging_.lane_memory) {
    auto oldest = open_.end();
    for (auto it = open_.begin(); it != open_.end(); ++it)
      if (it->first != keep && (oldest == open_.end() || it->second.last_used < oldest->second.last_used)) oldest = it;
    // The file that is written to stays open, however much it holds.
    if (oldest == open_.end()) return {};
    MS_TRY(end(context, std::string(oldest->first)));
  }
  return {};
}

Result<void> SetLane::end(Context& context, const std::string& folder) {
  auto file = std::move(open_.extract(folder).mapped());
  MS_TRY_DURING(file.writer->finish(), "writing " + file.path);
  MS_TRY(file.writer->output().publish());
  MS_ASSIGN(const int64_t counted, count_rows(context, staging_.folder + "/" + file.path, *staging_.target.format));
  done_.push_back({.path = std::move(file.path),
                   .rows = counted >= 0 ? counted : file.writer->rows(),
                   .bytes = file.writer->output().stored_bytes(),
                   .content_hash = file.writer->content_hash(),
                   .partition = std::move(file.values)});
  return {};
}

}  // namespace mainstem::connectors::files
