#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "columnar/batch.h"

/// How the keyed store keeps a record in a file.
namespace mainstem::connector::testkit::shapes {

/// Two digits a byte, so that anything can be a file's name or a word.
std::string as_hex(std::string_view bytes);
std::string from_hex(std::string_view digits);

/// A batch as an Arrow stream, and back. Errors: invalid_data.
Result<std::string> to_record(const arrow::RecordBatch& batch);
Result<std::shared_ptr<arrow::RecordBatch>> from_record(const std::string& bytes);

/// Errors: unavailable.
Result<std::string> read_bytes(const std::string& path);
/// Readers see the old bytes or these. Makes the folder.
Result<void> replace_file(const std::string& path, std::string_view bytes);

/// Paths of files, and names of folders, that do not begin with `_` or `.`, sorted; none if there is no such folder.
std::vector<std::string> visible_files(const std::string& folder);
std::vector<std::string> visible_folders(const std::string& folder);

}  // namespace mainstem::connector::testkit::shapes
