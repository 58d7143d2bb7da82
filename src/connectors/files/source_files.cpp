#include "connectors/files/source_files.h"

#include <algorithm>
#include <arrow/type.h>
#include <fmt/format.h>
#include <set>

#include "connectors/files/manifest.h"
#include "connectors/files/published_file.h"
#include "io/spool.h"
#include "observability/context.h"

namespace mainstem::connectors::files {
namespace {

// The folder up to which a path is fixed: only folders below it can be partitions.
std::string fixed_part(const std::string& path) {
  const size_t wild = path.find_first_of("*?[");
  if (wild == std::string::npos) return "";
  return path.substr(0, path.rfind('/', wild) + 1);
}

Result<SourceFiles> list_set(const std::string& folder, Manifest manifest) {
  SourceFiles set{.files = {}, .set_format = manifest.format, .set_schema = manifest.schema};
  for (auto& file : manifest.files) {
    SourceFile source{.path = folder + "/" + file.path,
                      .staged = folder + "/" + manifest.staging + "/" + file.path,
                      .published = true,
                      .size = file.bytes};
    for (size_t i = 0; i < manifest.partition_by.size(); ++i)
      source.partition.emplace_back(manifest.partition_by[i], std::move(file.partition[i]));
    set.files.push_back(std::move(source));
  }
  return set;
}

Result<void> add_listed(Context& context, const std::string& path, HivePartitioning hive, SourceFiles& all) {
  MS_ASSIGN(auto listed, io::list_files(context, path));
  for (auto& file : listed) {
    SourceFile source{.path = file.path, .size = file.size, .modified_ns = file.modified_ns};
    const size_t root = file.root.empty() ? fixed_part(path).size() : file.root.size() + 1;
    const bool in_folders = !file.root.empty() || io::is_pattern(path);
    if (hive != HivePartitioning::off && in_folders && root < file.path.size()) {
      MS_ASSIGN(source.partition, hive_entries(std::string_view(file.path).substr(root)));
    }
    all.files.push_back(std::move(source));
  }
  return {};
}

Error unequal_folders(const SourceFile& first, const SourceFile& other) {
  return Error(ErrorCode::invalid_data,
               fmt::format("{} and {} stand in folders of different partition columns", first.path, other.path))
      .hint("name one kind of folder in `path`, or set `hive_partitioning: false`");
}

Result<void> check_same_keys(const std::vector<SourceFile>& files) {
  for (const auto& file : files) {
    if (!std::ranges::equal(file.partition, files.front().partition, {}, &HiveEntry::first, &HiveEntry::first))
      return unequal_folders(files.front(), file);
  }
  std::set<std::string> keys;
  if (files.empty()) return {};
  for (const auto& [key, value] : files.front().partition)
    if (!keys.insert(key).second)
      return Error(ErrorCode::invalid_data, fmt::format("{} has partition column '{}' twice", files.front().path, key))
          .hint("set `hive_partitioning: false`");
  return {};
}

Result<std::shared_ptr<io::Input>> open_input(const SourceFile& file, const io::InputOptions& options) {
  if (file.path == "-") return io::standard_input(options);
  if (file.published) return open_published_file(file.path, file.staged, file.size, options);
  return io::open_local_file(file.path, options);
}

}  // namespace

Result<SourceFiles> list_source_files(Context& context, const std::vector<std::string>& paths, HivePartitioning hive) {
  SourceFiles all;
  for (const auto& path : paths) {
    if (path == "-") {
      all.files.push_back({.path = "-"});
      continue;
    }
    MS_ASSIGN(auto manifest, load_manifest(path));
    if (!manifest) {
      MS_TRY(add_listed(context, path, hive, all));
      continue;
    }
    if (paths.size() > 1)
      return Error(ErrorCode::unsupported,
                   fmt::format("{} is a file set with a manifest and can only be read by itself", path))
          .hint("make it a source of its own");
    return list_set(path, *std::move(manifest));
  }
  std::set<std::string> seen;
  std::erase_if(all.files, [&seen](const SourceFile& file) { return !seen.insert(file.path).second; });
  return all;
}

Result<std::vector<std::shared_ptr<arrow::Field>>> settle_hive_columns(
    const SourceFiles& files, const std::vector<std::shared_ptr<arrow::Schema>>& known) {
  std::vector<std::shared_ptr<arrow::Field>> columns;
  if (files.files.empty()) return columns;
  MS_TRY(check_same_keys(files.files));
  for (size_t i = 0; i < files.files.front().partition.size(); ++i) {
    const auto& key = files.files.front().partition[i].first;
    std::shared_ptr<arrow::DataType> type;
    for (const auto& schema : known)
      if (type == nullptr && schema != nullptr && schema->GetFieldIndex(key) >= 0)
        type = schema->GetFieldByName(key)->type();
    std::vector<HiveValue> values;
    for (const auto& file : files.files) values.push_back(file.partition[i].second);
    if (type == nullptr) type = infer_hive_type(values);
    columns.push_back(arrow::field(key, type));
  }
  return columns;
}

Result<void> check_identity(const SourceFile& file) {
  if (file.path == "-" || file.published) return {};
  MS_ASSIGN(const auto now, io::list_file(file.path));
  if (now.size == file.size && now.modified_ns == file.modified_ns) return {};
  return Error(ErrorCode::conflict, fmt::format("{} has changed since the read was planned", file.path))
      .hint("run again once nobody writes it; programs should write aside and rename");
}

Result<std::vector<std::shared_ptr<io::Input>>> open_inputs(Context& context, const std::vector<SourceFile>& files,
                                                            const format::FormatSpec& format,
                                                            const io::InputOptions& options) {
  std::vector<std::shared_ptr<io::Input>> inputs;
  for (const auto& file : files) {
    MS_TRY(context.cancellation.check());
    MS_ASSIGN(auto input, open_input(file, options));
    // Formats look at their inputs before they read them, which a passing stream would not survive.
    const bool must_copy = !input->rereadable() || (format.needs_seekable_input && !input->seekable());
    if (must_copy) {
      MS_ASSIGN(input, io::spool(context, *input));
    }
    inputs.push_back(std::move(input));
  }
  return inputs;
}

}  // namespace mainstem::connectors::files
