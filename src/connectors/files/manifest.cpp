#include "connectors/files/manifest.h"

#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/api.h>
#include <arrow/type.h>
#include <arrow/util/base64.h>
#include <filesystem>
#include <fmt/format.h>

#include "base/json.h"
#include "columnar/status.h"
#include "config/convert.h"
#include "config/yaml.h"
#include "io/durable.h"

namespace mainstem::connectors::files {
namespace {

using columnar::from_arrow;
using config::Node;

constexpr int kVersion = 1;
constexpr size_t kMostBytes = 256 << 20;

Error damaged(const std::string& path, const std::string& what) {
  return Error(ErrorCode::invalid_data, fmt::format("{} is damaged: {}", path, what))
      .hint("restore the file from a copy, or remove the folder and run again");
}

void write_state(JsonWriter& json, const connector::StateRecords& state) {
  json.key("state").begin_array();
  for (const auto& record : state) {
    json.begin_object()
        .member("pipeline", record.pipeline)
        .member("source", record.source)
        .member("target", record.target)
        .member("position", arrow::util::base64_encode(record.position.bytes))
        .member("printable", record.position.printable)
        .member("run_id", record.run_id)
        .member("published_at", record.published_at)
        .end_object();
  }
  json.end_array();
}

void write_schema(JsonWriter& json, const arrow::Schema& schema) {
  json.key("columns").begin_array();
  for (const auto& field : schema.fields())
    json.begin_object().member("name", field->name()).member("type", field->type()->ToString()).end_object();
  json.end_array();
  const auto bytes = arrow::ipc::SerializeSchema(schema);
  // Every schema that could be written as rows can be written by itself.
  json.member("arrow_schema", bytes.ok() ? arrow::util::base64_encode((*bytes)->ToString()) : std::string());
}

void write_files(JsonWriter& json, const std::vector<DataFile>& files) {
  json.key("files").begin_array();
  for (const auto& file : files) {
    json.begin_object().member("path", file.path).member("rows", file.rows).member("bytes", file.bytes);
    if (!file.content_hash.empty()) json.member("content_hash", file.content_hash);
    if (!file.partition.empty()) json.member("partition", file.partition);
    json.end_object();
  }
  json.end_array();
}

// Reads members of one JSON object, each with an error that names it.
class Members {
 public:
  Members(const Node& node, std::string path) : node_(node), path_(std::move(path)) {}

  Result<std::string> text(std::string_view key) const {
    const Node* value = node_.find(key);
    if (value == nullptr || !value->is_scalar()) return damaged(path_, fmt::format("'{}' is missing", key));
    return value->text();
  }
  Result<int64_t> number(std::string_view key) const {
    const Node* value = node_.find(key);
    auto number = value == nullptr ? Result<int64_t>(Error(ErrorCode::invalid_data, "")) : config::read_integer(*value);
    if (!number || *number < 0) return damaged(path_, fmt::format("'{}' is no count", key));
    return number;
  }
  Result<std::vector<std::string>> texts(std::string_view key) const {
    const Node* value = node_.find(key);
    if (value == nullptr || !value->is_list()) return damaged(path_, fmt::format("'{}' is no list", key));
    std::vector<std::string> texts;
    for (const auto& item : value->items()) texts.push_back(item.text());
    return texts;
  }
  Result<const std::vector<Node>*> items(std::string_view key) const {
    const Node* value = node_.find(key);
    if (value == nullptr || !value->is_list()) return damaged(path_, fmt::format("'{}' is no list", key));
    return &value->items();
  }
  Result<std::string> binary(std::string_view key) const {
    MS_ASSIGN(const auto encoded, text(key));
    auto bytes = arrow::util::base64_decode(encoded);
    if (!bytes.ok()) return damaged(path_, fmt::format("'{}' is not base64", key));
    return std::move(bytes).ValueUnsafe();
  }

 private:
  const Node& node_;
  std::string path_;
};

Result<connector::StateRecords> read_state(const Node& node, const std::string& path) {
  connector::StateRecords state;
  MS_ASSIGN(const auto* items, Members(node, path).items("state"));
  for (const auto& item : *items) {
    const Members members(item, path);
    connector::StateRecord record;
    MS_ASSIGN(record.pipeline, members.text("pipeline"));
    MS_ASSIGN(record.source, members.text("source"));
    MS_ASSIGN(record.target, members.text("target"));
    MS_ASSIGN(record.position.bytes, members.binary("position"));
    MS_ASSIGN(record.position.printable, members.text("printable"));
    MS_ASSIGN(record.run_id, members.text("run_id"));
    MS_ASSIGN(record.published_at, members.text("published_at"));
    state.push_back(std::move(record));
  }
  return state;
}

// A path that a manifest names must stay inside its folder: it may come from elsewhere than from us.
bool stays_inside(const std::string& path) {
  const std::filesystem::path relative(path);
  if (path.empty() || relative.is_absolute() || path.find('\0') != std::string::npos) return false;
  return std::ranges::none_of(relative, [](const auto& part) { return part == ".."; });
}

Result<DataFile> read_file(const Node& node, size_t partition_columns, const std::string& path) {
  const Members members(node, path);
  DataFile file;
  MS_ASSIGN(file.path, members.text("path"));
  if (!stays_inside(file.path)) return damaged(path, "the path of a file leads out of its folder");
  MS_ASSIGN(file.rows, members.number("rows"));
  MS_ASSIGN(file.bytes, members.number("bytes"));
  if (const Node* hash = node.find("content_hash")) file.content_hash = hash->text();
  if (const Node* partition = node.find("partition"))
    for (const auto& value : partition->items())
      file.partition.push_back(value.is_null() ? HiveValue() : HiveValue(value.text()));
  if (file.partition.size() != partition_columns) return damaged(path, "a file's partition has another shape");
  return file;
}

Result<std::shared_ptr<arrow::Schema>> read_schema(const Members& members, const std::string& path) {
  MS_ASSIGN(auto bytes, members.binary("arrow_schema"));
  arrow::io::BufferReader reader(arrow::Buffer::FromString(std::move(bytes)));
  arrow::ipc::DictionaryMemo memo;
  auto schema = arrow::ipc::ReadSchema(&reader, &memo);
  if (!schema.ok()) return damaged(path, "the schema cannot be read");
  return std::move(schema).ValueUnsafe();
}

Result<Node> parse(const std::string& text, const std::string& path) {
  auto node = config::read_json(text, path, {.bytes = kMostBytes, .nodes = 50'000'000, .expanded_bytes = kMostBytes});
  if (!node) return damaged(path, node.error().message());
  MS_ASSIGN(const int64_t version, Members(*node, path).number("version"));
  if (version != kVersion)
    return Error(ErrorCode::unsupported,
                 fmt::format("{} has version {}; this program reads version {}", path, version, kVersion))
        .hint("use a newer Mainstem");
  return *std::move(node);
}

}  // namespace

std::string to_json(const Manifest& manifest) {
  JsonWriter json(1);
  json.begin_object()
      .member("version", kVersion)
      .member("sequence", manifest.sequence)
      .member("run_id", manifest.run_id)
      .member("published_at", manifest.published_at)
      .member("staging", manifest.staging)
      .member("format", manifest.format);
  write_schema(json, *manifest.schema);
  json.member("partition_by", manifest.partition_by);
  write_files(json, manifest.files);
  std::vector<std::string> removed;
  for (const auto& path : manifest.removed) removed.push_back(percent_encode(path));
  json.member("removed", removed);
  write_state(json, manifest.state);
  json.end_object();
  return json.take();
}

Result<Manifest> read_manifest(const std::string& text, const std::string& path) {
  MS_ASSIGN(const auto node, parse(text, path));
  const Members members(node, path);
  Manifest manifest;
  MS_ASSIGN(manifest.sequence, members.number("sequence"));
  MS_ASSIGN(manifest.run_id, members.text("run_id"));
  MS_ASSIGN(manifest.published_at, members.text("published_at"));
  MS_ASSIGN(manifest.staging, members.text("staging"));
  if (!stays_inside(manifest.staging)) return damaged(path, "the staging folder leads out of its folder");
  MS_ASSIGN(manifest.format, members.text("format"));
  MS_ASSIGN(manifest.schema, read_schema(members, path));
  MS_ASSIGN(manifest.partition_by, members.texts("partition_by"));
  for (const auto& column : manifest.partition_by)
    if (manifest.schema->GetFieldIndex(column) < 0) return damaged(path, "a partition column is not in the schema");
  MS_ASSIGN(const auto* files, members.items("files"));
  for (const auto& item : *files) {
    MS_ASSIGN(auto file, read_file(item, manifest.partition_by.size(), path));
    manifest.files.push_back(std::move(file));
  }
  MS_ASSIGN(const auto removed, members.texts("removed"));
  for (const auto& encoded : removed) {
    auto decoded = percent_decode(encoded);
    if (!decoded || !stays_inside(*decoded)) return damaged(path, "a removed file leads out of its folder");
    manifest.removed.push_back(*std::move(decoded));
  }
  MS_ASSIGN(manifest.state, read_state(node, path));
  return manifest;
}

std::string manifest_path(const std::string& folder) { return folder + "/_mainstem/manifest.json"; }

Result<std::optional<Manifest>> load_manifest(const std::string& folder) {
  const auto path = manifest_path(folder);
  auto text = io::read_text_file(path, kMostBytes);
  if (!text && text.error().code() == ErrorCode::not_found) return std::optional<Manifest>();
  if (!text) return std::move(text).error();
  MS_ASSIGN(auto manifest, read_manifest(*text, path));
  return std::optional(std::move(manifest));
}

std::string sidecar_path(const std::string& file) {
  const std::filesystem::path path(file);
  return (path.parent_path() / ("." + path.filename().string() + ".mainstem.json")).string();
}

std::string to_json(const connector::StateRecords& state) {
  JsonWriter json(1);
  json.begin_object().member("version", kVersion);
  write_state(json, state);
  json.end_object();
  return json.take();
}

Result<connector::StateRecords> load_sidecar(const std::string& path) {
  auto text = io::read_text_file(path, kMostBytes);
  if (!text && text.error().code() == ErrorCode::not_found) return connector::StateRecords();
  if (!text) return std::move(text).error();
  MS_ASSIGN(const auto node, parse(*text, path));
  return read_state(node, path);
}

connector::StateRecords merge_state(connector::StateRecords known, const connector::StateRecords& added,
                                    const std::string& target) {
  for (const auto& record : added) {
    if (record.target != target) continue;
    std::erase_if(known, [&record](const connector::StateRecord& old) {
      return old.pipeline == record.pipeline && old.source == record.source && old.target == record.target;
    });
    known.push_back(record);
  }
  return known;
}

}  // namespace mainstem::connectors::files
