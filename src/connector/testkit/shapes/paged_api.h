#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "connector/spec.h"

/// A paged API, as REST and GraphQL services are: pages in one order, of unknown number, a rate limit for all readers
/// of an account together, now and then a page that fails, and a cursor value that only the last page tells.
namespace mainstem::connector::testkit::shapes {

/// The far side. Thread-safe.
class ApiServer {
 public:
  /// A record with the time at which it last changed.
  struct Record {
    int64_t id = 0;
    std::optional<std::string> name;
    std::string part;
    int64_t updated = 0;
  };
  struct Page {
    std::vector<Record> records;
    std::string next;         ///< token of the page behind it; empty = this is the last
    int64_t complete_to = 0;  ///< of the last page: everything that changed up to then was given
  };

  explicit ApiServer(const Clock& clock) : clock_(clock) {}

  /// Pages of a resource's records that changed after `since`, in the order in which they were put. Errors:
  /// rate_limited, with the pause; unavailable, for a page that is told to fail; not_found.
  Result<Page> get(const std::string& resource, int64_t since, const std::string& token);

  void put(const std::string& resource, Record record);
  void clear(const std::string& resource);
  std::vector<std::string> resources() const;

  // What it is told to be like; set before it is used.
  size_t page_size = 10;
  int64_t calls_per_window = 1'000'000;
  std::chrono::milliseconds window{60'000};
  /// Page number (from 1, over all resources, in the order of the calls that were let in) → how often it fails first.
  std::map<int64_t, int> failures;
  std::chrono::milliseconds pause_after_failure{200};

  int64_t calls() const { return calls_; }
  int64_t refused() const { return refused_; }
  /// Calls that came although a pause that was asked for before was not over.
  int64_t impatient() const { return impatient_; }

 private:
  Result<void> let_in();
  Result<void> fail_if_told();

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<Record>> records_;
  Clock::TimePoint window_start_{};
  int64_t calls_in_window_ = 0;
  Clock::TimePoint closed_until_{};
  int64_t calls_ = 0;
  int64_t refused_ = 0;
  int64_t impatient_ = 0;
  int64_t latest_ = 0;
};

/// The connector "paged" of one server, which outlives it. A table is a resource, or several with commas between, each
/// of which is a part of the read. Columns: id int64, name utf8, part utf8, updated int64; the cursor is `updated`.
ConnectorSpec paged_api(ApiServer& server);

}  // namespace mainstem::connector::testkit::shapes
