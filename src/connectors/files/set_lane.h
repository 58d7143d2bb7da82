#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "connector/sink.h"
#include "connectors/files/file_writer.h"
#include "connectors/files/hive.h"
#include "connectors/files/manifest.h"

namespace mainstem::connectors::files {

/// What the lanes of one staged file set share. Outlives them.
struct SetStaging {
  Target target;
  std::string folder;       ///< where the files are staged
  std::string file_prefix;  ///< unique to this publish
  std::string file_ending;  ///< ".parquet", ".csv.gz"
  std::vector<std::string> partition_by;
  std::shared_ptr<arrow::Schema> file_schema;
  int64_t lane_memory = 0;  ///< bytes that the open files of one lane may hold together
  std::atomic<int64_t> next_file = 0;
  std::mutex mutex;
  std::vector<DataFile> files;  ///< of closed lanes; under `mutex`
};

/// Writes rows into files by partition. At most `max_open_files` are open, and they hold at most `lane_memory`: beyond
/// that the one that was written to longest ago is ended, and later rows of its partition go to a further file.
class SetLane final : public connector::Lane {
 public:
  explicit SetLane(SetStaging& staging) : staging_(staging) {}

  Result<void> write(Context& context, const arrow::RecordBatch& batch) override;
  Result<void> close(Context& context) override;
  /// Makes sure of a file, also without rows, for a set that is not partitioned.
  Result<void> open_empty_file(Context& context);

 private:
  struct OpenFile {
    std::string path;
    std::vector<HiveValue> values;
    std::unique_ptr<FileWriter> writer;
    int64_t last_used = 0;
  };

  Result<OpenFile*> open(Context& context, const PartitionRows& partition);
  Result<void> make_room(Context& context, const std::string& keep);
  Result<void> end(Context& context, const std::string& folder);
  int64_t held_bytes() const;

  SetStaging& staging_;
  std::map<std::string, OpenFile> open_;  ///< by the partition's folder
  std::vector<DataFile> done_;
  int64_t writes_ = 0;
};

}  // namespace mainstem::connectors::files
