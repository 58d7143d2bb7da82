#include <algorithm>
#include <arrow/type.h>
#include <atomic>
#include <filesystem>
#include <fmt/format.h>
#include <set>

#include "connectors/files/manifest.h"
#include "connectors/files/publication.h"
#include "connectors/files/set_lane.h"
#include "connectors/files/staged_target.h"
#include "io/compression.h"
#include "io/durable.h"
#include "io/file_lock.h"
#include "io/listing.h"
#include "observability/context.h"

namespace mainstem::connectors::files {
namespace {

namespace fs = std::filesystem;
using connector::WriteMode;
using connector::WriteRequest;

// Paths, in the folder, of files that can be seen there. A folder without a manifest has only strangers' files.
Result<std::vector<std::string>> visible_files(Context& context, const std::string& folder) {
  std::error_code ignored;
  std::vector<std::string> paths;
  if (!fs::is_directory(folder, ignored)) return paths;
  auto listed = io::list_files(context, folder);
  if (!listed && listed.error().code() == ErrorCode::not_found) return paths;
  if (!listed) return std::move(listed).error();
  for (const auto& file : *listed) paths.push_back(file.path.substr(folder.size() + 1));
  return paths;
}

Result<void> check_fits(const WriteRequest& request, const Target& target, const Manifest& manifest) {
  if (request.mode == WriteMode::replace) return {};
  const auto refuse = [&](std::string what) {
    return Error(ErrorCode::invalid_config, fmt::format("{} {}", target.path, what))
        .hint("use mode replace to begin anew, or another folder");
  };
  if (manifest.format != target.format->name)
    return refuse(fmt::format("holds {}, not {}", manifest.format, target.format->name));
  if (manifest.partition_by != request.partition_by)
    return refuse(fmt::format("is partitioned by [{}], not by [{}]", fmt::join(manifest.partition_by, ", "),
                              fmt::join(request.partition_by, ", ")));
  if (!manifest.schema->Equals(*request.schema, false))
    return refuse(fmt::format("holds other columns: there {}; here {}", manifest.schema->ToString(false),
                              request.schema->ToString(false)));
  return {};
}

// Files of others are replaced only where the user says so.
Result<void> check_strangers(const WriteRequest& request, const Target& target,
                             const std::vector<std::string>& strangers) {
  if (strangers.empty() || (request.mode == WriteMode::replace && target.options.overwrite)) return {};
  const auto some = fmt::format("{}{}", strangers.front(), strangers.size() > 1 ? ", ..." : "");
  const bool may_replace = request.mode == WriteMode::replace;
  std::error_code ignored;
  // Only Mainstem makes this folder.
  if (fs::is_directory(target.path + "/_mainstem", ignored))
    return Error(ErrorCode::already_exists,
                 fmt::format("the file set {} has lost its manifest _mainstem/manifest.json, which says which of its "
                             "files ({}) count and how far its sources were read",
                             target.path, some))
        .hint(may_replace ? "restore the manifest, or set `overwrite: true` to have these files deleted"
                          : "restore the manifest, or write the set anew: mode replace with `overwrite: true`");
  Error error(ErrorCode::already_exists,
              fmt::format("folder {} holds files that Mainstem did not write ({})", target.path, some));
  return std::move(error).hint(may_replace
                                   ? "choose an empty folder, or set `overwrite: true` to have these files deleted"
                                   : "choose an empty folder");
}

class StagedSet final : public StagedTarget {
 public:
  StagedSet(const WriteRequest& request, std::string run_id)
      : name_(request.name), mode_(request.mode), schema_(request.schema), run_id_(std::move(run_id)) {}
  ~StagedSet() override { StagedSet::abort(); }

  Result<void> start(Context& context, const WriteRequest& request, Target target) {
    folder_ = target.path;
    MS_TRY(take_lock());
    MS_ASSIGN(before_, load_manifest(folder_));
    if (before_) MS_TRY(recover_set(context, folder_, *before_));
    MS_TRY(check_set(context, request, target));
    if (!before_) {
      MS_ASSIGN(strangers_, visible_files(context, folder_));
    }
    // The lock is ours, hence whatever is staged belongs to the dead.
    MS_TRY(io::remove_folder(folder_ + "/_mainstem/staging"));
    sequence_ = before_ ? before_->sequence + 1 : 1;
    staging_ = fmt::format("_mainstem/staging/{}/{}", run_id_, sequence_);
    MS_TRY(io::create_folders(folder_ + "/" + staging_));
    MS_ASSIGN(shared_.file_schema, schema_of_files(*schema_, request.partition_by));
    lanes_ = std::max(1, context.threads);
    shared_.folder = folder_ + "/" + staging_;
    shared_.file_prefix = fmt::format("{}-{:06}", run_id_, sequence_);
    shared_.file_ending = ending(target);
    shared_.partition_by = request.partition_by;
    shared_.lane_memory = context.memory.limit_bytes() / 4 / lanes_;
    shared_.target = std::move(target);
    return {};
  }

  const std::string& name() const override { return name_; }
  int max_lanes() const override { return lanes_; }

  Result<std::unique_ptr<connector::Lane>> open_lane(Context&) override {
    if (opened_.fetch_add(1) >= lanes_)
      return Error(ErrorCode::resource_exhausted, fmt::format("{} has {} lanes, all open", folder_, lanes_));
    return std::unique_ptr<connector::Lane>(std::make_unique<SetLane>(shared_));
  }

  Result<connector::Receipt> finish(Context& context) override {
    // Programs that read the folder without the manifest want to see columns where there are no rows.
    if (mode_ == WriteMode::replace && shared_.files.empty() && shared_.partition_by.empty()) {
      SetLane lane(shared_);
      MS_TRY(lane.open_empty_file(context));
      MS_TRY(lane.close(context));
    }
    connector::Receipt receipt{.rows = 0, .bytes = 0};
    for (const auto& file : shared_.files) {
      receipt.rows += file.rows;
      receipt.bytes += file.bytes;
    }
    std::ranges::sort(shared_.files, {}, &DataFile::path);
    finished_ = true;
    return receipt;
  }

  Result<connector::PublishedTable> commit(Context& context, const connector::StateRecords& state) override {
    if (!finished_) return Error(ErrorCode::internal, folder_ + " is not finished");
    Manifest next{.sequence = sequence_,
                  .run_id = run_id_,
                  .published_at = to_iso8601(context.clock.now()),
                  .staging = staging_,
                  .format = shared_.target.format->name,
                  .schema = schema_,
                  .partition_by = shared_.partition_by};
    connector::PublishedTable published{.name = name_, .rows_after = 0};
    keep_or_remove(next, published);
    for (const auto& file : shared_.files) published.inserted += file.rows;
    next.files.insert(next.files.end(), shared_.files.begin(), shared_.files.end());
    for (const auto& file : next.files) published.rows_after += file.rows;
    next.state = merge_state(before_ ? before_->state : connector::StateRecords(), state, name_);
    MS_TRY(publish_set(context, folder_, next));
    committed_ = true;
    lock_.reset();
    return published;
  }

  void abort() noexcept override {
    if (committed_ || !lock_) return;
    // What cannot be removed is an orphan for the next run; there is nobody to tell.
    std::error_code ignored;
    const auto own = fs::path(folder_) / "_mainstem";
    if (!staging_.empty()) fs::remove_all(fs::path(folder_) / fs::path(staging_).parent_path(), ignored);
    fs::remove(own / "staging", ignored);
    if (!before_ && !fs::exists(manifest_path(folder_), ignored)) {
      lock_->remove_file();
      fs::remove(own, ignored);
      if (created_) fs::remove(folder_, ignored);
    }
    lock_.reset();
  }

 private:
  Result<void> take_lock() {
    std::error_code ignored;
    created_ = !fs::exists(folder_, ignored);
    MS_TRY(io::create_folders(folder_ + "/_mainstem"));
    MS_ASSIGN(lock_, io::FileLock::try_lock(folder_ + "/_mainstem/lock"));
    if (lock_) return {};
    return Error(ErrorCode::conflict,
                 fmt::format("{} is being written by another run, or by another target of this one", folder_))
        .hint("wait until it has ended");
  }

  static std::string ending(const Target& target) {
    auto format = "." + (target.format->extensions.empty() ? target.format->name : target.format->extensions[0]);
    switch (target.compression) {
      case io::Compression::none: return format;
      case io::Compression::gzip: return format + ".gz";
      case io::Compression::zstd: return format + ".zst";
    }
    return format;
  }

  // Divides what the set holds by the mode into files that stay and files that go.
  void keep_or_remove(Manifest& next, connector::PublishedTable& published) {
    std::set<std::vector<HiveValue>> touched;
    for (const auto& file : shared_.files) touched.insert(file.partition);
    next.removed = strangers_;
    if (!before_) return;
    for (const auto& file : before_->files) {
      const bool goes =
          mode_ == WriteMode::replace || (mode_ == WriteMode::partition && touched.contains(file.partition));
      if (goes) {
        published.deleted += file.rows;
        next.removed.push_back(file.path);
      } else {
        next.files.push_back(file);
      }
    }
  }

  std::string name_;
  WriteMode mode_;
  std::shared_ptr<arrow::Schema> schema_;
  std::string run_id_;
  std::string folder_;
  std::string staging_;
  int64_t sequence_ = 0;
  int lanes_ = 1;
  std::atomic<int> opened_{0};  // lanes
  SetStaging shared_;
  std::vector<std::string> strangers_;
  std::optional<Manifest> before_;
  std::optional<io::FileLock> lock_;
  bool created_ = false;
  bool finished_ = false;
  bool committed_ = false;
};

}  // namespace

Result<void> check_set(Context& context, const WriteRequest& request, const Target& target) {
  MS_TRY(schema_of_files(*request.schema, request.partition_by));
  MS_ASSIGN(const auto manifest, load_manifest(target.path));
  if (manifest) return check_fits(request, target, *manifest);
  MS_ASSIGN(const auto strangers, visible_files(context, target.path));
  return check_strangers(request, target, strangers);
}

Result<std::shared_ptr<StagedTarget>> stage_set(Context& context, const WriteRequest& request, Target target,
                                                const std::string& run_id) {
  auto staged = std::make_shared<StagedSet>(request, run_id);
  MS_TRY(staged->start(context, request, std::move(target)));
  return std::shared_ptr<StagedTarget>(std::move(staged));
}

}  // namespace mainstem::connectors::files
