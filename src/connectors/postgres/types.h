#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "connectors/postgres/options.h"

namespace mainstem::connectors::postgres {

/// Object ids of built-in types (pg_type.dat); they never change.
struct Oid {
  static constexpr uint32_t kBool = 16, kBytea = 17, kName = 19, kInt8 = 20, kInt2 = 21, kInt4 = 23, kText = 25,
                            kOid = 26, kJson = 114, kFloat4 = 700, kFloat8 = 701, kBpchar = 1042, kVarchar = 1043,
                            kDate = 1082, kTime = 1083, kTimestamp = 1114, kTimestamptz = 1184, kInterval = 1186,
                            kNumeric = 1700, kUuid = 2950, kJsonb = 3802;
};

/// The type of a column as the catalog has it, domains replaced by what they stand on.
struct RemoteType {
  std::string name;  ///< as declared: "numeric(12,2)"
  uint32_t oid = 0;
  int modifier = -1;
  char kind = 'b';           ///< pg_type.typtype: b base, e enum, c composite, r range, ...
  uint32_t element_oid = 0;  ///< of an array; 0 = none
  char element_kind = 'b';
  int dimensions = 0;  ///< declared dimensions of an array
};

struct RemoteColumn {
  std::string name;
  RemoteType type;
  bool not_null = false;
};

/// How the bytes of a value are read.
enum class Wire {
  boolean,
  int16,
  int32,
  int64,
  oid,
  float32,
  float64,
  decimal,
  numeric_text,
  text,
  binary,
  date,
  time,
  timestamp,
  interval,
  uuid,
  jsonb,
  list
};

/// A column of a read: its Arrow type, and how to get there.
struct ReadType {
  Wire wire = Wire::text;
  std::shared_ptr<arrow::DataType> arrow;
  bool as_text = false;  ///< the server must cast it to text
  std::shared_ptr<const ReadType> element;
};

/// The one table of types that can be read. What has no Arrow type of its own arrives as the server's text.
ReadType read_type(const RemoteType& remote, const SourceOptions& options);
/// As `declared` by the user for this column. Errors: unsupported.
Result<ReadType> read_type_as(const RemoteType& remote, const std::shared_ptr<arrow::DataType>& declared,
                              const SourceOptions& options);

/// The field of a read column; "remote_type" is in its metadata.
std::shared_ptr<arrow::Field> read_field(const RemoteColumn& column, const ReadType& type,
                                         const SourceOptions& options);

/// The type of a column that is made for values of an Arrow type ("numeric(12,2)", "timestamp with time zone").
/// Errors: unsupported, for structures and others that need a decision of the user.
Result<std::string> native_type(const arrow::DataType& type);

}  // namespace mainstem::connectors::postgres
