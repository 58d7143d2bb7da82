#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "connectors/postgres/options.h"

struct pg_conn;
struct pg_result;

namespace mainstem {
struct Context;
}

namespace mainstem::connectors::postgres {

/// The rows a statement gave, all values as text.
class Rows {
 public:
  explicit Rows(pg_result* result);

  int count() const;
  bool is_null(int row, int column) const;
  /// Empty for null.
  std::string text(int row, int column) const;
  /// 0 for null or no number.
  int64_t number(int row, int column) const;
  bool truth(int row, int column) const { return text(row, column) == "t"; }
  /// Rows that INSERT, UPDATE or DELETE touched.
  int64_t affected() const;

 private:
  struct Clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
};

/// A column as PostgreSQL describes it before running a query.
struct DescribedColumn {
  std::string name;
  uint32_t type = 0;
  int modifier = -1;
};

/// One session of a server. Text is UTF-8, dates are ISO in UTC, and search_path is empty, so that every name must be
/// qualified and nobody's function can slip in. Every wait ends within a second of a wish to stop, which is also sent
/// to the server. For one thread at a time.
class Connection {
 public:
  static Result<std::unique_ptr<Connection>> open(Context& context, const ConnectionOptions& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs one statement with text parameters $1, $2, ...
  Result<Rows> query(Context& context, const std::string& sql, const std::vector<std::string>& parameters = {});
  /// Runs statements of our own making, several if separated by semicolons. Never for text of the user's.
  Result<void> run(Context& context, const std::string& sql);
  /// The columns a query would give. Errors: those of the query.
  Result<std::vector<DescribedColumn>> describe(Context& context, const std::string& sql);

  /// Starts COPY ... TO STDOUT or FROM STDIN; one statement.
  Result<void> start_copy(Context& context, const std::string& sql);
  /// The next message of a COPY TO STDOUT, valid until the next call; empty optional = the copy has ended well.
  Result<std::optional<std::string_view>> read_copy(Context& context);
  /// Hands over bytes of a COPY FROM STDIN and waits until the system has taken them: nothing piles up here.
  Result<void> write_copy(Context& context, std::string_view bytes);
  /// Ends a COPY FROM STDIN; gives the rows the server took.
  Result<int64_t> finish_copy(Context& context);

  /// From here on every answer must be there before this time is over. Errors then: unavailable.
  void answer_within(std::chrono::milliseconds time) { answer_until_ = std::chrono::steady_clock::now() + time; }

  /// 150004 for 15.4.
  int version() const;
  /// A value that the server reports of itself, such as server_encoding.
  std::string parameter(const char* name) const;
  /// True if the session can run another statement (no copy open, no failed transaction, not lost).
  bool idle() const;
  bool lost() const;
  bool encrypted() const;
  /// The server process that serves this session.
  int process() const;

 private:
  struct Free {
    void operator()(char* bytes) const;
  };
  explicit Connection(pg_conn* handle) : handle_(handle) {}
  Result<void> connect(Context& context, std::chrono::milliseconds timeout);
  Result<void> prepare_session(Context& context, const ConnectionOptions& options);
  Result<void> wait(Context& context, short events);
  Result<void> flush(Context& context);
  Result<pg_result*> next_result(Context& context);
  /// Waits for all results of what was sent; gives the last one, or the first error.
  Result<Rows> results(Context& context);
  Error failure(pg_result* result) const;
  Error broken_copy(Context& context);
  Error stopped(Context& context);

  pg_conn* handle_;
  std::unique_ptr<char, Free> message_;
  std::optional<std::chrono::steady_clock::time_point> answer_until_;
};

/// What libpq takes where options are left out (PGHOST, PGDATABASE, defaults): host, port, database.
struct ServerPlace {
  std::string host;
  std::string port;
  std::string database;
};
ServerPlace server_place(const ConnectionOptions& options);

}  // namespace mainstem::connectors::postgres
