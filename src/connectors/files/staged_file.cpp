#include <filesystem>
#include <fmt/format.h>

#include "connectors/files/file_writer.h"
#include "connectors/files/manifest.h"
#include "connectors/files/staged_target.h"
#include "io/durable.h"
#include "io/output.h"
#include "observability/context.h"

namespace mainstem::connectors::files {
namespace {

// Commit of a single file: 1. it is renamed to its name, 2. the state beside it is renamed to its name. Killed between,
// the rows are the new ones and the state is the old one: the next run reads from the older position, or everything,
// and replaces the file again. That is what `atomic_swap` promises.
class StagedFile final : public StagedTarget {
 public:
  StagedFile(std::string name, Target target) : name_(std::move(name)), target_(std::move(target)) {}

  Result<void> start(Context& context, const std::shared_ptr<arrow::Schema>& schema) {
    const io::OutputOptions options{.compression = target_.compression};
    std::unique_ptr<io::Output> output;
    if (target_.path == "-") {
      MS_ASSIGN(output, io::standard_output(options));
    } else {
      if (target_.place == Place::file)
        MS_TRY(io::create_folders(std::filesystem::path(target_.path).parent_path().string()));
      if (target_.place == Place::file) io::remove_abandoned(target_.path);
      MS_ASSIGN(output, io::create_local_file(target_.path, options));
    }
    MS_ASSIGN(writer_, FileWriter::open(context, std::move(output), target_, schema));
    return {};
  }

  const std::string& name() const override { return name_; }
  int max_lanes() const override { return 1; }

  Result<std::unique_ptr<connector::Lane>> open_lane(Context&) override {
    if (opened_) return Error(ErrorCode::internal, "a single file takes one lane");
    opened_ = true;
    return std::unique_ptr<connector::Lane>(std::make_unique<FileLane>(*this));
  }

  Result<connector::Receipt> finish(Context&) override {
    if (opened_ && !closed_) return Error(ErrorCode::internal, "a lane of " + target_.path + " was not closed");
    MS_TRY(writer_->finish());
    finished_ = true;
    return connector::Receipt{.rows = writer_->rows(), .bytes = writer_->output().stored_bytes()};
  }

  Result<connector::PublishedTable> commit(Context& context, const connector::StateRecords& state) override {
    if (!finished_) return Error(ErrorCode::internal, target_.path + " is not finished");
    context.reached("files.commit.begin");
    MS_TRY(writer_->output().publish());
    context.reached("files.commit.file");
    if (target_.place == Place::file) {
      const auto path = sidecar_path(target_.path);
      MS_ASSIGN(auto known, load_sidecar(path));
      const auto merged = merge_state(std::move(known), state, name_);
      if (!merged.empty()) MS_TRY(io::write_text_file(path, to_json(merged)));
    }
    context.reached("files.commit.end");
    return connector::PublishedTable{.name = name_, .inserted = writer_->rows(), .rows_after = writer_->rows()};
  }

  void abort() noexcept override { writer_.reset(); }

 private:
  class FileLane final : public connector::Lane {
   public:
    explicit FileLane(StagedFile& file) : file_(file) {}
    Result<void> write(Context& context, const arrow::RecordBatch& batch) override {
      MS_TRY(context.cancellation.check());
      return file_.writer_->write(batch);
    }
    Result<void> close(Context&) override {
      file_.closed_ = true;
      return {};
    }

   private:
    StagedFile& file_;
  };

  std::string name_;
  Target target_;
  std::unique_ptr<FileWriter> writer_;
  bool opened_ = false;
  bool closed_ = false;
  bool finished_ = false;
};

}  // namespace

Result<std::shared_ptr<StagedTarget>> stage_file(Context& context, const connector::WriteRequest& request,
                                                 Target target) {
  auto staged = std::make_shared<StagedFile>(request.name, std::move(target));
  MS_TRY(staged->start(context, request.schema));
  return std::shared_ptr<StagedTarget>(std::move(staged));
}

}  // namespace mainstem::connectors::files
