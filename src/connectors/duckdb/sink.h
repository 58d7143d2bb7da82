#pragma once

#include <memory>

#include "connector/sink.h"
#include "connectors/duckdb/file.h"

namespace mainstem::connectors::duckdb {

std::unique_ptr<connector::Sink> make_sink(File file);

}  // namespace mainstem::connectors::duckdb
