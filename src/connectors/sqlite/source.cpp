#include "connectors/sqlite/source.h"

#include <arrow/api.h>
#include <fmt/format.h>

#include "connectors/sqlite/catalog.h"
#include "observability/context.h"
#include "sqlite/identifier.h"

namespace mainstem::connectors::sqlite {
namespace {

using mainstem::sqlite::Database;
using mainstem::sqlite::quote_name;

// * stands for any text, ? for one character.
bool matches(std::string_view pattern, std::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;
  size_t retry = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t]) && pattern[p] != '*') {
      ++p;
      ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Result<connector::TableInfo> describe(Database& database, const Table& table) {
  connector::TableInfo info{.table = {.schema = "main", .name = table.name}, .primary_key = table.primary_key()};
  const auto from = quote_name(table.name);
  MS_ASSIGN(const auto types, column_types(database, from, table.columns));
  arrow::FieldVector fields;
  for (size_t i = 0; i < types.size(); ++i) {
    const auto& column = table.columns[i];
    fields.push_back(arrow::field(column.name, types[i], !column.not_null,
                                  arrow::key_value_metadata({"remote_type"}, {column.declared})));
  }
  info.schema = arrow::schema(std::move(fields));
  info.kind = table.kind == "view" ? "view" : "table";
  if (!table.rowid.empty()) {
    MS_ASSIGN(info.estimate.rows,
              database.integer(fmt::format("SELECT max({0}) - min({0}) + 1 FROM {1}", table.rowid, from)));
  }
  return info;
}

}  // namespace

Result<std::vector<connector::TableInfo>> SqliteSource::discover(Context& context, const std::string& pattern) {
  MS_ASSIGN(auto database, Database::open(options_.path, {.read_only = true,
                                                          .busy_timeout = options_.busy_timeout,
                                                          .cancellation = &context.cancellation}));
  MS_ASSIGN(const auto names, table_names(database));
  std::vector<connector::TableInfo> found;
  for (const auto& name : names) {
    if (!pattern.empty() && !matches(pattern, "main." + name) && !matches(pattern, name)) continue;
    MS_ASSIGN(const auto table, get_table(database, name));
    MS_ASSIGN_DURING(auto info, describe(database, table), "describing " + name);
    found.push_back(std::move(info));
  }
  return found;
}

Result<std::unique_ptr<connector::PlannedRead>> SqliteSource::plan_read(Context& context,
                                                                        const connector::ReadRequest& request) {
  return plan_sqlite_read(context, options_, request);
}

std::vector<connector::Probe> SqliteSource::probe(Context& context) {
  const auto opened = Database::open(
      options_.path, {.read_only = true, .busy_timeout = options_.busy_timeout, .cancellation = &context.cancellation});
  if (opened) return {{.what = "open " + options_.path, .ok = true, .detail = "", .fix = ""}};
  return {
      {.what = "open " + options_.path, .ok = false, .detail = opened.error().chain(), .fix = opened.error().hint()}};
}

}  // namespace mainstem::connectors::sqlite
