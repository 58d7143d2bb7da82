#pragma once

#include <arrow/type_fwd.h>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "connector/source.h"
#include "connectors/files/formats.h"
#include "connectors/files/hive.h"
#include "io/input.h"
#include "io/listing.h"
#include "io/local_input.h"

namespace mainstem::connectors::files {

/// One file to read, with its identity at planning.
struct SourceFile {
  std::string path;        ///< absolute or as the user wrote it; "-" for standard input
  std::string staged;      ///< second place, for files of a file set; else empty
  bool published = false;  ///< a manifest lists it with its size
  std::string set;         ///< folder of that manifest; else empty
  int64_t size = -1;       ///< as stored; -1 = unknown
  int64_t modified_ns = 0;
  std::vector<HiveEntry> partition;
};

/// The files that a request means, and what their names and manifests tell about their rows.
struct SourceFiles {
  std::vector<SourceFile> files;
  std::string set_format;  ///< as the manifest says; empty if it is no file set
  /// Schema of a file set with its partition columns; null if it is none.
  std::shared_ptr<arrow::Schema> set_schema;
};

/// Lists the files of `paths` (files, folders, patterns, "-"). A folder with a manifest stands for exactly the files
/// that it lists. Errors: those of io::list_files; unsupported for a file set together with other paths.
Result<SourceFiles> list_source_files(Context& context, const std::vector<std::string>& paths, HivePartitioning hive);

/// Settles the columns that come from folder names; the types of `known` win over inferred ones. Takes the entries of
/// each file in the order of the columns. Errors: invalid_data if the files have different ones.
Result<std::vector<std::shared_ptr<arrow::Field>>> settle_hive_columns(
    const SourceFiles& files, const std::vector<std::shared_ptr<arrow::Schema>>& known);

/// Whether a file is still the one that was planned. Errors: conflict if not.
Result<void> check_identity(const SourceFile& file);

/// Copies of what passed by (standard input, pipes), by path: whoever plans the same read again finds it here.
using Spools = std::map<std::string, std::shared_ptr<io::Input>>;

/// Opens the files as inputs; one that its format cannot read as it stands is copied to the scratch folder.
Result<std::vector<std::shared_ptr<io::Input>>> open_inputs(Context& context, const std::vector<SourceFile>& files,
                                                            const format::FormatSpec& format,
                                                            const io::InputOptions& options, Spools& spools);

/// A data file that a manifest lists: it stands at `place`, or still at `staged` and will be moved from there to
/// `place` by its publisher, maybe while it is read. Errors at opening: conflict if a later publish has removed it;
/// invalid_data if it has not the size that was published.
Result<std::shared_ptr<io::Input>> open_published_file(std::string place, std::string staged, int64_t bytes,
                                                       const io::InputOptions& options);

}  // namespace mainstem::connectors::files
