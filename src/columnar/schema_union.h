#pragma once

#include <arrow/type_fwd.h>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace mainstem::columnar {

/// One schema for many objects (files, pages): columns by name in the order of their first appearance, each with the
/// type that the user declared for it, or else the plain type (see `plain_type`) that holds all its values. A column
/// that an object lacks is null there.
/// Fields of whose type no value has spoken (all are null) may carry a mark, see `mark_without_values`.
class SchemaUnion {
 public:
  /// `declared`: types of some columns; may be null.
  explicit SchemaUnion(std::shared_ptr<arrow::Schema> declared) : declared_(std::move(declared)) {}

  /// `origin` names the object in messages. Errors: invalid_data, for a name that occurs twice in the object, or types
  /// that no type holds, naming both objects.
  Result<void> add(const arrow::Schema& schema, const std::string& origin);
  /// The `wanted` columns in their order (empty = all), without metadata but that mark. Errors: invalid_config, for
  /// declared and wanted columns that no object has.
  Result<std::shared_ptr<arrow::Schema>> settle(const std::vector<std::string>& wanted) const;

 private:
  struct Column {
    std::shared_ptr<arrow::Field> field;
    std::string origin;  ///< the object that gave the column its type
    int objects = 1;     ///< that have the column
    int last = 0;        ///< number of the last one of them
  };
  std::shared_ptr<arrow::DataType> type_of(const arrow::Field& field) const;
  Result<void> merge(Column& column, const arrow::Field& field, const std::string& origin) const;

  std::shared_ptr<arrow::Schema> declared_;
  std::vector<Column> columns_;
  std::map<std::string, size_t, std::less<>> index_;
  int objects_ = 0;
};

/// The field with a mark that its type is a guess, since its column holds no value. Equality of types ignores it.
std::shared_ptr<arrow::Field> mark_without_values(const arrow::Field& field);
bool is_without_values(const arrow::Field& field);

}  // namespace mainstem::columnar
