#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/json/byte_window.h"

namespace mainstem::format::json {

/// The text of one record, which should be a JSON object.
struct Record {
  std::string_view text;   ///< valid until the next call
  int64_t line = 0;        ///< in which it begins
  int64_t offset = 0;      ///< of its first byte in the object
  bool too_large = false;  ///< over the limit; `text` is only its beginning
};

/// Cuts a stream into records. One thread.
class Records {
 public:
  virtual ~Records() = default;
  /// Nothing at the end. Errors: those of reading, and invalid_data where the end of a record cannot be told.
  virtual Result<std::optional<Record>> next() = 0;
  /// Line of the next record; after the end, of the end.
  virtual int64_t line() const = 0;
  /// Offset of the byte behind the last record.
  virtual int64_t offset() const = 0;
};

struct RecordsOptions {
  std::string object;  ///< name of the object, for errors
  int64_t max_record_bytes = 0;
  std::vector<std::string> path = {};  ///< names that lead to the array of records, from the outermost
};

/// One record a line; blank lines are none. Ends before the first record that begins at `end` or later.
std::unique_ptr<Records> records_by_line(ByteWindow window, RecordsOptions options, int64_t line, int64_t end);

/// The elements of one array: the whole document, or what is found at `path` of it. An element that is not valid JSON
/// is a record as long as its quotes and brackets show where it ends.
/// Errors besides those of reading: invalid_data if the document is not closed, has no array at the path, or goes on
/// after its end.
std::unique_ptr<Records> records_of_array(ByteWindow window, RecordsOptions options);

/// JSON values one after another, on as many lines as they like.
std::unique_ptr<Records> records_of_document(ByteWindow window, RecordsOptions options);

}  // namespace mainstem::format::json
