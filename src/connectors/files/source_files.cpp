#include "connectors/files/source_files.h"

#include <algorithm>
#include <arrow/type.h>
#include <fmt/format.h>
#include <set>
#include <type_traits>
#include <utility>

#include "connectors/files/manifest.h"
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
                      .set = folder,
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

// Whether a file is missing although no run has replaced it: names of data files are never used twice.
bool still_listed(const SourceFile& file) {
  auto manifest = load_manifest(file.set);
  if (!manifest || !*manifest) return false;
  const auto now = list_set(file.set, **std::move(manifest));
  return now && std::ranges::find(now->files, file.path, &SourceFile::path) != now->files.end();
}

Result<std::shared_ptr<io::Input>> open_input(const SourceFile& file, const io::InputOptions& options) {
  if (file.path == "-") return io::standard_input(options);
  if (!file.published) return io::open_local_file(file.path, options);
  auto input = open_published_file(file.path, file.staged, file.size, options);
  if (input || input.error().code() != ErrorCode::conflict || !still_listed(file)) return input;
  return Error(ErrorCode::not_found, fmt::format("{} was published and is gone: somebody has removed it", file.path))
      .hint("put it back, or publish the folder anew with mode replace");
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
                                                            const io::InputOptions& options, Spools& spools) {
  std::vector<std::shared_ptr<io::Input>> inputs;
  for (const auto& file : files) {
    MS_TRY(context.cancellation.check());
    if (const auto spool = spools.find(file.path); spool != spools.end()) {
      inputs.push_back(spool->second);
      continue;
    }
    auto stoppable = options;
    stoppable.cancellation = &context.cancellation;
    MS_ASSIGN(auto input, open_input(file, stoppable));
    // Formats look at their inputs before they read them, which a passing stream would not survive.
    const bool passes_by = !input->rereadable();
    if (passes_by || (format.needs_seekable_input && !input->seekable())) {
      MS_ASSIGN(input, io::spool(context, *input));
    }
    if (passes_by) spools.emplace(file.path, input);
    inputs.push_back(std::move(input));
  }
  return inputs;
}

namespace {

class PublishedFile final : public io::Input {
 public:
  PublishedFile(std::string place, std::string staged, int64_t bytes, io::InputOptions options)
      : place_(std::move(place)), staged_(std::move(staged)), bytes_(bytes), options_(options) {}

  Result<void> look() {
    MS_ASSIGN(first_, open());
    return {};
  }

  const std::string& name() const override { return place_; }
  std::optional<int64_t> size() const override { return first_->size(); }
  std::optional<int64_t> stored_size() const override { return bytes_; }
  bool seekable() const override { return first_->seekable(); }
  bool rereadable() const override { return true; }

  Result<std::shared_ptr<arrow::io::RandomAccessFile>> open_file() override {
    return either([](io::Input& input) { return input.open_file(); });
  }
  Result<std::shared_ptr<arrow::io::InputStream>> open_stream() override {
    return either([](io::Input& input) { return input.open_stream(); });
  }

 private:
  template <class Open>
  std::invoke_result_t<Open, io::Input&> either(const Open& open_it) {
    MS_ASSIGN(auto input, open());
    auto opened = open_it(*input);
    if (opened || opened.error().code() != ErrorCode::not_found) return opened;
    // It was moved, or removed, between the two steps.
    MS_ASSIGN(input, open());
    return open_it(*input);
  }

  // Files only ever move from `staged_` to `place_`: one that is at neither when looked for in this order, and not at
  // `place_` afterwards either, is gone.
  Result<std::shared_ptr<io::Input>> open() const {
    auto input = io::open_local_file(place_, options_);
    if (!input && input.error().code() == ErrorCode::not_found) input = io::open_local_file(staged_, options_);
    if (!input && input.error().code() == ErrorCode::not_found) input = io::open_local_file(place_, options_);
    if (!input && input.error().code() == ErrorCode::not_found)
      return Error(ErrorCode::conflict, fmt::format("{} was published and is gone: another run has replaced it, or "
                                                    "somebody has removed it",
                                                    place_))
          .hint("run again; if it fails again, publish the folder anew with mode replace");
    if (!input) return input;
    if ((*input)->stored_size() != bytes_)
      return Error(ErrorCode::invalid_data, fmt::format("{} has {} bytes, and {} were published", place_,
                                                        (*input)->stored_size().value_or(0), bytes_))
          .hint("somebody else has changed the file; publish the folder anew");
    return input;
  }

  std::string place_;
  std::string staged_;
  int64_t bytes_;
  io::InputOptions options_;
  std::shared_ptr<io::Input> first_;
};

}  // namespace

Result<std::shared_ptr<io::Input>> open_published_file(std::string place, std::string staged, int64_t bytes,
                                                       const io::InputOptions& options) {
  auto file = std::make_shared<PublishedFile>(std::move(place), std::move(staged), bytes, options);
  MS_TRY(file->look());
  return std::shared_ptr<io::Input>(std::move(file));
}

}  // namespace mainstem::connectors::files
