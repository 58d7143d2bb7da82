#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "connector/spec.h"

/// A database with a change log, as pgoutput, binlogs and change streams are: one stream of many tables that does not
/// end, transactions, changes of a table's shape, a snapshot to begin with, and a memory that ends at what was
/// acknowledged.
namespace mainstem::connector::testkit::shapes {

/// The far side. Tables have a column `id` and text columns. Thread-safe.
class LogServer {
 public:
  /// Texts by column; `id` is the key.
  using TextRow = std::map<std::string, std::string>;
  using Table = std::map<int64_t, TextRow>;

  void create(const std::string& table, std::vector<std::string> columns);
  // Changes of the transaction that is open; `commit` ends it and makes them visible.
  void put(const std::string& table, int64_t id, TextRow row);
  void remove(const std::string& table, int64_t id);
  void add_column(const std::string& table, const std::string& column);
  void commit();

  Table table(const std::string& name) const;
  /// Number of the last transaction that the log has been told to forget.
  int64_t acknowledged() const { return acknowledged_; }
  bool acknowledging_fails = false;
  /// Called when a reader has nothing to give, in place of its wait.
  std::function<void()> on_wait;

 private:
  friend class LogReader;
  friend class LogSource;

  enum class Kind { insert, update, remove, shape };
  struct Change {
    std::string table;
    Kind kind = Kind::insert;
    int64_t id = 0;
    TextRow before;
    TextRow after;
    std::vector<std::string> columns;  ///< of the table, from this change on
  };
  struct State {
    std::map<std::string, Table> tables;
    std::map<std::string, std::vector<std::string>> columns;
  };

  mutable std::mutex mutex_;
  State now_;
  State open_;
  std::vector<Change> open_changes_;
  std::vector<std::vector<Change>> log_;  ///< transactions; the first has number 1
  std::map<std::string, State> snapshots_;
  std::map<std::string, std::vector<std::string>> first_columns_;
  int64_t acknowledged_ = 0;
  bool keeps_ = false;
};

/// The connector "log" of one server, which outlives it: tables can be read as well.
ConnectorSpec change_log(LogServer& server);

}  // namespace mainstem::connector::testkit::shapes
