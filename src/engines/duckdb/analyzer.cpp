#include "engines/duckdb/analyzer.h"

#include <arrow/api.h>
#include <charconv>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "duckdb/database.h"
#include "duckdb/identifier.h"
#include "duckdb/types.h"
#include "engine/sql_token.h"
#include "engines/duckdb/lineage.h"
#include "engines/duckdb/references.h"
#include "engines/duckdb/schema_rules.h"
#include "engines/duckdb/user_sql.h"

namespace mainstem::engines::duckdb {
namespace {

using mainstem::duckdb::Connection;
using mainstem::duckdb::Database;
using mainstem::duckdb::quote_name;
using mainstem::duckdb::quote_text;
using nlohmann::json;

constexpr ByteCount kMemory = mebibytes(512);

Result<std::string> create_table(const engine::KnownTable& table) {
  MS_TRY(check_column_names(*table.schema, table.name));
  std::vector<std::string> columns;
  for (const auto& field : table.schema->fields()) {
    auto type = mainstem::duckdb::sql_type(*field->type());
    if (!type) return std::move(type).error().during(fmt::format("reading column {} of {}", field->name(), table.name));
    columns.push_back(quote_name(field->name()) + " " + *type);
  }
  if (columns.empty()) return Error(ErrorCode::invalid_config, fmt::format("{} has no columns", table.name));
  return fmt::format("CREATE TABLE {} ({})", quote_name(table.name), fmt::join(columns, ", "));
}

// A failure that DuckDB's JSON functions report inside their result.
Error reported(const json& document, std::string_view sql) {
  // A query that binds but whose plan cannot be written down is none of the user's mistakes.
  const auto type = document.value("error_type", "");
  const auto code = type == "parser" || type == "syntax" ? ErrorCode::invalid_config : ErrorCode::unsupported;
  Error error(code, document.value("error_message", "the query cannot be read"));
  const auto place = document.find("position");
  if (place == document.end() || !place->is_string()) return error;
  const auto text = place->get<std::string>();
  size_t offset = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), offset).ec != std::errc()) return error;
  return std::move(error).at(engine::position_in_sql(sql, offset));
}

class DuckDbAnalyzer final : public engine::Analyzer {
 public:
  DuckDbAnalyzer(Connection connection, UserSql rules) : connection_(std::move(connection)), rules_(std::move(rules)) {}

  Result<std::vector<engine::Reference>> references(const std::string& sql) override {
    MS_ASSIGN(const auto select, rules_.check(sql));
    MS_ASSIGN(const auto tree, ask("SELECT json_serialize_sql({})", select));
    return references_in(tree);
  }

  Result<std::shared_ptr<arrow::Schema>> describe(const std::string& sql,
                                                  const std::vector<engine::KnownTable>& tables) override {
    MS_ASSIGN(const auto select, rules_.check(sql));
    return over(tables, [&] { return described(select); });
  }

  Result<std::vector<engine::ColumnLineage>> lineage(const std::string& sql,
                                                     const std::vector<engine::KnownTable>& tables) override {
    MS_ASSIGN(const auto select, rules_.check(sql));
    return over(tables, [&]() -> Result<std::vector<engine::ColumnLineage>> {
      MS_ASSIGN(const auto schema, described(select));
      MS_ASSIGN(const auto plan, ask("SELECT json_serialize_plan({}, optimize := false)", select));
      return lineage_of(plan, schema->field_names());
    });
  }

  Result<void> check_value(const std::string& text, const arrow::DataType& type) override {
    MS_ASSIGN(const auto name, mainstem::duckdb::sql_type(type));
    return check_constant(fmt::format("CAST({} AS {})", quote_text(text), name));
  }

  Result<void> check_pattern(const std::string& pattern) override {
    return check_constant(fmt::format("regexp_full_match('', {})", quote_text(pattern)));
  }

 private:
  // Whatever the engine says is about what the user wrote.
  Result<void> check_constant(const std::string& expression) {
    const auto computed = connection_.texts("SELECT " + expression);
    if (!computed) return Error(ErrorCode::invalid_config, computed.error().message());
    return {};
  }

  Result<std::shared_ptr<arrow::Schema>> described(const std::string& select) {
    MS_ASSIGN(const auto description, connection_.describe(select));
    if (!description.is_select)
      return Error(ErrorCode::invalid_config, "only SELECT can be used here").hint("write a query that only reads");
    MS_TRY(check_column_names(*description.schema, "the query"));
    return description.schema;
  }

  // Runs `look` while the tables exist, empty. They are gone afterwards, whatever happens.
  template <class Look>
  auto over(const std::vector<engine::KnownTable>& tables, Look look) -> decltype(look()) {
    MS_TRY(connection_.execute("BEGIN"));
    auto result = look_over(tables, look);
    auto ended = connection_.execute("ROLLBACK");
    if (!ended) return std::move(ended).error();
    return result;
  }

  template <class Look>
  auto look_over(const std::vector<engine::KnownTable>& tables, Look look) -> decltype(look()) {
    for (const auto& table : tables) {
      MS_ASSIGN(const auto statement, create_table(table));
      MS_TRY_DURING(connection_.execute(statement), "describing " + table.name);
    }
    return look();
  }

  Result<json> ask(fmt::format_string<std::string> question, const std::string& sql) {
    MS_ASSIGN(const auto rows, connection_.texts(fmt::format(question, quote_text(sql))));
    auto document = json::parse(rows.at(0).at(0).value_or(""), nullptr, false);
    if (document.is_discarded() || !document.is_object())
      return Error(ErrorCode::internal, "the SQL engine's description of a query cannot be read");
    if (document.value("error", false)) return reported(document, sql);
    return document;
  }

  Connection connection_;
  UserSql rules_;
};

Result<std::unique_ptr<DuckDbAnalyzer>> load_analyzer() {
  MS_ASSIGN(const auto database, Database::open({.path = "", .threads = 1, .memory = kMemory}));
  MS_ASSIGN(auto connection, database.connect());
  MS_ASSIGN(auto rules, UserSql::make(connection));
  MS_TRY(database.seal(connection));
  return std::make_unique<DuckDbAnalyzer>(std::move(connection), std::move(rules));
}

// Most of a short command's time would go into loading the library, and a plain copy asks nothing.
class AnalyzerOnDemand final : public engine::Analyzer {
 public:
  Result<std::vector<engine::Reference>> references(const std::string& sql) override {
    MS_ASSIGN(auto* analyzer, opened());
    return analyzer->references(sql);
  }
  Result<std::shared_ptr<arrow::Schema>> describe(const std::string& sql,
                                                  const std::vector<engine::KnownTable>& tables) override {
    MS_ASSIGN(auto* analyzer, opened());
    return analyzer->describe(sql, tables);
  }
  Result<std::vector<engine::ColumnLineage>> lineage(const std::string& sql,
                                                     const std::vector<engine::KnownTable>& tables) override {
    MS_ASSIGN(auto* analyzer, opened());
    return analyzer->lineage(sql, tables);
  }
  Result<void> check_value(const std::string& text, const arrow::DataType& type) override {
    MS_ASSIGN(auto* analyzer, opened());
    return analyzer->check_value(text, type);
  }
  Result<void> check_pattern(const std::string& pattern) override {
    MS_ASSIGN(auto* analyzer, opened());
    return analyzer->check_pattern(pattern);
  }

 private:
  Result<DuckDbAnalyzer*> opened() {
    if (analyzer_ == nullptr) {
      MS_ASSIGN(analyzer_, load_analyzer());
    }
    return analyzer_.get();
  }

  std::unique_ptr<DuckDbAnalyzer> analyzer_;
};

}  // namespace

std::unique_ptr<engine::Analyzer> open_analyzer() { return std::make_unique<AnalyzerOnDemand>(); }

}  // namespace mainstem::engines::duckdb
