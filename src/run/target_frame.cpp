#include "run/target_frame.h"

#include <arrow/api.h>
#include <arrow/util/byte_size.h>
#include <fmt/format.h>

#include "observability/context.h"

namespace mainstem::run {

struct TargetFrame::SharedLane {
  std::mutex mutex;
  std::unique_ptr<connector::Lane> lane;
};

class TargetFrame::Entrance final : public engine::OutputLane {
 public:
  Entrance(TargetFrame& frame, SharedLane& lane) : frame_(frame), lane_(lane) {}

  Result<void> write(const std::shared_ptr<arrow::RecordBatch>& batch) override {
    MS_TRY(frame_.context_.cancellation.check());
    auto rows = batch;
    auto& counters = frame_.counters_;
    counters.rows_read += batch->num_rows();
    if (frame_.checks_ != nullptr) {
      MS_ASSIGN(rows, frame_.checks_->apply(batch));
      counters.rows_quarantined += batch->num_rows() - rows->num_rows();
    }
    if (rows->num_rows() == 0) return {};
    MS_TRY(hash_.add(*rows));
    counters.bytes += arrow::util::TotalBufferSize(*rows);
    const std::lock_guard lock(lane_.mutex);
    MS_TRY_DURING(lane_.lane->write(frame_.context_, *rows), "writing " + frame_.name());
    counters.rows_written += rows->num_rows();
    return {};
  }

  Result<void> close() override {
    frame_.add_hash(hash_);
    return {};
  }

 private:
  TargetFrame& frame_;
  SharedLane& lane_;
  columnar::ContentHash hash_;
};

TargetFrame::TargetFrame(Context& context, std::string name, std::unique_ptr<connector::StagedTable> table,
                         StepCounters& counters, RowChecks* checks)
    : context_(context), name_(std::move(name)), table_(std::move(table)), counters_(counters), checks_(checks) {}

TargetFrame::~TargetFrame() = default;

Result<std::unique_ptr<engine::OutputLane>> TargetFrame::open_lane() {
  const std::lock_guard lock(mutex_);
  const auto most = static_cast<size_t>(std::max(1, table_->max_lanes()));
  if (lanes_.size() < most) {
    auto lane = table_->open_lane(context_);
    if (!lane) return std::move(lane).error().during("writing " + name_);
    lanes_.push_back(std::make_unique<SharedLane>());
    lanes_.back()->lane = *std::move(lane);
  }
  auto& lane = *lanes_[entrances_++ % lanes_.size()];
  return std::unique_ptr<engine::OutputLane>(std::make_unique<Entrance>(*this, lane));
}

Result<connector::Receipt> TargetFrame::finish() {
  for (auto& shared : lanes_) {
    MS_TRY_DURING(shared->lane->close(context_), "writing " + name_);
    shared->lane.reset();
  }
  MS_ASSIGN_DURING(auto receipt, table_->finish(context_), "verifying " + name_);
  if (receipt.rows != counters_.rows_written)
    return Error(ErrorCode::internal, fmt::format("{}: {} rows were handed to the target, which holds {}", name_,
                                                  counters_.rows_written.load(), receipt.rows))
        .hint("nothing was published; please report this with the run's log");
  return receipt;
}

void TargetFrame::add_hash(const columnar::ContentHash& hash) {
  const std::lock_guard lock(mutex_);
  hash_.merge(hash);
}

columnar::ContentHash TargetFrame::hash() const {
  const std::lock_guard lock(mutex_);
  return hash_;
}

}  // namespace mainstem::run
