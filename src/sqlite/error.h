#pragma once

#include <sqlite3.h>
#include <string_view>

#include "base/error.h"

namespace mainstem::sqlite {

/// Where a failed call happened: SQL errors while preparing are the writer's mistake, those while running are the
/// data's.
enum class Moment { opening, preparing, running };

/// The last failure of a connection as an Error. Codes: SQLITE_BUSY, LOCKED and PROTOCOL become conflict, CANTOPEN
/// not_found or permission_denied, NOTADB and CORRUPT invalid_data, FULL resource_exhausted, READONLY, PERM and AUTH
/// permission_denied, INTERRUPT cancelled, CONSTRAINT invalid_data. `sql` places a mistake in it by line and column.
Error to_error(sqlite3* connection, int code, Moment moment, std::string_view sql = {});

}  // namespace mainstem::sqlite
