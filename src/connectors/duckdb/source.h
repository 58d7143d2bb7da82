#pragma once

#include <memory>

#include "connector/source.h"
#include "connectors/duckdb/file.h"

namespace mainstem::connectors::duckdb {

std::unique_ptr<connector::Source> make_source(File file);

}  // namespace mainstem::connectors::duckdb
