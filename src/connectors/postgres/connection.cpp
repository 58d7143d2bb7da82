#include "connectors/postgres/connection.h"

#include <array>
#include <charconv>
#include <chrono>
#include <fmt/format.h>
#include <future>
#include <libpq-fe.h>
#include <poll.h>
#include <thread>

#include "base/check.h"
#include "connector/table.h"
#include "connectors/postgres/errors.h"
#include "observability/context.h"

namespace mainstem::connectors::postgres {
namespace {

using Milliseconds = std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

// How long a wish to stop may go unnoticed.
constexpr Milliseconds kTick{100};

// How long a server may take to hear a wish to stop; one that is gone never does.
constexpr Milliseconds kCancelTime{500};

void ignore_notice(void*, const char*) {}

// PQcancel connects and waits for an answer without a limit, hence the thread, which may outlive the call.
void ask_to_stop(pg_conn* handle) {
  auto* cancel = PQgetCancel(handle);
  if (cancel == nullptr) return;
  auto asked = std::make_shared<std::promise<void>>();
  const auto done = asked->get_future();
  std::thread([cancel, asked] {
    std::array<char, 256> ignored{};
    PQcancel(cancel, ignored.data(), static_cast<int>(ignored.size()));
    PQfreeCancel(cancel);
    asked->set_value();
  }).detach();
  done.wait_for(kCancelTime);
}

class Parameters {
 public:
  void add(const char* name, std::string value) {
    if (value.empty()) return;
    names_.push_back(name);
    values_.push_back(std::move(value));
  }
  pg_conn* start() const {
    std::vector<const char*> names = names_;
    std::vector<const char*> values;
    for (const auto& value : values_) values.push_back(value.c_str());
    names.push_back(nullptr);
    values.push_back(nullptr);
    return PQconnectStartParams(names.data(), values.data(), 0);
  }

 private:
  std::vector<const char*> names_;
  std::vector<std::string> values_;
};

Parameters parameters_of(const ConnectionOptions& options) {
  Parameters parameters;
  parameters.add("host", options.host);
  if (options.port != 0) parameters.add("port", fmt::format("{}", options.port));
  parameters.add("dbname", options.database);
  parameters.add("user", options.user);
  parameters.add("password", options.password.reveal());
  parameters.add("sslmode", config::Conversion<TlsMode>::write(options.tls.mode));
  parameters.add("sslrootcert", options.tls.ca);
  parameters.add("sslcert", options.tls.cert);
  parameters.add("sslkey", options.tls.key);
  parameters.add("application_name", options.application_name);
  parameters.add("client_encoding", "UTF8");
  // A peer that vanished without a word is noticed within two minutes.
  parameters.add("keepalives_idle", "60");
  parameters.add("keepalives_interval", "15");
  parameters.add("keepalives_count", "4");
  parameters.add("tcp_user_timeout", "120000");
  return parameters;
}

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? "" : text;
}

bool is_failure(const PGresult* result) {
  const auto status = PQresultStatus(result);
  return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
}

}  // namespace

Rows::Rows(pg_result* result) : result_(result) {}
void Rows::Clear::operator()(pg_result* result) const { PQclear(result); }
int Rows::count() const { return PQntuples(result_.get()); }
bool Rows::is_null(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }
std::string Rows::text(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column), static_cast<size_t>(PQgetlength(result_.get(), row, column))};
}
int64_t Rows::number(int row, int column) const {
  const auto value = text(row, column);
  int64_t number = 0;
  std::from_chars(value.data(), value.data() + value.size(), number);
  return number;
}
int64_t Rows::affected() const {
  const std::string_view text = PQcmdTuples(result_.get());
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

void Connection::Free::operator()(char* bytes) const { PQfreemem(bytes); }

Connection::~Connection() { PQfinish(handle_); }

Result<std::unique_ptr<Connection>> Connection::open(Context& context, const ConnectionOptions& options) {
  auto* handle = parameters_of(options).start();
  CHECK(handle != nullptr, "no memory for a connection");
  std::unique_ptr<Connection> connection(new Connection(handle));
  PQsetErrorVerbosity(handle, PQERRORS_VERBOSE);
  PQsetNoticeProcessor(handle, ignore_notice, nullptr);
  const auto place = server_place(options);
  const auto activity = fmt::format("connecting to {}:{}", place.host, place.port);
  MS_TRY_DURING(connection->connect(context, options.connect_timeout), activity);
  MS_TRY_DURING(connection->prepare_session(context, options), activity);
  return connection;
}

Result<void> Connection::connect(Context& context, Milliseconds timeout) {
  const auto deadline = SteadyClock::now() + timeout;
  auto state = PQstatus(handle_) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK) {
    if (state == PGRES_POLLING_FAILED) return connection_error(PQerrorMessage(handle_));
    MS_TRY(context.cancellation.check());
    const auto left = std::chrono::duration_cast<Milliseconds>(deadline - SteadyClock::now());
    if (left.count() <= 0)
      return Error(ErrorCode::unavailable, fmt::format("no answer within {}", to_string(timeout)))
          .hint("check host, port and firewalls, or raise connect_timeout");
    const short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    pollfd waiting{.fd = PQsocket(handle_), .events = events, .revents = 0};
    if (poll(&waiting, 1, static_cast<int>(std::min(left, kTick).count())) > 0) state = PQconnectPoll(handle_);
  }
  return {};
}

Result<void> Connection::prepare_session(Context& context, const ConnectionOptions& options) {
  std::string sql =
      "SET search_path = ''; SET standard_conforming_strings = on; SET DateStyle = 'ISO, YMD'; SET TimeZone = 'UTC'; "
      "SET IntervalStyle = 'postgres'; SET extra_float_digits = 3; SET bytea_output = 'hex'; "
      "SET idle_in_transaction_session_timeout = 0";
  constexpr int kFirstWithIdleTimeout = 140'000;
  if (version() >= kFirstWithIdleTimeout) sql += "; SET idle_session_timeout = 0";
  if (options.statement_timeout.count() > 0)
    sql += fmt::format("; SET statement_timeout = {}", options.statement_timeout.count());
  return run(context, sql);
}

Result<void> Connection::wait(Context& context, short events) {
  while (true) {
    if (context.cancellation.requested()) return stopped(context);
    if (answer_until_ && SteadyClock::now() > *answer_until_)
      return Error(ErrorCode::unavailable, "PostgreSQL does not answer any more");
    const int socket = PQsocket(handle_);
    if (socket < 0) return connection_error(PQerrorMessage(handle_));
    pollfd waiting{.fd = socket, .events = events, .revents = 0};
    if (poll(&waiting, 1, static_cast<int>(kTick.count())) <= 0) continue;
    if ((waiting.revents & (POLLIN | POLLERR | POLLHUP)) != 0 && PQconsumeInput(handle_) == 0)
      return connection_error(PQerrorMessage(handle_));
    return {};
  }
}

// The connection is left in the middle of something and must not be used again.
Error Connection::stopped(Context& context) {
  ask_to_stop(handle_);
  return context.cancellation.check().error();
}

Result<void> Connection::flush(Context& context) {
  while (true) {
    const int state = PQflush(handle_);
    if (state == 0) return {};
    if (state < 0) return connection_error(PQerrorMessage(handle_));
    MS_TRY(wait(context, POLLIN | POLLOUT));
  }
}

Result<pg_result*> Connection::next_result(Context& context) {
  while (PQisBusy(handle_) != 0) MS_TRY(wait(context, POLLIN));
  return PQgetResult(handle_);
}

Result<Rows> Connection::results(Context& context) {
  MS_TRY(flush(context));
  std::optional<Rows> last;
  std::optional<Error> error;
  while (true) {
    MS_ASSIGN(auto* result, next_result(context));
    if (result == nullptr) break;
    if (is_failure(result) && !error) error = failure(result);
    last.emplace(result);
    const auto status = PQresultStatus(result);
    // While a copy is open, PQgetResult would give the same result again and again.
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT) break;
  }
  if (error) return *std::move(error);
  if (!last) return connection_error(PQerrorMessage(handle_));
  return *std::move(last);
}

Error Connection::failure(pg_result* result) const {
  ServerError error{.sqlstate = field(result, PG_DIAG_SQLSTATE),
                    .message = field(result, PG_DIAG_MESSAGE_PRIMARY),
                    .detail = field(result, PG_DIAG_MESSAGE_DETAIL),
                    .hint = field(result, PG_DIAG_MESSAGE_HINT),
                    .context = field(result, PG_DIAG_CONTEXT)};
  if (error.sqlstate.empty()) return connection_error(PQresultErrorMessage(result));
  return to_error(error);
}

Result<Rows> Connection::query(Context& context, const std::string& sql, const std::vector<std::string>& parameters) {
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const auto& parameter : parameters) values.push_back(parameter.c_str());
  const auto count = static_cast<int>(values.size());
  if (PQsendQueryParams(handle_, sql.c_str(), count, nullptr, values.data(), nullptr, nullptr, 0) == 0)
    return connection_error(PQerrorMessage(handle_));
  return results(context);
}

Result<void> Connection::run(Context& context, const std::string& sql) {
  if (PQsendQuery(handle_, sql.c_str()) == 0) return connection_error(PQerrorMessage(handle_));
  MS_TRY(results(context));
  return {};
}

Result<std::vector<DescribedColumn>> Connection::describe(Context& context, const std::string& sql) {
  if (PQsendPrepare(handle_, "", sql.c_str(), 0, nullptr) == 0) return connection_error(PQerrorMessage(handle_));
  MS_TRY(results(context));
  if (PQsendDescribePrepared(handle_, "") == 0) return connection_error(PQerrorMessage(handle_));
  MS_TRY(flush(context));
  std::vector<DescribedColumn> columns;
  std::optional<Error> error;
  while (true) {
    MS_ASSIGN(auto* result, next_result(context));
    if (result == nullptr) break;
    const Rows owner(result);
    if (is_failure(result) && !error) error = failure(result);
    for (int i = 0; i < PQnfields(result); ++i)
      columns.push_back({.name = PQfname(result, i), .type = PQftype(result, i), .modifier = PQfmod(result, i)});
  }
  if (error) return *std::move(error);
  return columns;
}

Result<void> Connection::start_copy(Context& context, const std::string& sql) {
  MS_TRY(query(context, sql));
  PQsetnonblocking(handle_, 1);
  return {};
}

Result<std::optional<std::string_view>> Connection::read_copy(Context& context) {
  while (true) {
    char* bytes = nullptr;
    const int size = PQgetCopyData(handle_, &bytes, 1);
    message_.reset(bytes);
    if (size > 0) return std::string_view(bytes, static_cast<size_t>(size));
    if (size == 0) {
      MS_TRY(wait(context, POLLIN));
      continue;
    }
    MS_TRY(results(context));
    return std::optional<std::string_view>();
  }
}

// The server's own words about a copy that broke, if they arrived, else what the system says.
Error Connection::broken_copy(Context& context) {
  const std::string message = PQerrorMessage(handle_);
  while (PQisBusy(handle_) == 0) {
    auto* result = PQgetResult(handle_);
    if (result == nullptr) break;
    const Rows owner(result);
    if (is_failure(result)) return failure(result);
    if (PQresultStatus(result) == PGRES_COPY_IN) break;
  }
  if (context.cancellation.requested()) return context.cancellation.check().error();
  return connection_error(message);
}

Result<void> Connection::write_copy(Context& context, std::string_view bytes) {
  while (true) {
    const int state = PQputCopyData(handle_, bytes.data(), static_cast<int>(bytes.size()));
    if (state == 1) break;
    if (state < 0) return broken_copy(context);
    MS_TRY(wait(context, POLLIN | POLLOUT));
  }
  auto flushed = flush(context);
  if (!flushed) return flushed.error().code() == ErrorCode::cancelled ? flushed.error() : broken_copy(context);
  return {};
}

Result<int64_t> Connection::finish_copy(Context& context) {
  while (true) {
    const int state = PQputCopyEnd(handle_, nullptr);
    if (state == 1) break;
    if (state < 0) return broken_copy(context);
    MS_TRY(wait(context, POLLIN | POLLOUT));
  }
  MS_ASSIGN(const auto rows, results(context));
  return rows.affected();
}

int Connection::version() const { return PQserverVersion(handle_); }
std::string Connection::parameter(const char* name) const {
  const char* value = PQparameterStatus(handle_, name);
  return value == nullptr ? "" : value;
}
bool Connection::idle() const {
  return PQstatus(handle_) == CONNECTION_OK && PQtransactionStatus(handle_) == PQTRANS_IDLE;
}
bool Connection::lost() const { return PQstatus(handle_) != CONNECTION_OK; }
int Connection::process() const { return PQbackendPID(handle_); }
bool Connection::encrypted() const { return PQsslInUse(handle_) != 0; }

ServerPlace server_place(const ConnectionOptions& options) {
  ServerPlace place{.host = options.host,
                    .port = options.port == 0 ? "" : fmt::format("{}", options.port),
                    .database = options.database};
  std::string user = options.user;
  PQconninfoOption* defaults = PQconndefaults();
  for (auto* option = defaults; option != nullptr && option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    const std::string_view name = option->keyword;
    for (auto [key, value] : {std::pair{"host", &place.host}, std::pair{"port", &place.port},
                              std::pair{"dbname", &place.database}, std::pair{"user", &user}})
      if (name == key && value->empty()) *value = option->val;
  }
  PQconninfoFree(defaults);
  if (place.host.empty() || place.host.starts_with('/')) place.host = "localhost";
  // libpq takes the user's name where no database is given; PQconndefaults knows only the system's user.
  if (options.database.empty() && !options.user.empty() && std::getenv("PGDATABASE") == nullptr) place.database = user;
  return place;
}

}  // namespace mainstem::connectors::postgres
