#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cron.h"
#include "base/error.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/units.h"
#include "check/check.h"
#include "config/node.h"
#include "connector/sink.h"
#include "security/masking.h"

/// What a project wants, as plain values: read from files by pipeline/load.h or put together in memory (`copy`).
/// Names of sources and models are compared without regard to letter case, as SQL does.
namespace mainstem::pipeline {

/// SQL as the user wrote it, or made from steps.
struct SqlText {
  std::string text;
  config::TextPlace place;  ///< maps a line and column of `text` to the file
  bool generated = false;   ///< made from `steps`; positions all point at them
};

/// One system by name. `options` are the connector's; references like ${env:X} are resolved.
struct ConnectionSpec {
  std::string name;
  std::string type;
  config::Node options;
  FilePosition position;
  /// Why it cannot be used (a missing secret, a wrong option). Only in connections that no loaded pipeline uses.
  std::optional<Error> problem;
};

/// Incremental read; see connector::CursorRange.
struct Incremental {
  std::string cursor;
  std::string lookback;
  FilePosition position;  ///< of the cursor
};

/// What happens when a source shows a column that the contract does not name.
enum class NewColumns {
  evolve,  ///< taken over, targets get it too
  ignore,  ///< left out
  fail,    ///< the run stops
};
/// What happens when a column's type differs from the one declared or the one of the last run.
enum class TypeChanges {
  widen,  ///< a type that holds all old values is taken over; any other stops the run
  fail,
};
enum class BadRows { quarantine, fail };

struct ContractColumn {
  std::string name;
  std::string type;  ///< "text", "decimal(12,2)"; as written, without "not null"
  bool not_null = false;
  FilePosition position;
};

struct Contract {
  std::vector<ContractColumn> columns;
  NewColumns new_columns = NewColumns::evolve;
  TypeChanges types = TypeChanges::widen;
  BadRows bad_rows = BadRows::quarantine;
};

struct SourceSpec {
  std::string name;
  std::string from;   ///< connection
  std::string table;  ///< as written; empty if the options say what to read
  std::string description;
  std::vector<std::string> key;
  std::vector<std::string> columns;  ///< projection; empty = all
  std::string where;                 ///< SQL predicate in the source's own dialect
  std::optional<Incremental> incremental;
  Contract contract;
  std::vector<check::Check> checks;
  config::Node options;  ///< the connector's source options (path, format, ...)
  FilePosition position;
};

struct TransformSpec {
  std::string name;
  std::string description;
  SqlText sql;
  std::vector<check::Check> checks;
  std::optional<Error> missing;  ///< value that its query holds a stand-in of, with LoadOptions::without_values
  FilePosition position;
};

struct MaskSpec {
  std::string model;  ///< or a source
  std::string column;
  security::MaskMethod method = security::MaskMethod::redact;
  Secret key;
  FilePosition position;
};

/// What happens in the target to rows that are gone from the source.
enum class Deletes {
  ignore,
  soft,  ///< marked
  hard,  ///< removed
};

struct TargetSpec {
  std::string model;  ///< or a source, which is then copied as it is
  std::string to;     ///< connection
  std::string table;  ///< as written; empty if the options say where
  connector::WriteMode mode = connector::WriteMode::replace;
  std::vector<std::string> key;
  std::vector<std::string> partition_by;
  std::vector<std::vector<std::string>> indexes;
  Deletes deletes = Deletes::ignore;
  config::Node options;  ///< the connector's target options
  FilePosition position;

  /// How messages and results call it: the table, or the path of the options, or the model.
  std::string name() const;
};

enum class Publish {
  together,    ///< all targets of one connection in one step
  separately,  ///< each target by itself, as soon as it is checked
};

/// Bad rows a run may have: the larger of both. Past it nothing is published.
struct Budget {
  double fraction = 0.01;  ///< of the rows read
  int64_t rows = 10;
};

struct Schedule {
  Cron cron;
  std::string timezone;  ///< IANA name; empty = the project's
};

struct PipelineSpec {
  std::string name;
  std::string description;
  std::string owner;
  std::optional<Schedule> schedule;
  std::vector<SourceSpec> sources;
  std::vector<TransformSpec> transforms;
  std::vector<MaskSpec> masks;
  std::vector<TargetSpec> targets;
  Publish publish = Publish::together;
  Budget budget;
  FilePosition position;
  /// SHA-256 of what its file and SQL files say, references resolved; empty if it was put together in memory.
  std::string fingerprint;

  const SourceSpec* find_source(std::string_view name) const;
  const TransformSpec* find_transform(std::string_view name) const;
};

/// Rows of one table in a test.
struct TestTable {
  std::string name;
  std::vector<ContractColumn> columns;  ///< all there are, with their types; empty = those that the rows name
  std::vector<config::Node> rows;       ///< maps from column to value
  FilePosition position;
};

/// Given these rows, the model gives those. Rows are compared without order.
struct TestSpec {
  std::string name;
  std::string pipeline;
  std::string model;
  std::vector<TestTable> given;
  FilePosition given_position;
  TestTable expect;
  FilePosition position;
};

struct Retry {
  int attempts = 5;
  std::chrono::milliseconds pause{1000};  ///< before the second attempt; doubles from there
};

struct Defaults {
  std::optional<ByteCount> memory;
  std::optional<int> threads;
  Retry retry;
  std::string timezone = "UTC";
};

struct Project {
  std::string name;
  std::string description;
  std::string directory;
  std::string environment;                ///< chosen; empty = none
  std::vector<std::string> environments;  ///< all there are
  std::vector<ConnectionSpec> connections;
  Defaults defaults;
  std::vector<PipelineSpec> pipelines;
  std::vector<TestSpec> tests;

  /// Errors: not_found with "did you mean"; the connection's own problem.
  Result<const ConnectionSpec*> connection(std::string_view name) const;
  /// Errors: not_found with "did you mean".
  Result<const PipelineSpec*> pipeline(std::string_view name) const;
};

/// Equal as SQL names: letter case of A-Z does not count.
bool same_name(std::string_view a, std::string_view b);

}  // namespace mainstem::pipeline
