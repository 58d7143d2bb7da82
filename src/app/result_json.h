#pragma once

#include <string>

#include "base/json.h"
#include "run/result.h"

namespace mainstem::app {

/// The result document of a run, version 1 (see `mainstem schema result`), on one line.
std::string result_json(const run::RunResult& result);

/// Its JSON Schema (draft 2020-12).
std::string result_schema();

/// An error as an object: code, message, where, hint, retryable.
void write_error(JsonWriter& json, const Error& error);

}  // namespace mainstem::app
