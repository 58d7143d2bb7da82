#include "connectors/postgres/write_plan.h"

#include <algorithm>
#include <arrow/api.h>
#include <fmt/format.h>
#include <set>

#include "config/option.h"
#include "connectors/postgres/column_encoder.h"
#include "connectors/postgres/types.h"

namespace mainstem::connectors::postgres {
namespace {

using connector::quote_identifier;
using connector::quote_table;
using connector::TableRef;
using connector::WriteMode;
using connector::WriteRequest;

// Longer names would be cut by the server without a word.
constexpr size_t kMaxNameBytes = 63;

enum class Fit { same, assign, cast, none };

struct Digits {
  int whole;
  int scale;
};

Digits digits_of(int modifier) {
  const int packed = modifier - 4;
  const int scale = ((packed & 0x7FF) ^ 1024) - 1024;
  return {.whole = ((packed >> 16) & 0xFFFF) - scale, .scale = scale};
}

bool is_integer(uint32_t type) { return type == Oid::kInt2 || type == Oid::kInt4 || type == Oid::kInt8; }

Fit fit_numeric(const arrow::DataType& type, const TargetColumn& column) {
  const int scale = arrow::is_decimal(type.id()) ? static_cast<const arrow::DecimalType&>(type).scale() : 0;
  if (is_integer(column.oid)) return scale == 0 ? Fit::assign : Fit::none;
  if (column.oid != Oid::kNumeric) return Fit::none;
  // Too many digits before the point are an error when they come; behind it the server would round.
  const bool exact = column.modifier < 0 || digits_of(column.modifier).scale >= scale;
  if (!exact) return Fit::none;
  return native_oid(type) == Oid::kNumeric ? Fit::same : Fit::assign;
}

Fit fit_text(const TargetColumn& column) {
  if (column.oid == Oid::kVarchar || column.oid == Oid::kBpchar) return Fit::same;
  constexpr uint32_t kTimetz = 1266;
  const bool exact = column.modifier < 0;
  if (column.oid == Oid::kNumeric || column.oid == kTimetz) return exact ? Fit::cast : Fit::none;
  if (column.category == 'S' && column.oid != Oid::kName) return exact ? Fit::assign : Fit::none;
  // Types that are read from their text without losing anything of it: uuid, json, inet, enums, ranges, arrays, ...
  const bool readable = std::string_view("UEIRCAG").find(column.category) != std::string_view::npos;
  return readable && exact && column.oid != Oid::kBytea ? Fit::cast : Fit::none;
}

// Whether values go into an existing column without silent loss.
Fit fit(const arrow::DataType& type, const std::string& native, const TargetColumn& column) {
  const uint32_t given = native_oid(type);
  if (given == 0) return native == column.declared ? Fit::same : Fit::none;
  if (given == Oid::kNumeric) return fit_numeric(type, column);
  const bool rounds = column.modifier >= 0 && (given == Oid::kTimestamp || given == Oid::kTimestamptz ||
                                               given == Oid::kTime || given == Oid::kInterval);
  if (given == column.oid) return rounds ? Fit::none : Fit::same;
  if (given == Oid::kText) return fit_text(column);
  if (is_integer(given)) {
    if (column.oid == Oid::kFloat8 && given != Oid::kInt8) return Fit::assign;
    if (column.oid == Oid::kOid && given == Oid::kInt8) return Fit::assign;
    return is_integer(column.oid) ? Fit::assign : fit_numeric(type, column);
  }
  if (given == Oid::kFloat4 && column.oid == Oid::kFloat8) return Fit::assign;
  if (given == Oid::kDate && column.oid == Oid::kTimestamp && column.modifier < 0) return Fit::assign;
  return Fit::none;
}

// The digits that an integer type of the source may have.
int integer_digits(uint32_t type) { return type == Oid::kInt2 ? 5 : type == Oid::kInt4 ? 10 : 19; }

std::string misfit_integer(uint32_t given, const std::string& name, uint32_t there) {
  const auto bytes = [](uint32_t type) { return type == Oid::kInt2 ? 2 : type == Oid::kInt4 ? 4 : 8; };
  if (is_integer(given) && bytes(given) <= bytes(there)) return "";
  const int64_t greatest = there == Oid::kInt2 ? INT16_MAX : there == Oid::kInt4 ? INT32_MAX : INT64_MAX;
  return fmt::format("{} NOT BETWEEN {}::numeric AND {}::numeric", name, -greatest - 1, greatest);
}

// Which values of a column that fits by its type are still too long or too large for the target's: what the server
// would refuse without saying where, or, of blanks at the end of a text, cut off without a word.
std::string misfit(const arrow::DataType& type, const WriteColumn& column, const TargetColumn& there) {
  const auto name = quote_identifier(column.name);
  const uint32_t given = native_oid(type);
  const bool number = given == Oid::kNumeric || is_integer(given);
  if (number && is_integer(there.oid)) return misfit_integer(given, name, there.oid);
  if (there.modifier < 0) return "";
  if (number && there.oid == Oid::kNumeric) {
    const auto* decimal = arrow::is_decimal(type.id()) ? static_cast<const arrow::DecimalType*>(&type) : nullptr;
    const int whole = decimal == nullptr ? integer_digits(given) : decimal->precision() - decimal->scale();
    const int room = digits_of(there.modifier).whole;
    return whole <= room ? "" : fmt::format("abs({}) >= 1e{}::numeric", name, room);
  }
  if (given != Oid::kText) return "";
  const int length = there.modifier - 4;
  if (there.oid == Oid::kVarchar) return fmt::format("char_length({}) > {}", name, length);
  // Blanks at the end say nothing there.
  return there.oid == Oid::kBpchar ? fmt::format("char_length(rtrim({}, ' ')) > {}", name, length) : "";
}

class WritePlanner {
 public:
  WritePlanner(Context& context, Connection& connection, const WriteRequest& request)
      : context_(context), connection_(connection) {
    plan_.request = request;
  }
  Result<WritePlan> plan();

 private:
  const WriteRequest& request() const { return plan_.request; }
  Result<void> check_names();
  Result<void> check_keys();
  Result<void> check_known(const std::vector<std::string>& names, std::string_view what);
  Result<void> find_target();
  Result<void> find_schema();
  Error may_not_create() const;
  Result<void> compare_column(WriteColumn& column, const arrow::DataType& type);
  Result<void> compare_with_existing();
  Result<void> choose_replace();
  Result<void> choose_way();
  Result<void> check_rights();
  Result<void> require(const std::string& right) const;
  void find_missing_indexes();
  Error not_owned(const std::string& purpose) const;

  Context& context_;
  Connection& connection_;
  WritePlan plan_;
  bool may_create_ = false;  // in the target's schema
  std::string user_;         // quoted
  std::string database_;
};

Result<void> WritePlanner::check_names() {
  if (request().schema == nullptr || request().schema->num_fields() == 0)
    return Error(ErrorCode::invalid_config, request().name + ": there are no columns to write");
  std::set<std::string> names;
  for (const auto& field : request().schema->fields()) {
    if (field->name().empty() || field->name().size() > kMaxNameBytes)
      return Error(ErrorCode::invalid_config, fmt::format("'{}' cannot be the name of a column", field->name()))
          .hint("PostgreSQL's names have 1 to 63 bytes; rename it in a model");
    if (!names.insert(field->name()).second)
      return Error(ErrorCode::invalid_config, "two columns are named '" + field->name() + "'")
          .hint("rename one of them in a model");
    auto native = native_type(*field->type());
    if (!native) return std::move(native).error().during("column " + field->name());
    plan_.columns.push_back({.name = field->name(), .native = *native, .cast = "", .not_null = !field->nullable()});
  }
  return {};
}

Result<void> WritePlanner::check_known(const std::vector<std::string>& names, std::string_view what) {
  for (const auto& name : names) {
    if (request().schema->GetFieldIndex(name) >= 0) continue;
    const auto near = config::nearest(name, request().schema->field_names());
    return Error(ErrorCode::invalid_config, fmt::format("{} '{}' is not a column of {}", what, name, request().name))
        .hint(near ? "did you mean '" + *near + "'?"
                   : fmt::format("columns: {}", fmt::join(request().schema->field_names(), ", ")));
  }
  return {};
}

Result<void> WritePlanner::check_keys() {
  if (request().mode == WriteMode::merge && request().key.empty())
    return Error(ErrorCode::invalid_config, "mode merge needs a key")
        .hint("name the columns that identify a row: key: [id]");
  if (request().mode == WriteMode::partition && request().partition_by.empty())
    return Error(ErrorCode::invalid_config, "mode partition needs partition_by")
        .hint("name the columns whose values tell what to replace: partition_by: [day]");
  MS_TRY(check_known(request().key, "key column"));
  MS_TRY(check_known(request().partition_by, "partition column"));
  for (const auto& index : request().indexes) MS_TRY(check_known(index, "index column"));
  return {};
}

Result<void> WritePlanner::find_target() {
  MS_ASSIGN(const auto named, named_table(request()));
  if (named.name.size() > kMaxNameBytes || named.schema.size() > kMaxNameBytes)
    return Error(ErrorCode::invalid_config, "PostgreSQL's names have at most 63 bytes: " + named.to_string());
  MS_ASSIGN(plan_.target, resolve_target(context_, connection_, named));
  MS_ASSIGN(plan_.existing, inspect_target(context_, connection_, plan_.target));
  return {};
}

Result<void> WritePlanner::find_schema() {
  MS_ASSIGN(const auto rows,
            connection_.query(context_,
                              "SELECT n.oid IS NULL, CASE WHEN n.oid IS NULL THEN has_database_privilege("
                              "current_database(), 'CREATE') ELSE has_schema_privilege(n.oid, 'CREATE') END, "
                              "quote_ident(current_user), quote_ident(current_database()) FROM (SELECT) AS one LEFT "
                              "JOIN pg_namespace n ON n.nspname = $1",
                              {plan_.target.schema}));
  plan_.make_schema = rows.truth(0, 0);
  may_create_ = rows.truth(0, 1);
  user_ = rows.text(0, 2);
  database_ = rows.text(0, 3);
  return {};
}

Error WritePlanner::may_not_create() const {
  return Error(ErrorCode::permission_denied,
               fmt::format("table {} cannot be made: no right to create in its {}", plan_.target.to_string(),
                           plan_.make_schema ? "database" : "schema"))
      .hint(plan_.make_schema
                ? fmt::format("GRANT CREATE ON DATABASE {} TO {}", database_, user_)
                : fmt::format("GRANT USAGE, CREATE ON SCHEMA {} TO {}", quote_identifier(plan_.target.schema), user_));
}

Result<void> WritePlanner::compare_column(WriteColumn& column, const arrow::DataType& type) {
  const auto* there = plan_.existing->find(column.name);
  const auto table = plan_.target.to_string();
  if (there == nullptr) {
    column.is_new = true;
    if (plan_.options.new_columns == NewColumns::error)
      return Error(ErrorCode::invalid_config, fmt::format("table {} has no column '{}'", table, column.name))
          .hint("leave the column out, or set new_columns: add");
    // Rows that are there already have no value for it.
    column.not_null = false;
    return {};
  }
  if (there->generated)
    return Error(ErrorCode::invalid_config,
                 fmt::format("column '{}' of {} is computed by the server", column.name, table))
        .hint("leave it out of what is written");
  const auto how = fit(type, column.native, *there);
  if (how == Fit::none)
    return Error(ErrorCode::invalid_config, fmt::format("column '{}' of {} is {}, which does not take {} without loss",
                                                        column.name, table, there->declared, column.native))
        .hint(fmt::format("cast it in a model, or ALTER TABLE {} ALTER COLUMN {} TYPE {}", quote_table(plan_.target),
                          quote_identifier(column.name), column.native));
  column.changes_type = how != Fit::same;
  if (how == Fit::cast) column.cast = there->declared;
  column.declared = there->declared;
  column.misfit = misfit(type, column, *there);
  if (there->oid == Oid::kVarchar && there->modifier >= 4)
    column.most_characters = static_cast<size_t>(there->modifier - 4);
  return {};
}

Result<void> WritePlanner::compare_with_existing() {
  for (auto& column : plan_.columns)
    MS_TRY(compare_column(column, *request().schema->GetFieldByName(column.name)->type()));
  for (const auto& there : plan_.existing->columns) {
    const bool written = request().schema->GetFieldIndex(there.name) >= 0;
    if (written || !there.not_null || there.has_default || there.generated) continue;
    return Error(ErrorCode::invalid_config, fmt::format("column '{}' of {} must not be null, has no default and is not "
                                                        "among what is written",
                                                        there.name, plan_.target.to_string()))
        .hint("write it, or give it a default");
  }
  return {};
}

Result<void> WritePlanner::choose_replace() {
  const auto& table = *plan_.existing;
  auto lost = table.lost_by_swap;
  const auto add = [&lost](std::string_view what) { lost += fmt::format("{}{}", lost.empty() ? "" : ", ", what); };
  const bool retyped = std::ranges::any_of(plan_.columns, &WriteColumn::changes_type);
  if (retyped) add("the types of its columns");
  // Only a reason to choose another way, not to refuse this one: check_rights names the missing grant.
  if (!may_create_ && plan_.options.replace == ReplaceWay::automatic) add("the right to make a table");
  if (!table.owned) add("its owner");
  switch (plan_.options.replace) {
    case ReplaceWay::automatic:
      plan_.way = lost.empty()
                      ? PublishWay::swap
                      : (table.referenced || !table.may("TRUNCATE") ? PublishWay::remove : PublishWay::truncate);
      return {};
    case ReplaceWay::swap:
      plan_.way = PublishWay::swap;
      if (lost.empty()) return {};
      return Error(ErrorCode::invalid_config,
                   fmt::format("replace: swap would lose {} of {}", lost, plan_.target.to_string()))
          .hint("leave option replace out, or set it to truncate or delete");
    case ReplaceWay::truncate:
      plan_.way = PublishWay::truncate;
      if (!table.referenced) return {};
      return Error(ErrorCode::invalid_config,
                   "replace: truncate is impossible, foreign keys point at " + plan_.target.to_string())
          .hint("set replace: delete");
    case ReplaceWay::remove: plan_.way = PublishWay::remove; return {};
  }
  return {};
}

Result<void> WritePlanner::choose_way() {
  if (!plan_.existing) {
    plan_.way = PublishWay::move;
    return {};
  }
  switch (request().mode) {
    case WriteMode::replace: return choose_replace();
    case WriteMode::append: plan_.way = PublishWay::insert; return {};
    case WriteMode::partition: plan_.way = PublishWay::partition; return {};
    case WriteMode::merge: break;
  }
  const std::set<std::string> key(request().key.begin(), request().key.end());
  const auto covers = [&](const TargetIndex& index) {
    return index.unique && std::set<std::string>(index.columns.begin(), index.columns.end()) == key;
  };
  const bool unique = plan_.existing->kind == 'r' && std::ranges::any_of(plan_.existing->indexes, covers);
  plan_.way = unique ? PublishWay::upsert : PublishWay::update;
  return {};
}

Result<void> WritePlanner::require(const std::string& right) const {
  if (plan_.existing->may(right)) return {};
  return Error(ErrorCode::permission_denied, fmt::format("no right to {} on {}", right, plan_.target.to_string()))
      .hint(fmt::format("GRANT {} ON {} TO {}", right, quote_table(plan_.target), user_));
}

Error WritePlanner::not_owned(const std::string& purpose) const {
  return Error(ErrorCode::permission_denied,
               fmt::format("only the owner of {} can {}", plan_.target.to_string(), purpose))
      .hint("have the owner do it, or run as a member of the owner's role");
}

Result<void> WritePlanner::check_rights() {
  if (plan_.becomes_target() && !may_create_) return may_not_create();
  if (plan_.becomes_target()) return {};
  MS_TRY(require("INSERT"));
  if (plan_.way != PublishWay::insert) MS_TRY(require("SELECT"));
  if (plan_.way == PublishWay::truncate) MS_TRY(require("TRUNCATE"));
  if (plan_.way == PublishWay::upsert || plan_.way == PublishWay::update) MS_TRY(require("UPDATE"));
  if (plan_.way == PublishWay::remove || plan_.way == PublishWay::partition) MS_TRY(require("DELETE"));
  if (plan_.existing->owned) return {};
  if (std::ranges::any_of(plan_.columns, &WriteColumn::is_new)) return not_owned("add columns");
  if (!plan_.missing_indexes.empty()) return not_owned("add indexes");
  return {};
}

void WritePlanner::find_missing_indexes() {
  for (const auto& wanted : request().indexes) {
    const auto same = [&](const TargetIndex& index) { return index.columns == wanted; };
    if (!plan_.existing || std::ranges::none_of(plan_.existing->indexes, same)) plan_.missing_indexes.push_back(wanted);
  }
}

Result<WritePlan> WritePlanner::plan() {
  MS_ASSIGN(plan_.options, read_target(request().options));
  MS_TRY(check_names());
  MS_TRY(check_keys());
  MS_TRY(find_target());
  MS_TRY(find_schema());
  if (plan_.existing) MS_TRY(compare_with_existing());
  MS_TRY(choose_way());
  find_missing_indexes();
  MS_TRY(check_rights());
  return std::move(plan_);
}

}  // namespace

Result<WritePlan> plan_write(Context& context, Connection& connection, const WriteRequest& request) {
  auto plan = WritePlanner(context, connection, request).plan();
  if (!plan) return std::move(plan).error().during("checking target " + request.name);
  return plan;
}

Result<TableRef> named_table(const WriteRequest& request) {
  if (!request.table.empty()) return connector::parse_table_ref(request.table);
  MS_ASSIGN(const auto options, read_target(request.options));
  if (options.table.empty()) return Error(ErrorCode::invalid_config, "target '" + request.name + "' names no table");
  return connector::parse_table_ref(options.table);
}

std::string column_list(const std::vector<std::string>& names, const std::string& prefix) {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : ", ") + prefix + quote_identifier(name);
  return list;
}

}  // namespace mainstem::connectors::postgres
