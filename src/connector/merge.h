#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "connector/sink.h"

namespace mainstem::connector {

/// For targets that merge without a unique index. Errors: invalid_data if `merged` has changed more rows than were
/// staged, so that a key stands in several rows of `target`; the transaction is to be given up then.
Result<void> check_merged(const PublishedTable& merged, int64_t staged_rows, const TableRef& target,
                          const std::vector<std::string>& key);

}  // namespace mainstem::connector
