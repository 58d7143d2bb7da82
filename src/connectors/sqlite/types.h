#pragma once

#include <arrow/type_fwd.h>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mainstem::connectors::sqlite {

/// What SQLite makes of values put into a column (https://www.sqlite.org/datatype3.html, section 3.1).
enum class Affinity { integer, text, blob, real, numeric };
Affinity affinity_of(std::string_view declared);

/// The Arrow type that a declared type promises; null = it promises nothing and the values must be looked at
/// ("", NUMERIC without digits, ANY, and every name that is unknown). Whole numbers are int64 whatever their name,
/// except for the names that `declared_for` uses. Timestamps without a zone may turn out to have one in their texts.
std::shared_ptr<arrow::DataType> read_declared(std::string_view declared);

/// The declared type with which `read_declared` gives the type back: the same type, except that zones become UTC, dates
/// date32 and nested types JSON texts. Errors: unsupported.
Result<std::string> declared_for(const arrow::DataType& type);

/// True if every value of `type` can be stored in a column declared so and is read from it unchanged.
bool fits_declared(const arrow::DataType& type, std::string_view declared);

}  // namespace mainstem::connectors::sqlite
