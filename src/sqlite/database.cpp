#include "sqlite/database.h"

#include <algorithm>
#include <filesystem>
#include <sqlite3.h>

#include "sqlite/error.h"

namespace mainstem::sqlite {
namespace {

// Instructions of SQLite's machine between two looks at the cancellation: well below a millisecond.
constexpr int kInstructionsPerLook = 10'000;
constexpr int kLongestPauseMilliseconds = 50;

int stop_if_requested(void* cancellation) {
  return static_cast<const Cancellation*>(cancellation)->requested() ? 1 : 0;
}

// SQLite reads "file:..." as a URI and ":memory:" as no file at all.
std::string plain_path(const std::string& path) {
  return path.starts_with("file:") || path.starts_with(':') ? "./" + path : path;
}

Result<void> check_path(const std::string& path, const OpenOptions& options) {
  if (path.empty() || path.find('\0') != std::string::npos)
    return Error(ErrorCode::invalid_config, "not a path of a SQLite database: '" + path + "'");
  std::error_code problem;  // opening it says what is wrong
  const auto kind = std::filesystem::status(path, problem).type();
  if (kind == std::filesystem::file_type::not_found && !options.create)
    return Error(ErrorCode::not_found, "no such file: " + path);
  if (kind == std::filesystem::file_type::directory)
    return Error(ErrorCode::invalid_data, "a folder, not a SQLite database: " + path);
  return {};
}

// A writer that was killed leaves a journal, which only somebody who may write can roll back.
bool needs_recovery(sqlite3* connection) {
  const int code = sqlite3_extended_errcode(connection);
  return code == SQLITE_READONLY_ROLLBACK || code == SQLITE_READONLY_RECOVERY;
}

Result<void> recover(const std::string& path, OpenOptions options) {
  options.read_only = false;
  options.create = false;
  auto opened = Database::open(path, options);
  if (opened) return {};
  return std::move(opened).error().during("rolling back what a killed writer left in its journal");
}

}  // namespace

struct Database::State {
  std::string path;
  OpenOptions options;
  sqlite3* connection = nullptr;
  std::chrono::steady_clock::time_point waiting_since;

  State(std::string path_given, const OpenOptions& options_given)
      : path(std::move(path_given)), options(options_given) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { sqlite3_close_v2(connection); }

  bool cancelled() const { return options.cancellation != nullptr && options.cancellation->requested(); }

  static int wait(void* self, int attempt) {
    auto& state = *static_cast<State*>(self);
    const auto now = std::chrono::steady_clock::now();
    if (attempt == 0) state.waiting_since = now;
    if (state.cancelled() || now - state.waiting_since >= state.options.busy_timeout) return 0;
    sqlite3_sleep(std::min(1 << std::min(attempt, 10), kLongestPauseMilliseconds));
    return 1;
  }

  Error failed(int code, Moment moment, std::string_view sql = {}) const {
    if (cancelled()) return options.cancellation->check().error();
    return to_error(connection, code, moment, sql);
  }

  void configure() {
    sqlite3_extended_result_codes(connection, 1);
    sqlite3_busy_handler(connection, wait, this);
    if (options.cancellation != nullptr)
      sqlite3_progress_handler(connection, kInstructionsPerLook, stop_if_requested,
                               const_cast<Cancellation*>(options.cancellation));
    sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  }
};

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

// SQLite writes whole pages, and takes what is missing from the last one for zeros.
Result<void> Database::check_whole(const std::string& path) {
  std::error_code unknown;
  const auto size = std::filesystem::file_size(path, unknown);
  if (unknown) return {};
  MS_ASSIGN(const auto page, integer("PRAGMA page_size"));
  const auto rest = size % static_cast<uintmax_t>(std::max<int64_t>(page, 1));
  if (rest == 0) return {};
  return Error(ErrorCode::invalid_data, "the file is cut off: its last page has " + std::to_string(rest) + " of " +
                                            std::to_string(page) + " bytes")
      .hint("copy it again from where it came from, or restore it");
}

Result<Database> Database::open(const std::string& path, const OpenOptions& options) {
  MS_TRY(check_path(path, options));
  auto state = std::make_unique<State>(path, options);
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (options.create && !options.read_only) flags |= SQLITE_OPEN_CREATE;
  const std::string activity = "opening " + path;
  const int code = sqlite3_open_v2(plain_path(path).c_str(), &state->connection, flags, nullptr);
  if (code != SQLITE_OK) return to_error(state->connection, code, Moment::opening).during(activity);
  state->configure();
  Database database(std::move(state));
  // Opening is lazy; only reading shows that the file is a database.
  auto looked = database.integer("PRAGMA schema_version");
  if (!looked && options.read_only && needs_recovery(database.state_->connection)) {
    MS_TRY_DURING(recover(path, options), activity);
    looked = database.integer("PRAGMA schema_version");
  }
  MS_TRY_DURING(std::move(looked), activity);
  MS_TRY_DURING(database.check_whole(plain_path(path)), activity);
  return database;
}

Result<Statement> Database::prepare(std::string_view sql) {
  if (sql.find('\0') != std::string_view::npos) return Error(ErrorCode::invalid_config, "SQL with a NUL byte");
  sqlite3_stmt* raw = nullptr;
  const char* rest = nullptr;
  // SQLite's own limit is lower, so it refuses what is cut here.
  sql = sql.substr(0, size_t{1} << 30);
  const char* const end = sql.data() + sql.size();
  const int code = sqlite3_prepare_v3(state_->connection, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, &rest);
  Statement statement(raw, state_->options.cancellation);
  if (code != SQLITE_OK) return state_->failed(code, Moment::preparing, sql);
  if (raw == nullptr) return Error(ErrorCode::invalid_config, "SQL without a statement");
  while (rest < end) {
    sqlite3_stmt* further = nullptr;
    const char* begin = rest;
    const int left = static_cast<int>(end - rest);
    const int more = sqlite3_prepare_v3(state_->connection, begin, left, 0, &further, &rest);
    const Statement owner(further, nullptr);
    if (more != SQLITE_OK || further != nullptr)
      return Error(ErrorCode::invalid_config, "several SQL statements where one is expected");
  }
  return statement;
}

Result<void> Database::execute_script(const std::string& sql) {
  const int code = sqlite3_exec(state_->connection, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return state_->failed(code, Moment::running);
  return {};
}

Result<int64_t> Database::integer(std::string_view sql) {
  MS_ASSIGN(auto statement, prepare(sql));
  MS_ASSIGN(const bool row, statement.step());
  return row ? statement.integer(0) : 0;
}

Result<std::string> Database::text(std::string_view sql) {
  MS_ASSIGN(auto statement, prepare(sql));
  MS_ASSIGN(const bool row, statement.step());
  return row ? std::string(statement.text(0)) : std::string();
}

int64_t Database::total_changes() const { return sqlite3_total_changes64(state_->connection); }
bool Database::autocommit() const { return sqlite3_get_autocommit(state_->connection) != 0; }
bool Database::is_read_only() const { return sqlite3_db_readonly(state_->connection, "main") == 1; }
const std::string& Database::path() const { return state_->path; }

}  // namespace mainstem::sqlite
