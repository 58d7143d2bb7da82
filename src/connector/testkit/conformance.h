#pragma once

#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "connector/spec.h"
#include "connector/testkit/random_table.h"

/// The conformance suite of connectors. It holds a connector to what its Capabilities declare, and a connector author
/// writes only a Bench:
///
///   class SqliteBench final : public testkit::Bench { ... };
///   INSTANTIATE_TEST_SUITE_P(Sqlite, Conformance,
///                            testing::ValuesIn(testkit::rules(testkit::make<SqliteBench>, declare().capabilities)),
///                            testkit::rule_name);
///
/// Each test is one rule, on a bench of its own. Rules that the capabilities do not call for are not among them.
namespace mainstem::connector::testkit {

/// A system to try a connector on, made for one test and empty; what was made on it is gone when it goes. Tables of a
/// bench have plain names (a-z, 0-9, _). The suite ends processes while they write, so a bench has no thread of its
/// own.
class Bench {
 public:
  virtual ~Bench() = default;
  virtual ConnectorSpec spec() const = 0;
  virtual config::Node connection() const = 0;
  /// Where rows of table `name` are written, and read: tables or options; the suite adds everything else.
  virtual WriteRequest target(const std::string& name) const = 0;
  virtual ReadRequest source(const std::string& name) const = 0;
  /// What discovery calls table `name`.
  virtual TableRef discovered(const std::string& name) const { return {.schema = "", .name = name}; }
  /// Types whose values come back as they were written and as the same type.
  virtual std::vector<std::shared_ptr<arrow::DataType>> types() const = 0;
  /// A column that grows with `id`, for cursors.
  virtual std::string cursor_column() const { return "id"; }
  virtual ValueLimits limits() const { return {}; }
  /// True for systems that do not keep types, such as text files: the suite reads with ReadRequest::declared.
  virtual bool types_are_declared() const { return false; }
  /// How many rows (id int64, name utf8, part utf8) a read needs to be given in parts; 0 = no number of them does it.
  virtual int64_t rows_for_parts() const { return 0; }
  /// Makes table `name` hold just `rows`. As it stands, by the connector's own sink, in its mode replace or, without
  /// that, merge by the column `id`.
  virtual Result<void> fill(Context& context, const std::string& name, const std::shared_ptr<arrow::RecordBatch>& rows);
};

/// Error unavailable: the bench's service is not there, and the test is skipped.
using MakeBench = std::function<Result<std::unique_ptr<Bench>>()>;

template <class B>
Result<std::unique_ptr<Bench>> make() {
  return std::unique_ptr<Bench>(std::make_unique<B>());
}

/// One thing that must hold of every connector that declares what it is about.
struct Rule {
  std::string name;  ///< words joined by _, as a test's name
  std::function<Result<void>(Bench&)> check;
  MakeBench make_bench;

  friend void PrintTo(const Rule& rule, std::ostream* out) { *out << rule.name; }
};

using Writes = std::vector<std::pair<WriteMode, Delivery>>;

/// The rules for a connector with these capabilities. `tried`: the writes of a bench that is about a part of what the
/// connector can (a single file instead of a folder).
std::vector<Rule> rules(const MakeBench& make_bench, const Capabilities& declared,
                        const std::optional<Writes>& tried = {});

std::string rule_name(const testing::TestParamInfo<Rule>& info);

/// The tests: one a rule.
class Conformance : public testing::TestWithParam<Rule> {};

}  // namespace mainstem::connector::testkit
