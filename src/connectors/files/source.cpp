#include "connectors/files/source.h"

#include <arrow/type.h>
#include <filesystem>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

#include "connectors/files/manifest.h"
#include "connectors/files/planned_read.h"
#include "connectors/files/source_files.h"
#include "observability/context.h"

namespace mainstem::connectors::files {
namespace {

using config::Node;
using connector::ReadRequest;

// The own options, read before the format is known.
Result<SourceOptions> read_own(const Node& options, const format::FormatSpec* format) {
  MS_ASSIGN(const auto split,
            split_options(options, source_fields().table(), format == nullptr ? nullptr : format->read_options.get()));
  return source_fields().read(split.own);
}

// The options that tell the format and where it is; other keys may be the format's.
Result<SourceOptions> read_place(const Node& options) {
  if (!options.is_null() && !options.is_map()) return config::wrong_type(options, "a map of options");
  Node place = Node::map({}, options.position());
  for (const auto& [key, value] : options.entries())
    if (key == "path" || key == "format") place.set(key, value, options.key_position(key));
  return source_fields().read(place);
}

Result<const format::FormatSpec*> format_of_files(const Formats& formats, const SourceFiles& files,
                                                  const Node& options) {
  const format::FormatSpec* found = nullptr;
  std::string found_in;
  for (const auto& file : files.files) {
    if (file.path == "-") return unknown_format(formats, "standard input", options);
    const auto* format = format_of_name(formats, file.path);
    if (format == nullptr) return unknown_format(formats, file.path, options);
    if (found != nullptr && found != format)
      return Error(ErrorCode::invalid_config, fmt::format("the files have several formats: {} is {} and {} is {}",
                                                          found_in, found->name, file.path, format->name))
          .at(options.position())
          .hint("narrow `path` to one kind, such as data/**/*.csv, or name the `format`");
    found = format;
    found_in = file.path;
  }
  return found;
}

class FilesSource final : public connector::Source {
 public:
  FilesSource(std::string base, const Formats& formats) : base_(std::move(base)), formats_(formats) {}

  Result<std::unique_ptr<connector::PlannedRead>> plan_read(Context& context, const ReadRequest& request) override {
    if (!request.where.empty())
      return Error(ErrorCode::unsupported, "files cannot be read with a condition (`where`)")
          .hint("write the condition into a model's SQL");
    MS_ASSIGN(const auto place, read_place(request.options));
    MS_ASSIGN(const auto paths, paths_of(request, place));
    const format::FormatSpec* format = nullptr;
    if (!place.format.empty()) {
      MS_ASSIGN(format, named_format(formats_, place.format, request.options));
    }
    const auto* hive = request.options.find("hive_partitioning");
    const auto hive_mode =
        hive != nullptr && hive->text() == "false" ? HivePartitioning::off : HivePartitioning::automatic;
    MS_ASSIGN(auto files, list_source_files(context, paths, hive_mode));
    if (format == nullptr && !files.set_format.empty()) {
      MS_ASSIGN(format, named_format(formats_, files.set_format, request.options));
    } else if (format == nullptr) {
      MS_ASSIGN(format, format_of_files(formats_, files, request.options));
    }
    return plan(context, request, std::move(files), *format);
  }

  Result<std::vector<connector::TableInfo>> discover(Context& context, const std::string& pattern) override {
    std::error_code failed;
    std::vector<connector::TableInfo> tables;
    std::vector<std::string> names;
    const auto [inside, wanted] = split_pattern(pattern);
    const auto folder = inside.empty() ? (base_.empty() ? "." : base_) : resolve(base_, inside);
    for (const auto& entry : std::filesystem::directory_iterator(folder, failed))
      names.push_back(entry.path().filename());
    if (failed)
      return Error(failed == std::errc::no_such_file_or_directory ? ErrorCode::not_found : ErrorCode::permission_denied,
                   fmt::format("cannot list folder {}: {}", folder, failed.message()));
    std::ranges::sort(names);
    for (const auto& name : names) {
      MS_TRY(context.cancellation.check());
      if (name.starts_with('.') || name.starts_with('_') || (!wanted.empty() && !io::matches_name(wanted, name)))
        continue;
      const bool is_folder = std::filesystem::is_directory(std::filesystem::path(folder) / name, failed);
      if (!is_folder && format_of_name(formats_, name) == nullptr) continue;
      add_table(context, inside + name, is_folder, tables);
    }
    return tables;
  }

  std::vector<connector::Probe> probe(Context&) override {
    const auto folder = base_.empty() ? "." : base_;
    const bool ok = std::filesystem::is_directory(folder) && ::access(folder.c_str(), R_OK | X_OK) == 0;
    return {{.what = "folder " + folder,
             .ok = ok,
             .detail = ok ? "can be read" : "is missing, or cannot be read",
             .fix = ok ? "" : "create the folder, or set the connection's `path`"}};
  }

 private:
  // The folder that a pattern names, with a slash behind it or empty, and the pattern for names in it.
  std::pair<std::string, std::string> split_pattern(const std::string& pattern) const {
    std::error_code failed;
    if (pattern.empty() || pattern == ".") return {"", ""};
    if (std::filesystem::is_directory(resolve(base_, pattern), failed))
      return {pattern.ends_with('/') ? pattern : pattern + "/", ""};
    const auto slash = pattern.rfind('/');
    if (slash == std::string::npos) return {"", pattern};
    return {pattern.substr(0, slash + 1), pattern.substr(slash + 1)};
  }

  Result<std::vector<std::string>> paths_of(const ReadRequest& request, const SourceOptions& place) const {
    std::vector<std::string> paths;
    if (!request.table.empty()) {
      // `discover` shows names as tables, quoted where they need it.
      const bool quoted = request.table.starts_with('"');
      const auto table = quoted ? connector::parse_table_ref(request.table) : connector::TableRef{"", request.table};
      if (!table) return table.error();
      paths.push_back(resolve(base_, table->name));
    }
    for (const auto& path : place.path) paths.push_back(resolve(base_, path));
    if (paths.empty())
      return Error(ErrorCode::invalid_config, "'path' is missing")
          .at(request.options.position())
          .hint("name the file, folder or pattern to read");
    return paths;
  }

  Result<std::unique_ptr<connector::PlannedRead>> plan(Context& context, const ReadRequest& request, SourceFiles files,
                                                       const format::FormatSpec& format) {
    MS_ASSIGN(const auto own, read_own(request.options, &format));
    MS_ASSIGN(auto split, split_options(request.options, source_fields().table(), format.read_options.get()));
    if (format.check_read_options) MS_TRY(format.check_read_options(split.format));
    if (own.hive_partitioning == HivePartitioning::on && !files.files.empty() && files.files.front().partition.empty())
      return Error(ErrorCode::invalid_data,
                   fmt::format("{} stands in no folder such as dt=2026-01-01", files.files.front().path))
          .hint("set `hive_partitioning: auto`");
    return plan_file_read(context,
                          {.files = std::move(files),
                           .format = &format,
                           .format_options = std::move(split.format),
                           .input_options = {.compression = to_compression(own.compression)},
                           .file_name_column = own.file_name_column},
                          request, spools_);
  }

  // A folder is a table if its files are of one known format. The comment is what was found out, such as the lists that
  // JSON can be read by; of a file that cannot be read, the reason.
  void add_table(Context& context, const std::string& name, bool is_folder, std::vector<connector::TableInfo>& tables) {
    connector::TableInfo info{.table = {.schema = "", .name = name},
                              .schema = arrow::schema({}),
                              .primary_key = {},
                              .estimate = {},
                              .kind = is_folder ? "folder" : "file"};
    ReadRequest request{.name = name};
    request.options = Node::map({{"path", Node::scalar(name)}});
    auto read = plan_read(context, request);
    if (read) {
      info.schema = (*read)->plan().schema;
      info.estimate = (*read)->plan().estimate;
      info.comment = (*read)->plan().description;
    } else if (is_folder) {
      return;
    } else {
      info.comment = read.error().to_string();
    }
    tables.push_back(std::move(info));
  }

  std::string base_;
  const Formats& formats_;
  Spools spools_;
};

}  // namespace

std::string resolve(const std::string& base, const std::string& path) {
  if (path == "-" || base.empty() || path.starts_with('/')) return path;
  return base.ends_with('/') ? base + path : base + "/" + path;
}

Result<std::unique_ptr<connector::Source>> make_source(const Node& connection, const Formats& formats) {
  MS_ASSIGN(auto options, connection_fields().read(connection));
  return std::unique_ptr<connector::Source>(std::make_unique<FilesSource>(std::move(options.path), formats));
}

Result<void> check_source(const Node& options, const Formats& formats) {
  MS_ASSIGN(const auto place, read_place(options));
  const format::FormatSpec* format = nullptr;
  if (!place.format.empty()) {
    MS_ASSIGN(format, named_format(formats, place.format, options));
  } else if (!place.path.empty()) {
    format = format_of_name(formats, place.path.front());
  }
  // Only the files' own names will tell the format of a folder: until then any format's option may be right.
  const auto all = with_format_options(source_fields().table(), formats, Direction::read);
  if (format == nullptr) return config::check_keys(options, *all);
  MS_TRY(read_own(options, format));
  MS_ASSIGN(const auto split, split_options(options, source_fields().table(), format->read_options.get()));
  return format->check_read_options ? format->check_read_options(split.format) : Result<void>();
}

}  // namespace mainstem::connectors::files
