#include "connector/testkit/shapes/paged_api.h"

#include <algorithm>
#include <arrow/api.h>
#include <charconv>
#include <sstream>

#include "columnar/slices.h"
#include "columnar/status.h"
#include "observability/context.h"

namespace mainstem::connector::testkit::shapes {
namespace {

using columnar::from_arrow;

std::shared_ptr<arrow::Schema> all_columns() {
  return arrow::schema({arrow::field("id", arrow::int64()), arrow::field("name", arrow::utf8()),
                        arrow::field("part", arrow::utf8()), arrow::field("updated", arrow::int64())});
}

arrow::Status append(const std::vector<ApiServer::Record>& records, arrow::RecordBatchBuilder& builder) {
  for (const auto& record : records) {
    ARROW_RETURN_NOT_OK(builder.GetFieldAs<arrow::Int64Builder>(0)->Append(record.id));
    auto* name = builder.GetFieldAs<arrow::StringBuilder>(1);
    ARROW_RETURN_NOT_OK(record.name ? name->Append(*record.name) : name->AppendNull());
    ARROW_RETURN_NOT_OK(builder.GetFieldAs<arrow::StringBuilder>(2)->Append(record.part));
    ARROW_RETURN_NOT_OK(builder.GetFieldAs<arrow::Int64Builder>(3)->Append(record.updated));
  }
  return arrow::Status::OK();
}

Result<std::shared_ptr<arrow::RecordBatch>> to_batch(const std::vector<ApiServer::Record>& records,
                                                     const arrow::Schema& wanted) {
  MS_ASSIGN(const auto builder,
            from_arrow(arrow::RecordBatchBuilder::Make(all_columns(), arrow::default_memory_pool())));
  MS_TRY(from_arrow(append(records, *builder)));
  MS_ASSIGN(const auto all, from_arrow(builder->Flush()));
  std::vector<int> columns;
  for (const auto& field : wanted.fields()) columns.push_back(all->schema()->GetFieldIndex(field->name()));
  return from_arrow(all->SelectColumns(columns));
}

Result<int64_t> to_number(const std::string& text) {
  int64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size())
    return Error(ErrorCode::invalid_data, "not a position of this system");
  return number;
}

// Parts end on their own; the read is complete up to the least that one of them was told.
struct Progress {
  std::mutex mutex;
  std::map<std::string, int64_t> complete_to;
};

class PageReader final : public BatchReader {
 public:
  PageReader(ApiServer& server, std::string resource, int64_t since, std::shared_ptr<arrow::Schema> schema,
             std::shared_ptr<Progress> progress)
      : server_(server),
        resource_(std::move(resource)),
        since_(since),
        schema_(std::move(schema)),
        progress_(std::move(progress)) {}

  // A page that fails leaves the token as it was, so that the same page is asked for again.
  Result<std::optional<columnar::Batch>> next(Context& context) override {
    MS_TRY(context.cancellation.check());
    if (ready_.empty() && !ended_) MS_TRY(get_page(context));
    if (ready_.empty()) return std::optional<columnar::Batch>();
    columnar::Batch batch{.rows = ready_.back(), .rejects = {}, .position = {}};
    ready_.pop_back();
    return std::optional(std::move(batch));
  }

 private:
  Result<void> get_page(Context& context) {
    MS_ASSIGN(const auto page, server_.get(resource_, since_, token_));
    MS_ASSIGN(const auto rows, to_batch(page.records, *schema_));
    ready_ = columnar::slices(rows, context.batch_bytes, context.batch_rows);
    if (ready_.empty()) ready_.push_back(rows);
    std::ranges::reverse(ready_);
    token_ = page.next;
    ended_ = token_.empty();
    if (!ended_) return {};
    const std::lock_guard lock(progress_->mutex);
    progress_->complete_to[resource_] = page.complete_to;
    return {};
  }

  ApiServer& server_;
  std::string resource_;
  int64_t since_;
  std::shared_ptr<arrow::Schema> schema_;
  std::shared_ptr<Progress> progress_;
  std::string token_;
  bool ended_ = false;
  arrow::RecordBatchVector ready_;  // in reverse
};

class PagedRead final : public PlannedRead {
 public:
  PagedRead(ApiServer& server, ReadPlan plan, int64_t since) : server_(server), plan_(std::move(plan)), since_(since) {}

  const ReadPlan& plan() const override { return plan_; }
  Result<std::unique_ptr<BatchReader>> open(Context&, const Partition& partition) override {
    return std::unique_ptr<BatchReader>(
        std::make_unique<PageReader>(server_, partition.bytes, since_, plan_.schema, progress_));
  }
  std::optional<Position> position() const override {
    const std::lock_guard lock(progress_->mutex);
    if (progress_->complete_to.size() < plan_.partitions.size()) return std::nullopt;
    int64_t least = std::numeric_limits<int64_t>::max();
    for (const auto& [resource, time] : progress_->complete_to) least = std::min(least, time);
    return Position{.bytes = std::to_string(least), .printable = std::to_string(least)};
  }

 private:
  ApiServer& server_;
  ReadPlan plan_;
  int64_t since_;
  std::shared_ptr<Progress> progress_ = std::make_shared<Progress>();
};

class PagedSource final : public Source {
 public:
  explicit PagedSource(ApiServer& server) : server_(server) {}

  Result<std::vector<TableInfo>> discover(Context&, const std::string& pattern) override {
    std::vector<TableInfo> tables;
    for (const auto& name : server_.resources())
      if (pattern.empty() || pattern == name)
        tables.push_back({.table = {.schema = "", .name = name},
                          .schema = all_columns(),
                          .primary_key = {},
                          .estimate = {},
                          .kind = "resource",
                          .comment = {}});
    return tables;
  }

  Result<std::unique_ptr<PlannedRead>> plan_read(Context&, const ReadRequest& request) override {
    if (!request.where.empty()) return Error(ErrorCode::unsupported, "an API takes no predicate");
    ReadPlan plan;
    MS_ASSIGN(plan.schema, columns_of(request));
    MS_ASSIGN(const int64_t since, since_of(request));
    std::istringstream resources(request.table);
    const auto known = server_.resources();
    for (std::string name; std::getline(resources, name, ',');) {
      if (std::ranges::count(known, name) == 0) return Error(ErrorCode::not_found, "no resource " + name);
      plan.partitions.push_back({.id = name, .bytes = name, .estimate = {}});
    }
    return std::unique_ptr<PlannedRead>(std::make_unique<PagedRead>(server_, std::move(plan), since));
  }

 private:
  static Result<std::shared_ptr<arrow::Schema>> columns_of(const ReadRequest& request) {
    if (request.columns.empty()) return all_columns();
    arrow::FieldVector fields;
    for (const auto& name : request.columns) {
      fields.push_back(all_columns()->GetFieldByName(name));
      if (fields.back() == nullptr) return Error(ErrorCode::not_found, "no column " + name);
    }
    return arrow::schema(std::move(fields));
  }
  static Result<int64_t> since_of(const ReadRequest& request) {
    if (!request.cursor) return int64_t{0};
    if (request.cursor->column != "updated") return Error(ErrorCode::not_found, "the cursor of an API is `updated`");
    if (!request.cursor->after) return int64_t{0};
    return to_number(request.cursor->after->bytes);
  }

  ApiServer& server_;
};

}  // namespace

Result<void> ApiServer::let_in() {
  const auto now = clock_.now();
  if (now < closed_until_) ++impatient_;
  if (now >= window_start_ + window) {
    window_start_ = now;
    calls_in_window_ = 0;
  }
  if (calls_in_window_ >= calls_per_window) {
    ++refused_;
    closed_until_ = window_start_ + window;
    const auto pause = std::chrono::ceil<std::chrono::milliseconds>(closed_until_ - now);
    return Error(ErrorCode::rate_limited, "too many calls").retry_after(pause);
  }
  ++calls_in_window_;
  ++calls_;
  return {};
}

Result<void> ApiServer::fail_if_told() {
  const auto failure = failures.find(calls_);
  if (failure == failures.end() || failure->second == 0) return {};
  // The next call is the same page again.
  if (--failure->second > 0) failures[calls_ + 1] = failure->second;
  return Error(ErrorCode::unavailable, "HTTP 503").retry_after(pause_after_failure);
}

Result<ApiServer::Page> ApiServer::get(const std::string& resource, int64_t since, const std::string& token) {
  const std::lock_guard lock(mutex_);
  MS_TRY(let_in());
  MS_TRY(fail_if_told());
  const auto found = records_.find(resource);
  if (found == records_.end()) return Error(ErrorCode::not_found, "no resource " + resource);
  int64_t start = 0;
  if (!token.empty()) {
    MS_ASSIGN(start, to_number(token));
  }
  Page page;
  auto at = static_cast<size_t>(start);
  for (; at < found->second.size() && page.records.size() < page_size; ++at)
    if (found->second[at].updated > since) page.records.push_back(found->second[at]);
  if (at < found->second.size()) {
    page.next = std::to_string(at);
  } else {
    page.complete_to = std::max(latest_, since);
  }
  return page;
}

void ApiServer::put(const std::string& resource, Record record) {
  const std::lock_guard lock(mutex_);
  latest_ = std::max(latest_, record.updated);
  records_[resource].push_back(std::move(record));
}

void ApiServer::clear(const std::string& resource) {
  const std::lock_guard lock(mutex_);
  records_[resource].clear();
}

std::vector<std::string> ApiServer::resources() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, records] : records_) names.push_back(name);
  return names;
}

ConnectorSpec paged_api(ApiServer& server) {
  ConnectorSpec spec;
  spec.name = "paged";
  spec.title = "Paged API";
  spec.capabilities.read = true;
  spec.capabilities.discover = true;
  spec.capabilities.projection = true;
  spec.capabilities.cursor = true;
  spec.capabilities.parallel_read = true;
  spec.make_source = [&server](const config::Node&) -> Result<std::unique_ptr<Source>> {
    return std::unique_ptr<Source>(std::make_unique<PagedSource>(server));
  };
  return spec;
}

}  // namespace mainstem::connector::testkit::shapes
