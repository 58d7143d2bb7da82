#include "pipeline/files.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "config/yaml.h"

namespace mainstem::pipeline {

namespace fs = std::filesystem;

Result<std::string> read_text_file(const std::string& path) {
  constexpr size_t kMostBytes = 2 << 20;
  std::error_code failure;
  if (!fs::exists(path, failure)) return Error(ErrorCode::not_found, "no such file: '" + path + "'");
  if (fs::is_directory(path, failure)) return Error(ErrorCode::invalid_config, "a folder, not a file: '" + path + "'");
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return Error(ErrorCode::permission_denied, "cannot open '" + path + "'");
  std::string text(kMostBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) return Error(ErrorCode::unavailable, "cannot read '" + path + "'");
  text.resize(static_cast<size_t>(stream.gcount()));
  if (text.size() > kMostBytes)
    return Error(ErrorCode::resource_exhausted, "larger than 2 MiB: '" + path + "'")
        .hint("configuration and SQL files are small; data belongs into sources");
  return text;
}

Result<config::Node> read_yaml_file(const std::string& path) {
  MS_ASSIGN(const auto text, read_text_file(path));
  return config::read_yaml(text, path);
}

Result<std::vector<std::string>> list_yaml_files(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code failure;
  if (!fs::is_directory(folder, failure)) return paths;
  for (fs::directory_iterator it(folder, failure), end; !failure && it != end; it.increment(failure)) {
    const auto extension = it->path().extension();
    const bool hidden = it->path().filename().string().starts_with('.');
    if (!hidden && (extension == ".yaml" || extension == ".yml"))
      paths.push_back(it->path().lexically_normal().string());
  }
  if (failure) return Error(ErrorCode::unavailable, "cannot list '" + folder + "': " + failure.message());
  std::ranges::sort(paths);
  return paths;
}

std::string join_path(const std::string& directory, const std::string& path) {
  return (fs::path(directory) / path).lexically_normal().string();
}

}  // namespace mainstem::pipeline
