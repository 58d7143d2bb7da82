#include "connectors/files/target.h"

#include <algorithm>
#include <arrow/type.h>
#include <filesystem>
#include <fmt/format.h>

#include "connectors/files/hive.h"
#include "connectors/files/manifest.h"
#include "connectors/files/source.h"
#include "io/compression.h"

namespace mainstem::connectors::files {
namespace {

namespace fs = std::filesystem;
using config::Node;
using connector::WriteMode;
using connector::WriteRequest;

FilePosition place_of(const Node& options, std::string_view key) {
  const Node* value = options.find(key);
  return value == nullptr ? options.position() : value->position();
}

std::string absolute(const std::string& path) {
  if (path == "-") return path;
  auto text = fs::absolute(path).lexically_normal().string();
  while (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

Place choose_place(const Formats& formats, const std::string& written, const TargetOptions& options,
                   const WriteRequest& request) {
  if (written == "-") return Place::passing;
  std::error_code ignored;
  const auto status = fs::status(written, ignored);
  if (fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status)) return Place::passing;
  if (options.place != WantedPlace::automatic) return options.place == WantedPlace::file ? Place::file : Place::folder;
  if (!request.partition_by.empty() || written.ends_with('/') || fs::is_directory(status)) return Place::folder;
  const bool named_as_file = format_of_name(formats, written) != nullptr || fs::is_regular_file(status) ||
                             (!options.format.empty() && fs::path(written).has_extension());
  return named_as_file ? Place::file : Place::folder;
}

Result<void> check_mode(const Target& target, const WriteRequest& request) {
  if (request.mode == WriteMode::merge)
    return Error(ErrorCode::unsupported, "files have no mode merge")
        .hint("use replace, append or partition, or a database as target");
  if (request.mode == WriteMode::partition && request.partition_by.empty())
    return Error(ErrorCode::invalid_config, "mode partition needs partition_by");
  if (target.place == Place::folder) return {};
  if (request.mode == WriteMode::replace && request.partition_by.empty()) return {};
  return Error(ErrorCode::unsupported, fmt::format("{} is {}, which has only mode replace", target.path,
                                                   target.place == Place::file ? "a single file" : "a stream"))
      .at(place_of(request.options, "path"))
      .hint("write a folder: `place: folder`, or a path that ends in /");
}

// The options that say where the target is and in which format; other keys may be the format's.
Result<TargetOptions> read_place(const Node& options) {
  if (!options.is_null() && !options.is_map()) return config::wrong_type(options, "a map of options");
  Node place = Node::map({}, options.position());
  for (const auto& [key, value] : options.entries())
    if (key == "path" || key == "format" || key == "place") place.set(key, value, options.key_position(key));
  return target_fields().read(place);
}

std::string written_path(const std::string& base, const WriteRequest& request) {
  const Node* path = request.options.find("path");
  const auto& text = path != nullptr && path->is_scalar() ? path->text() : request.table;
  return text.empty() ? text : resolve(base, text);
}

Result<const format::FormatSpec*> choose_format(const Formats& formats, const Target& target, const std::string& named,
                                                const Node& options) {
  if (!named.empty()) return named_format(formats, named, options);
  const auto* format = target.path == "-" ? nullptr : format_of_name(formats, target.path);
  if (format != nullptr) return format;
  if (target.place == Place::folder) {
    MS_ASSIGN(const auto manifest, load_manifest(target.path));
    if (manifest) return named_format(formats, manifest->format, options);
  }
  return unknown_format(formats, target.path == "-" ? "standard output" : target.path, options);
}

}  // namespace

std::string target_path(const std::string& base, const WriteRequest& request) {
  const auto written = written_path(base, request);
  return written.empty() ? written : absolute(written);
}

Result<Target> read_target(const Formats& formats, const std::string& base, const WriteRequest& request) {
  Target target;
  MS_ASSIGN(const auto place, read_place(request.options));
  const auto written = written_path(base, request);
  if (written.empty())
    return Error(ErrorCode::invalid_config, "'path' is missing")
        .at(request.options.position())
        .hint("name the file or folder to write");
  target.path = absolute(written);
  target.place = choose_place(formats, written, place, request);
  MS_ASSIGN(target.format, choose_format(formats, target, place.format, request.options));
  if (!target.format->open_writer)
    return Error(ErrorCode::unsupported, fmt::format("format '{}' cannot be written", target.format->name));
  MS_ASSIGN(auto split, split_options(request.options, target_fields().table(), target.format->write_options.get()));
  MS_ASSIGN(target.options, target_fields().read(split.own));
  target.format_options = std::move(split.format);
  if (target.format->check_write_options) MS_TRY(target.format->check_write_options(target.format_options));
  target.compression =
      to_compression(target.options.compression)
          .value_or(target.place == Place::folder ? io::Compression::none : io::compression_of_name(target.path));
  MS_TRY(check_mode(target, request));
  return target;
}

Result<void> check_target(const Node& options, const Formats& formats) {
  MS_ASSIGN(const auto place, read_place(options));
  const auto* format = format_of_name(formats, place.path);
  if (!place.format.empty()) {
    MS_ASSIGN(format, named_format(formats, place.format, options));
  }
  if (format == nullptr)
    return config::check_keys(options, *with_format_options(target_fields().table(), formats, Direction::write));
  MS_ASSIGN(const auto split, split_options(options, target_fields().table(), format->write_options.get()));
  MS_TRY(target_fields().read(split.own));
  return format->check_write_options ? format->check_write_options(split.format) : Result<void>();
}

Result<std::shared_ptr<arrow::Schema>> schema_of_files(const arrow::Schema& schema,
                                                       const std::vector<std::string>& partition_by) {
  for (const auto& name : partition_by) {
    const auto field = schema.GetFieldByName(name);
    if (field == nullptr)
      return Error(ErrorCode::invalid_config, fmt::format("partition column '{}' is not among the columns", name))
          .hint(fmt::format("there are {}", fmt::join(schema.field_names(), ", ")));
    if (!is_hive_type(*field->type()))
      return Error(ErrorCode::unsupported,
                   fmt::format("column '{}' of type {} cannot be a partition column", name, field->type()->ToString()))
          .hint("cast it to text, an integer or a date in the model's SQL");
    if (name.starts_with('_') || name.starts_with('.') || std::ranges::count(partition_by, name) > 1)
      return Error(ErrorCode::invalid_config, fmt::format("'{}' is not usable as a partition column: names that begin "
                                                          "with '_' or '.' are hidden, and each counts once",
                                                          name));
  }
  std::vector<std::shared_ptr<arrow::Field>> fields;
  for (const auto& field : schema.fields())
    if (std::ranges::find(partition_by, field->name()) == partition_by.end()) fields.push_back(field);
  if (fields.empty())
    return Error(ErrorCode::invalid_config, "no column is left for the files beside the partition columns");
  return arrow::schema(std::move(fields));
}

}  // namespace mainstem::connectors::files
