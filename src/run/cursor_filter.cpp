#include "run/cursor_filter.h"

#include <arrow/api.h>
#include <arrow/compute/api.h>
#include <arrow/compute/initialize.h>
#include <charconv>
#include <fmt/format.h>

#include "base/units.h"
#include "columnar/status.h"

namespace mainstem::run {
namespace {

using columnar::from_arrow;
namespace compute = arrow::compute;

bool has_order(const arrow::DataType& type) {
  return arrow::is_integer(type.id()) || arrow::is_floating(type.id()) || arrow::is_decimal(type.id()) ||
         arrow::is_date(type.id()) || type.id() == arrow::Type::TIMESTAMP || arrow::is_base_binary_like(type.id());
}

Error bad_lookback(const connector::CursorRange& range, const arrow::DataType& type) {
  return Error(ErrorCode::invalid_config, fmt::format("lookback '{}' does not fit cursor column '{}' of type {}",
                                                      range.lookback, range.column, type.ToString()))
      .hint("write a duration such as 1h for dates and times, a whole number for numbers");
}

int64_t units_per_second(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND: return 1;
    case arrow::TimeUnit::MILLI: return 1000;
    case arrow::TimeUnit::MICRO: return 1'000'000;
    case arrow::TimeUnit::NANO: return 1'000'000'000;
  }
  return 1;
}

// The lookback as a scalar that can be subtracted from one of the cursor's type.
Result<std::shared_ptr<arrow::Scalar>> lookback_scalar(const connector::CursorRange& range,
                                                       const std::shared_ptr<arrow::DataType>& type) {
  if (type->id() == arrow::Type::TIMESTAMP || arrow::is_date(type->id())) {
    auto duration = parse_duration(range.lookback);
    if (!duration) return bad_lookback(range, *type);
    const auto unit = type->id() == arrow::Type::TIMESTAMP
                          ? static_cast<const arrow::TimestampType&>(*type).unit()
                          : (type->id() == arrow::Type::DATE64 ? arrow::TimeUnit::MILLI : arrow::TimeUnit::SECOND);
    const int64_t per_second = units_per_second(unit);
    int64_t ticks = duration->count() / 1000;
    if (per_second >= 1000 && __builtin_mul_overflow(duration->count(), per_second / 1000, &ticks))
      return bad_lookback(range, *type);
    return std::shared_ptr<arrow::Scalar>(std::make_shared<arrow::DurationScalar>(ticks, arrow::duration(unit)));
  }
  int64_t number = 0;
  const auto& text = range.lookback;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool numeric = !arrow::is_base_binary_like(type->id());
  if (!numeric || ec != std::errc() || end != text.data() + text.size() || number < 0)
    return bad_lookback(range, *type);
  return from_arrow(arrow::MakeScalar(type, number));
}

// A position as it was written down. Arrow parses most types; decimals it only casts.
arrow::Result<std::shared_ptr<arrow::Scalar>> parse_position(const std::shared_ptr<arrow::DataType>& type,
                                                             const std::string& text) {
  if (!arrow::is_decimal(type->id())) return arrow::Scalar::Parse(type, text);
  ARROW_ASSIGN_OR_RAISE(const auto value, compute::Cast(std::make_shared<arrow::StringScalar>(text), type));
  return value.scalar();
}

// The lower bound itself, in the type of the column.
Result<std::shared_ptr<arrow::Scalar>> lower_bound(const connector::CursorRange& range,
                                                   const std::shared_ptr<arrow::DataType>& type) {
  auto parsed = parse_position(type, range.after->bytes);
  if (!parsed.ok())
    return Error(ErrorCode::invalid_data, fmt::format("the stored position '{}' does not fit column '{}' of type {}",
                                                      range.after->printable, range.column, type->ToString()))
        .hint("the column's type has changed since the last run; load everything again with --full");
  auto after = *parsed;
  if (range.lookback.empty()) return after;
  MS_ASSIGN(const auto step, lookback_scalar(range, type));
  MS_ASSIGN(const auto difference, from_arrow(compute::Subtract(after, step), "applying the lookback"));
  MS_ASSIGN(const auto bound, from_arrow(compute::Cast(difference, type, compute::CastOptions::Unsafe())));
  return bound.scalar();
}

}  // namespace

Result<std::unique_ptr<CursorFilter>> CursorFilter::make(const arrow::Schema& schema,
                                                         const connector::CursorRange& range) {
  MS_TRY(from_arrow(compute::Initialize()));
  const int column = schema.GetFieldIndex(range.column);
  if (column < 0)
    return Error(ErrorCode::invalid_config, fmt::format("cursor column '{}' is not in the source", range.column))
        .hint("columns: " + fmt::format("{}", fmt::join(schema.field_names(), ", ")));
  const auto& type = schema.field(column)->type();
  if (!has_order(*type))
    return Error(ErrorCode::invalid_config,
                 fmt::format("column '{}' of type {} cannot be a cursor", range.column, type->ToString()))
        .hint("choose a number, date, timestamp or text that only grows");
  auto filter = std::unique_ptr<CursorFilter>(new CursorFilter(column, range.after));
  if (range.after) {
    MS_ASSIGN(filter->lower_, lower_bound(range, type));
    filter->takes_lower_ = !range.lookback.empty();
  }
  return filter;
}

Result<std::shared_ptr<arrow::RecordBatch>> CursorFilter::apply(const std::shared_ptr<arrow::RecordBatch>& batch) {
  auto kept = batch;
  const auto values = batch->column(column_);
  if (lower_ != nullptr) {
    MS_ASSIGN(const auto newer,
              from_arrow(compute::CallFunction(takes_lower_ ? "greater_equal" : "greater", {values, lower_})));
    MS_ASSIGN(const auto unknown, from_arrow(compute::IsNull(values)));
    MS_ASSIGN(const auto keep, from_arrow(compute::KleeneOr(newer, unknown)));
    const auto mask = std::static_pointer_cast<arrow::BooleanArray>(keep.make_array());
    if (mask->true_count() < batch->num_rows()) {
      MS_ASSIGN(const auto filtered, from_arrow(compute::Filter(batch, keep)));
      kept = filtered.record_batch();
    }
  }
  MS_TRY(remember_greatest(kept->column(column_)));
  return kept;
}

Result<void> CursorFilter::remember_greatest(const std::shared_ptr<arrow::Array>& values) {
  if (values->null_count() == values->length()) return {};
  MS_ASSIGN(const auto range, from_arrow(compute::MinMax(values)));
  const auto& fields = static_cast<const arrow::StructScalar&>(*range.scalar()).value;
  const auto& greatest = fields[1];
  const std::lock_guard lock(mutex_);
  if (greatest_ != nullptr) {
    MS_ASSIGN(const auto newer, from_arrow(compute::CallFunction("greater", {greatest, greatest_})));
    if (!static_cast<const arrow::BooleanScalar&>(*newer.scalar()).value) return {};
  }
  greatest_ = greatest;
  return {};
}

std::optional<columnar::Position> CursorFilter::position() const {
  const std::lock_guard lock(mutex_);
  if (greatest_ == nullptr) return before_;
  const auto text = greatest_->ToString();
  // With a lookback, a run without news sees only older rows again: a position never moves back.
  if (before_ && lower_ != nullptr) {
    const auto before = parse_position(greatest_->type, before_->bytes);
    if (before.ok()) {
      const auto newer = compute::CallFunction("greater", {greatest_, *before});
      if (newer.ok() && !static_cast<const arrow::BooleanScalar&>(*newer->scalar()).value) return before_;
    }
  }
  return columnar::Position{.bytes = text, .printable = text};
}

}  // namespace mainstem::run
