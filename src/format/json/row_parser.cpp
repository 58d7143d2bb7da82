#include "format/json/row_parser.h"

#include <fmt/format.h>
#include <utility>

#include "base/utf8.h"
#include "columnar/status.h"
#include "format/json/cursor.h"
#include "format/json/sinks.h"
#include "format/json/walk.h"

namespace mainstem::format::json {
namespace {

// Gives the record to `sink`; its root value is `node`.
template <class Sink>
std::optional<Complaint> walk_record(std::string_view record, Sink& sink, typename Sink::Node& node, int max_depth) {
  if (auto complaint = refuse_other_kinds(record)) {
    sink.begin_object(node);
    sink.end_object(node);
    return complaint;
  }
  Walk<Sink> walk(sink, record, max_depth);
  if (walk.root(node)) return std::nullopt;
  return std::move(walk.complaint());
}

}  // namespace

std::optional<Complaint> refuse_other_kinds(std::string_view record) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = record.find_first_not_of(blanks);
  if (first == std::string_view::npos) return Complaint{.code = "invalid_json", .reason = "a value is missing"};
  if (record[first] != '{') {
    const bool other_kind = std::string_view("[\"tfn-0123456789").find(record[first]) != std::string_view::npos;
    if (other_kind) return Complaint{.code = "not_an_object", .reason = "the record is no JSON object"};
    return Complaint{.code = "invalid_json", .reason = "not valid JSON: an object begins with '{'"};
  }
  if (!is_utf8(record)) return Complaint{.code = "invalid_utf8", .reason = "the record is not valid UTF-8"};
  return std::nullopt;
}

Result<std::optional<Complaint>> RowParser::observe(std::string_view record, ShapeRecorder& recorder) {
  ShapeSink sink(recorder, options_.infer_dates);
  auto complaint = walk_record(record, sink, recorder.root(), options_.max_depth);
  if (complaint)
    recorder.discard();
  else
    recorder.keep();
  if (recorder.root().has_too_many_members())
    return Error(ErrorCode::resource_exhausted, fmt::format("records have more than {} names", Shape::kMaxMembers))
        .hint("their names seem to be data: put the object that holds them below one name");
  return complaint;
}

Result<std::optional<Complaint>> RowParser::append(std::string_view record, RecordBuilder& rows) {
  ColumnSink sink;
  auto complaint = walk_record(record, sink, rows.root(), options_.max_depth);
  MS_TRY(columnar::from_arrow(sink.failure(), "building rows"));
  if (complaint)
    rows.discard();
  else
    rows.keep();
  return complaint;
}

}  // namespace mainstem::format::json
