#include "connectors/postgres/publish.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>

#include "connector/merge.h"

namespace mainstem::connectors::postgres {
namespace {

using connector::PublishedTable;
using connector::quote_identifier;
using connector::quote_literal;
using connector::quote_table;

class Publisher {
 public:
  Publisher(Context& context, Connection& control, const Staging& staging)
      : context_(context),
        control_(control),
        staging_(staging),
        plan_(staging.plan()),
        target_(quote_table(plan_.target)) {}

  Result<PublishedTable> publish();

 private:
  Result<int64_t> change(const std::string& sql);
  Result<int64_t> count();
  Result<void> lock(std::string_view mode) {
    return control_.run(context_, fmt::format("LOCK TABLE {} IN {} MODE", target_, mode));
  }
  std::vector<std::string> names() const;
  std::string value_of(const std::string& name) const;
  std::string values() const;
  std::string insert_all() const;
  std::string key_matches() const;
  std::string assignments(const std::string& prefix_or_empty) const;

  Result<void> check_unchanged();
  Result<void> add_columns();
  Result<void> add_indexes();
  Result<void> take_place();
  Result<void> rename_parts();
  Result<void> give_grants(const Rows& grants);
  Result<bool> target_appeared();
  Result<void> move();
  Result<void> swap();
  Result<void> empty_and_insert();
  Result<void> upsert();
  Result<void> update_and_insert();
  Result<void> replace_partitions();
  Result<void> into_existing();

  Context& context_;
  Connection& control_;
  const Staging& staging_;
  const WritePlan& plan_;
  const std::string target_;
  PublishedTable result_;
};

Result<int64_t> Publisher::change(const std::string& sql) {
  MS_ASSIGN(const auto rows, control_.query(context_, sql));
  return rows.affected();
}

Result<int64_t> Publisher::count() {
  MS_ASSIGN(const auto rows, control_.query(context_, "SELECT count(*) FROM " + target_));
  return rows.number(0, 0);
}

std::vector<std::string> Publisher::names() const {
  std::vector<std::string> names;
  for (const auto& column : plan_.columns) names.push_back(column.name);
  return names;
}

// The staged value as the target's column takes it.
std::string Publisher::value_of(const std::string& name) const {
  const auto column = std::ranges::find(plan_.columns, name, &WriteColumn::name);
  const auto value = "s." + quote_identifier(name);
  return column->cast.empty() ? value : value + "::" + column->cast;
}

std::string Publisher::values() const {
  std::string list;
  for (const auto& column : plan_.columns) list += (list.empty() ? "" : ", ") + value_of(column.name);
  return list;
}

std::string Publisher::insert_all() const {
  return fmt::format("INSERT INTO {} AS t ({}) SELECT {} FROM {} AS s", target_, column_list(names()), values(),
                     staging_.table());
}

std::string Publisher::key_matches() const {
  std::string text;
  for (const auto& name : plan_.request.key)
    text += fmt::format("{}t.{} = {}", text.empty() ? "" : " AND ", quote_identifier(name), value_of(name));
  return text;
}

// "a" = excluded."a", ... of the columns beside the key; without a prefix, of the staged values.
std::string Publisher::assignments(const std::string& prefix_or_empty) const {
  std::string text;
  for (const auto& column : plan_.columns) {
    if (std::ranges::find(plan_.request.key, column.name) != plan_.request.key.end()) continue;
    const auto name = quote_identifier(column.name);
    text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", name,
                        prefix_or_empty.empty() ? value_of(column.name) : prefix_or_empty + name);
  }
  return text;
}

Result<void> Publisher::add_columns() {
  for (const auto& column : plan_.columns)
    if (column.is_new)
      MS_TRY(control_.query(context_, fmt::format("ALTER TABLE {} ADD COLUMN IF NOT EXISTS {} {}", target_,
                                                  quote_identifier(column.name), column.native)));
  return {};
}

Result<void> Publisher::add_indexes() {
  for (const auto& columns : plan_.missing_indexes)
    MS_TRY(control_.query(context_, fmt::format("CREATE INDEX ON {} ({})", target_, column_list(columns))));
  return {};
}

Result<bool> Publisher::target_appeared() {
  MS_ASSIGN(const auto rows, control_.query(context_, "SELECT to_regclass($1) IS NOT NULL", {target_}));
  return rows.truth(0, 0);
}

Result<void> Publisher::rename_parts() {
  const auto schema = quote_identifier(plan_.target.schema);
  for (const auto& part : staging_.renames()) {
    if (part.constraint) {
      MS_TRY(control_.query(context_, fmt::format("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", target_, part.from,
                                                  quote_identifier(part.to))));
    } else if (!part.to.empty()) {
      MS_TRY(control_.query(
          context_, fmt::format("ALTER INDEX {}.{} RENAME TO {}", schema, part.from, quote_identifier(part.to))));
    }
  }
  return {};
}

// The staged table goes to the target's schema and takes its name.
Result<void> Publisher::take_place() {
  const auto schema = quote_identifier(plan_.target.schema);
  const auto moved = quote_table({.schema = plan_.target.schema, .name = staging_.name()});
  MS_TRY(control_.query(context_, fmt::format("COMMENT ON TABLE {} IS NULL", staging_.table())));
  if (staging_.table() != moved)
    MS_TRY(control_.query(context_, fmt::format("ALTER TABLE {} SET SCHEMA {}", staging_.table(), schema)));
  MS_TRY(
      control_.query(context_, fmt::format("ALTER TABLE {} RENAME TO {}", moved, quote_identifier(plan_.target.name))));
  MS_TRY(rename_parts());
  result_.inserted = result_.rows_after = staging_.rows();
  return {};
}

Result<void> Publisher::move() {
  // Two runs may make the same table; the second one waits here until the first has committed.
  MS_TRY(
      control_.query(context_, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", {"mainstem make " + target_}));
  MS_ASSIGN(const bool appeared, target_appeared());
  if (appeared && plan_.request.mode != connector::WriteMode::append)
    return Error(ErrorCode::conflict,
                 fmt::format("table {} was made by somebody else in the meantime", plan_.target.to_string()))
        .hint("run again");
  if (appeared) return into_existing();
  if (plan_.make_schema)
    MS_TRY(control_.query(context_, "CREATE SCHEMA IF NOT EXISTS " + quote_identifier(plan_.target.schema)));
  MS_TRY(take_place());
  return {};
}

Result<void> Publisher::check_unchanged() {
  MS_ASSIGN(const auto current, inspect_target(context_, control_, plan_.target));
  if (current && current->oid == plan_.existing->oid && current->lost_by_swap.empty() &&
      current->columns.size() == plan_.existing->columns.size())
    return {};
  return Error(ErrorCode::conflict,
               fmt::format("table {} was changed by somebody else in the meantime", plan_.target.to_string()))
      .hint("run again");
}

Result<void> Publisher::give_grants(const Rows& grants) {
  for (int row = 0; row < grants.count(); ++row)
    MS_TRY(
        control_.query(context_, fmt::format("GRANT {} ON {} TO {}{}", grants.text(row, 0), target_,
                                             grants.text(row, 1), grants.truth(row, 2) ? " WITH GRANT OPTION" : "")));
  return {};
}

Result<void> Publisher::swap() {
  MS_TRY(lock("ACCESS EXCLUSIVE"));
  MS_TRY(check_unchanged());
  MS_ASSIGN(result_.deleted, count());
  const auto old = fmt::format("{}", plan_.existing->oid);
  MS_ASSIGN(
      const auto grants,
      control_.query(context_,
                     "SELECT a.privilege_type, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE "
                     "quote_ident(pg_get_userbyid(a.grantee)) END, a.is_grantable AND a.grantee <> 0 FROM pg_class "
                     "c, aclexplode(c.relacl) a WHERE c.oid = $1::oid AND a.grantee <> c.relowner",
                     {old}));
  MS_ASSIGN(
      const auto facts,
      control_.query(context_,
                     "SELECT coalesce(obj_description(oid, 'pg_class'), ''), quote_ident(pg_get_userbyid(relowner)), "
                     "pg_get_userbyid(relowner) = current_user FROM pg_class WHERE oid = $1::oid",
                     {old}));
  MS_TRY(control_.query(context_, "DROP TABLE " + target_));
  MS_TRY(take_place());
  MS_TRY(give_grants(grants));
  if (!facts.text(0, 0).empty())
    MS_TRY(
        control_.query(context_, fmt::format("COMMENT ON TABLE {} IS {}", target_, quote_literal(facts.text(0, 0)))));
  if (!facts.truth(0, 2))
    MS_TRY(control_.query(context_, fmt::format("ALTER TABLE {} OWNER TO {}", target_, facts.text(0, 1))));
  return {};
}

Result<void> Publisher::empty_and_insert() {
  if (plan_.way == PublishWay::truncate) {
    MS_TRY(lock("ACCESS EXCLUSIVE"));
    MS_ASSIGN(result_.deleted, count());
    MS_TRY(control_.query(context_, "TRUNCATE " + target_));
  } else {
    MS_TRY(lock("SHARE ROW EXCLUSIVE"));
    MS_ASSIGN(result_.deleted, change("DELETE FROM " + target_));
  }
  MS_ASSIGN(result_.inserted, change(insert_all()));
  result_.rows_after = result_.inserted;
  return {};
}

Result<void> Publisher::upsert() {
  const auto changes = assignments("excluded.");
  const auto sql = fmt::format("{} ON CONFLICT ({}) DO {}", insert_all(), column_list(plan_.request.key),
                               changes.empty() ? "NOTHING" : "UPDATE SET " + changes);
  // A row version made by an update carries the transaction that did it, one made by an insert carries none.
  MS_ASSIGN(
      const auto rows,
      control_.query(context_, fmt::format("WITH done AS ({} RETURNING t.xmax = 0 AS fresh) SELECT count(*) FILTER "
                                           "(WHERE fresh), count(*) FILTER (WHERE NOT fresh) FROM done",
                                           sql)));
  result_.inserted = rows.number(0, 0);
  result_.updated = rows.number(0, 1);
  return {};
}

Result<void> Publisher::update_and_insert() {
  MS_TRY(lock("SHARE ROW EXCLUSIVE"));
  if (const auto changes = assignments(""); !changes.empty()) {
    MS_ASSIGN(result_.updated, change(fmt::format("UPDATE {} AS t SET {} FROM {} AS s WHERE {}", target_, changes,
                                                  staging_.table(), key_matches())));
  }
  MS_ASSIGN(result_.inserted, change(fmt::format("{} WHERE NOT EXISTS (SELECT FROM {} AS t WHERE {})", insert_all(),
                                                 target_, key_matches())));
  return connector::check_merged(result_, staging_.rows(), plan_.target, plan_.request.key);
}

Result<void> Publisher::replace_partitions() {
  MS_TRY(lock("SHARE ROW EXCLUSIVE"));
  std::string equal;
  std::string same;
  std::string any_null;
  std::string staged;
  for (const auto& name : plan_.request.partition_by) {
    const auto column = quote_identifier(name);
    const char* separator = equal.empty() ? "" : " AND ";
    equal += fmt::format("{}t.{} = p.{}", separator, column, column);
    same += fmt::format("{}t.{} IS NOT DISTINCT FROM p.{}", separator, column, column);
    any_null += fmt::format("{}s.{} IS NULL", any_null.empty() ? "" : " OR ", column);
    staged += fmt::format("{}{} AS {}", staged.empty() ? "" : ", ", value_of(name), column);
  }
  // Nulls apart, as only equality can be joined quickly.
  const auto sql = "DELETE FROM {} AS t USING (SELECT DISTINCT {} FROM {} AS s WHERE {}) AS p WHERE {}";
  MS_ASSIGN(const auto with_values,
            change(fmt::format(fmt::runtime(sql), target_, staged, staging_.table(), "NOT (" + any_null + ")", equal)));
  MS_ASSIGN(const auto with_nulls,
            change(fmt::format(fmt::runtime(sql), target_, staged, staging_.table(), any_null, same)));
  result_.deleted = with_values + with_nulls;
  MS_ASSIGN(result_.inserted, change(insert_all()));
  return {};
}

Result<void> Publisher::into_existing() {
  MS_TRY(add_columns());
  switch (plan_.way) {
    case PublishWay::truncate:
    case PublishWay::remove: MS_TRY(empty_and_insert()); break;
    case PublishWay::upsert: MS_TRY(upsert()); break;
    case PublishWay::update: MS_TRY(update_and_insert()); break;
    case PublishWay::partition: MS_TRY(replace_partitions()); break;
    default: {
      MS_ASSIGN(result_.inserted, change(insert_all()));
    }
  }
  MS_TRY(add_indexes());
  if (plan_.options.analyze) MS_TRY(control_.query(context_, "ANALYZE " + target_));
  MS_TRY(control_.query(context_, "DROP TABLE " + staging_.table()));
  return {};
}

Result<PublishedTable> Publisher::publish() {
  result_.name = plan_.request.name;
  switch (plan_.way) {
    case PublishWay::move: MS_TRY(move()); break;
    case PublishWay::swap: MS_TRY(swap()); break;
    default: MS_TRY(into_existing());
  }
  return std::move(result_);
}

}  // namespace

Result<PublishedTable> publish_table(Context& context, Connection& control, const Staging& staging) {
  auto published = Publisher(context, control, staging).publish();
  if (!published) return std::move(published).error().during("publishing " + staging.plan().request.name);
  return published;
}

}  // namespace mainstem::connectors::postgres
