#include "format/xml/survey.h"

#include <fmt/format.h>
#include <utility>

#include "format/xml/document.h"
#include "observability/context.h"

namespace mainstem::format::xml {
namespace {

// More names than this below the root are no kinds of rows.
constexpr size_t kMostKinds = 100;

// The elements of one name that may be rows.
struct Kind {
  Shape shape;
  ShapeRecorder recorder{shape};
  int64_t records = 0;
  bool repeated = false;
  size_t last_input = SIZE_MAX;
};
using Kinds = std::map<std::string, std::unique_ptr<Kind>>;

Error which_row(const Kinds& kinds) {
  std::string names;
  for (const auto& [name, kind] : kinds) {
    if (names.size() > 200) {
      names += ", ...";
      break;
    }
    names += (names.empty() ? "" : ", ") + name;
  }
  return Error(ErrorCode::invalid_data, "it cannot be told which elements are rows; below the root stand: " + names)
      .hint("name them with option row, for example row: " + kinds.begin()->first);
}

Error no_row(const std::string& row) {
  return Error(ErrorCode::invalid_data, "the document has no place for rows '" + row + "'")
      .hint("check option row: names count with upper and lower case, and a path begins with the root's name");
}

class Surveyor {
 public:
  Surveyor(const ReadOptions& options, const ValueOptions& values)
      : options_(options), values_(values), by_name_(options.row.empty()) {}

  Result<void> look_at(Context& context, io::Input& input, size_t number) {
    MS_ASSIGN(auto document, open_document(input, options_));
    for (bool more = true; more;) {
      MS_TRY(context.cancellation.check());
      MS_ASSIGN(more, document->advance([&](const Record& record) { return add(record, number); }));
    }
    const auto& outline = document->outline();
    if (outline.children_of_root > 0) has_children_ = true;
    if (outline.parent_seen) parent_seen_ = true;
    return {};
  }

  Result<Survey> finish() {
    if (by_name_) return choose();
    const auto path = parse_row_path(options_.row);
    if (kinds_.empty() && has_children_ && !(path && parent_seen_)) return no_row(options_.row);
    return kinds_.empty() ? Survey{.shape = std::make_unique<Shape>()} : take("", *kinds_.begin()->second);
  }

 private:
  Result<void> add(const Record& record, size_t input) {
    const auto& name = by_name_ ? record.node(Record::kRoot).name : options_.row;
    auto& kind = kinds_[name];
    if (kind == nullptr) kind = std::make_unique<Kind>();
    if (kinds_.size() > kMostKinds) return which_row(kinds_);
    ++kind->records;
    if (std::exchange(kind->last_input, input) == input) kind->repeated = true;
    return observe_record(record, values_, kind->recorder);
  }

  // The only kind, or the only one that is repeated.
  Result<Survey> choose() {
    if (kinds_.empty()) return Survey{.shape = std::make_unique<Shape>()};
    auto chosen = kinds_.end();
    for (auto kind = kinds_.begin(); kind != kinds_.end(); ++kind) {
      if (kinds_.size() > 1 && !kind->second->repeated) continue;
      if (chosen != kinds_.end()) return which_row(kinds_);
      chosen = kind;
    }
    if (chosen == kinds_.end()) return which_row(kinds_);
    auto found = take(chosen->first, *chosen->second);
    for (const auto& [name, kind] : kinds_)
      if (name != chosen->first) found.passed_by.push_back(name);
    return found;
  }

  static Survey take(const std::string& name, Kind& kind) {
    return {.row_name = name,
            .passed_by = {},
            .records = kind.records,
            .shape = std::make_unique<Shape>(std::move(kind.shape))};
  }

  const ReadOptions& options_;
  const ValueOptions& values_;
  bool by_name_;
  Kinds kinds_;
  bool has_children_ = false;
  bool parent_seen_ = false;
};

}  // namespace

Result<Survey> survey(Context& context, const std::vector<std::shared_ptr<io::Input>>& inputs,
                      const ReadOptions& options, const ValueOptions& values) {
  Surveyor surveyor(options, values);
  for (size_t i = 0; i < inputs.size(); ++i)
    MS_TRY_DURING(surveyor.look_at(context, *inputs[i], i), "reading " + inputs[i]->name());
  MS_ASSIGN_DURING(auto found, surveyor.finish(), "reading " + inputs.front()->name());
  return found;
}

}  // namespace mainstem::format::xml
