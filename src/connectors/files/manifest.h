#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "connector/sink.h"
#include "connectors/files/hive.h"

namespace mainstem::connectors::files {

/// A file of rows of a file set.
struct DataFile {
  std::string path;  ///< in the set's folder
  int64_t rows = 0;
  int64_t bytes = 0;
  std::string content_hash;  ///< columnar::ContentHash of the file's rows; empty if a type has no rule for it
  std::vector<HiveValue> partition;
};

/// What a file set holds. Written to <set>/_mainstem/manifest.json; its rename is the commit.
struct Manifest {
  int64_t sequence = 0;      ///< counts the publishes of this set, from 1
  std::string run_id;        ///< of the last publish
  std::string published_at;  ///< ISO 8601
  std::string staging;       ///< where files of the last publish stand until they are moved, in the set's folder
  std::string format;
  std::shared_ptr<arrow::Schema> schema;  ///< with the partition columns
  std::vector<std::string> partition_by;
  std::vector<DataFile> files;
  std::vector<std::string> removed;  ///< files that the last publish takes away
  connector::StateRecords state;
};

std::string to_json(const Manifest& manifest);
/// `path` is for messages. Errors: invalid_data if it is damaged; unsupported if a later version wrote it.
Result<Manifest> read_manifest(const std::string& text, const std::string& path);

std::string manifest_path(const std::string& folder);
/// The manifest of a folder; nothing if it has none.
Result<std::optional<Manifest>> load_manifest(const std::string& folder);

/// State beside a single file: ".NAME.mainstem.json".
std::string sidecar_path(const std::string& file);
std::string to_json(const connector::StateRecords& state);
/// Empty if there is no such file.
Result<connector::StateRecords> load_sidecar(const std::string& path);

/// `known` with each record of `added` that is of `target` in the place of the one for its pipeline and source.
connector::StateRecords merge_state(connector::StateRecords known, const connector::StateRecords& added,
                                    const std::string& target);

}  // namespace mainstem::connectors::files
