#include "connectors/files/sink.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fmt/format.h>
#include <unistd.h>

#include "connectors/files/leftovers.h"
#include "connectors/files/manifest.h"
#include "connectors/files/options.h"
#include "connectors/files/staged_target.h"
#include "observability/context.h"

namespace mainstem::connectors::files {
namespace {

namespace fs = std::filesystem;
using config::Node;
using connector::WriteRequest;

// The contract's view of a staged target, which the unit keeps for the commit.
class StagedHandle final : public connector::StagedTable {
 public:
  explicit StagedHandle(std::shared_ptr<StagedTarget> target) : target_(std::move(target)) {}
  Result<std::unique_ptr<connector::Lane>> open_lane(Context& context) override { return target_->open_lane(context); }
  int max_lanes() const override { return target_->max_lanes(); }
  Result<connector::Receipt> finish(Context& context) override { return target_->finish(context); }

 private:
  std::shared_ptr<StagedTarget> target_;
};

class FilesUnit final : public connector::PublishUnit {
 public:
  FilesUnit(const Formats& formats, std::string base, std::string run_id)
      : formats_(formats), base_(std::move(base)), run_id_(std::move(run_id)) {}
  ~FilesUnit() override { FilesUnit::abort(); }

  Result<std::unique_ptr<connector::StagedTable>> stage(Context& context, const WriteRequest& request) override {
    MS_ASSIGN(auto target, read_target(formats_, base_, request));
    MS_TRY(check_writable(target));
    std::shared_ptr<StagedTarget> staged;
    if (target.place == Place::folder) {
      MS_ASSIGN(staged, stage_set(context, request, std::move(target), run_id_));
    } else {
      MS_ASSIGN(staged, stage_file(context, request, std::move(target)));
    }
    staged_.push_back(staged);
    return std::unique_ptr<connector::StagedTable>(std::make_unique<StagedHandle>(std::move(staged)));
  }

  // Targets commit one after the other, each with its own positions; those without a position first. Killed between,
  // the next run reads again what stands behind the older position, so that what it had committed, as the quarantine,
  // comes twice. In the other order nobody would read it again, and it would be lost.
  Result<std::vector<connector::PublishedTable>> commit(Context& context,
                                                        const connector::StateRecords& state) override {
    MS_TRY(context.cancellation.check());
    context.reached("sink.commit.begin");
    std::vector<connector::PublishedTable> published;
    for (const bool with_position : {false, true}) {
      for (const auto& target : staged_) {
        const auto record = std::ranges::find(state, target->name(), &connector::StateRecord::target);
        if ((record != state.end()) != with_position) continue;
        MS_ASSIGN(auto table, target->commit(context, state));
        published.push_back(std::move(table));
      }
    }
    context.reached("sink.commit.end");
    staged_.clear();
    return published;
  }

  void abort() noexcept override {
    for (const auto& target : staged_) target->abort();
    staged_.clear();
  }

 private:
  const Formats& formats_;
  std::string base_;
  std::string run_id_;
  std::vector<std::shared_ptr<StagedTarget>> staged_;
};

class FilesSink final : public connector::Sink {
 public:
  FilesSink(std::string base, const Formats& formats) : base_(std::move(base)), formats_(formats) {}

  Result<void> check(Context& context, const WriteRequest& request) override {
    MS_ASSIGN(const auto target, read_target(formats_, base_, request));
    MS_TRY(check_writable(target));
    return target.place == Place::folder ? check_set(context, request, target) : Result<void>();
  }

  Result<std::unique_ptr<connector::PublishUnit>> begin(Context&, const std::string& run_id) override {
    const bool usable = !run_id.empty() && run_id.size() <= 100 && std::ranges::all_of(run_id, [](unsigned char c) {
      return std::isalnum(c) != 0 || c == '-' || c == '_';
    });
    if (!usable) return Error(ErrorCode::internal, fmt::format("'{}' cannot be a run's id in file names", run_id));
    return std::unique_ptr<connector::PublishUnit>(std::make_unique<FilesUnit>(formats_, base_, run_id));
  }

  Result<connector::StateRecords> published_state(Context&, const std::string& pipeline,
                                                  const std::vector<WriteRequest>& requests) override {
    connector::StateRecords records;
    for (const auto& request : requests) {
      const auto path = target_path(base_, request);
      if (path.empty() || path == "-") continue;
      MS_ASSIGN(const auto manifest, load_manifest(path));
      MS_ASSIGN(const auto beside, load_sidecar(sidecar_path(path)));
      const auto& state = manifest ? manifest->state : beside;
      for (const auto& record : state)
        if (record.pipeline == pipeline && record.target == request.name) records.push_back(record);
    }
    return records;
  }
  Result<std::vector<connector::Orphan>> find_orphans(Context& context) override {
    return files::find_orphans(context, base_);
  }
  Result<void> remove_orphans(Context& context, const std::vector<connector::Orphan>& orphans) override {
    return files::remove_orphans(context, orphans);
  }

  connector::QuarantinePlace quarantine_place(const WriteRequest& request) const override {
    auto path = target_path(base_, request);
    std::error_code ignored;
    const auto status = fs::status(path, ignored);
    const bool passing = path.empty() || path == "-" ||
                         (fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status));
    if (passing) path = fs::absolute(resolve_base("mainstem")).lexically_normal().string();
    connector::QuarantinePlace place{.name = path + ".quarantine"};
    place.target_options.set("path", Node::scalar(place.name, {}, true));
    place.target_options.set("place", Node::scalar("folder"));
    place.target_options.set("format", Node::scalar(quarantine_format(request)));
    place.source_options.set("path", Node::scalar(place.name, {}, true));
    return place;
  }

  std::string uri(const WriteRequest& request) const override {
    const auto path = target_path(base_, request);
    return path == "-" ? "stdout:" : "file://" + path;
  }

  std::vector<connector::Probe> probe(Context&) override {
    const auto folder = base_.empty() ? std::string(".") : base_;
    const bool ok = fs::is_directory(folder) && ::access(folder.c_str(), W_OK | X_OK) == 0;
    return {{.what = "writing to folder " + folder,
             .ok = ok,
             .detail = ok ? "is allowed" : "is not allowed, or the folder is missing",
             .fix = ok ? "" : "create the folder and give the user of this program the right to write there"}};
  }

 private:
  std::string resolve_base(const std::string& name) const { return base_.empty() ? name : base_ + "/" + name; }

  std::string quarantine_format(const WriteRequest& request) const {
    if (find_format(formats_, "parquet") != nullptr) return "parquet";
    const auto target = read_target(formats_, base_, request);
    return target ? target->format->name : "csv";
  }

  std::string base_;
  const Formats& formats_;
};

}  // namespace

Result<void> check_writable(const Target& target) {
  if (target.path == "-") return {};
  std::error_code ignored;
  auto status = fs::status(target.path, ignored);
  if (target.place == Place::folder && fs::exists(status) && !fs::is_directory(status))
    return Error(ErrorCode::already_exists, target.path + " is a file, and a folder is to be written here")
        .hint("choose another path, or `place: file`");
  if (target.place == Place::file && fs::is_directory(status))
    return Error(ErrorCode::already_exists, target.path + " is a folder, and a file is to be written here")
        .hint("choose another path, or `place: folder`");
  const bool itself = fs::exists(status) && target.place != Place::file;
  // The folder that is there already and in which the next one, or the file, will be created.
  fs::path nearest = itself ? fs::path(target.path) : fs::path(target.path).parent_path();
  while (!itself && !fs::exists(fs::status(nearest, ignored)) && nearest.has_relative_path())
    nearest = nearest.parent_path();
  status = fs::status(nearest, ignored);
  if (target.place != Place::passing && !fs::is_directory(status))
    return Error(ErrorCode::already_exists,
                 fmt::format("{} is a file, so that {} cannot be written", nearest.string(), target.path));
  const int rights = target.place == Place::passing ? W_OK : W_OK | X_OK;
  if (::access(nearest.c_str(), rights) == 0) return {};
  return Error(ErrorCode::permission_denied,
               fmt::format("{} cannot be written: no right to write to {}", target.path, nearest.string()))
      .hint("give the user of this program the right to write there, or choose another path");
}

Result<std::unique_ptr<connector::Sink>> make_sink(const Node& connection, const Formats& formats) {
  MS_ASSIGN(auto options, connection_fields().read(connection));
  return std::unique_ptr<connector::Sink>(std::make_unique<FilesSink>(std::move(options.path), formats));
}

}  // namespace mainstem::connectors::files
