#include "connectors/files/leftovers.h"

#include <algorithm>
#include <filesystem>

#include "connectors/files/manifest.h"
#include "connectors/files/publication.h"
#include "io/durable.h"
#include "io/file_lock.h"
#include "io/output.h"
#include "observability/context.h"

namespace mainstem::connectors::files {
namespace {

namespace fs = std::filesystem;

constexpr int kDeepest = 16;

// The run of a staging folder that nobody holds; empty if there is none, or if its run lives.
Result<std::vector<std::string>> dead_runs(const std::string& folder) {
  std::vector<std::string> runs;
  std::error_code failed;
  const auto staging = fs::path(folder) / "_mainstem/staging";
  if (!fs::is_directory(staging, failed)) return runs;
  MS_ASSIGN(const auto lock, io::FileLock::try_lock(folder + "/_mainstem/lock"));
  if (!lock) return runs;
  for (const auto& entry : fs::directory_iterator(staging, failed)) runs.push_back(entry.path().filename());
  return runs;
}

// Staging of the last publish may still hold files that the manifest lists; these are moved, not removed.
Result<void> clear_staging(Context& context, const std::string& folder) {
  MS_ASSIGN(const auto lock, io::FileLock::try_lock(folder + "/_mainstem/lock"));
  if (!lock) return {};
  MS_ASSIGN(const auto manifest, load_manifest(folder));
  if (manifest) MS_TRY(recover_set(context, folder, *manifest));
  return io::remove_folder(folder + "/_mainstem/staging");
}

}  // namespace

Result<Findings> look_through(Context& context, const std::string& base) {
  Findings found;
  std::error_code failed;
  const auto root = fs::absolute(base.empty() ? "." : base).lexically_normal();
  auto it = fs::recursive_directory_iterator(root, fs::directory_options::skip_permission_denied, failed);
  for (; !failed && it != fs::recursive_directory_iterator(); it.increment(failed)) {
    MS_TRY(context.cancellation.check());
    const auto name = it->path().filename().string();
    std::error_code ignored;
    if (it->is_directory(ignored)) {
      if (name == "_mainstem") found.sets.push_back(it->path().parent_path().string());
      const bool passed_over = name.starts_with('.') || name.starts_with('_') || name.find('=') != std::string::npos;
      if (passed_over || it.depth() >= kDeepest) it.disable_recursion_pending();
    } else if (io::is_unpublished_name(name)) {
      found.unpublished.push_back(it->path().string());
    }
  }
  for (auto* paths : {&found.sets, &found.unpublished}) std::ranges::sort(*paths);
  for (auto& folder : found.sets)
    if (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  return found;
}

Result<std::vector<connector::Orphan>> find_orphans(Context& context, const std::string& base) {
  MS_ASSIGN(const auto found, look_through(context, base));
  std::vector<connector::Orphan> orphans;
  for (const auto& folder : found.sets) {
    MS_ASSIGN(const auto runs, dead_runs(folder));
    for (const auto& run : runs) orphans.push_back({.name = folder + "/_mainstem/staging/" + run, .run_id = run});
  }
  for (const auto& path : found.unpublished)
    if (io::is_abandoned(path)) orphans.push_back({.name = path, .run_id = ""});
  return orphans;
}

Result<void> remove_orphans(Context& context, const std::vector<connector::Orphan>& orphans) {
  for (const auto& orphan : orphans) {
    MS_TRY(context.cancellation.check());
    const auto at = orphan.name.rfind("/_mainstem/staging/");
    if (at != std::string::npos) {
      MS_TRY(clear_staging(context, orphan.name.substr(0, at)));
    } else if (io::is_unpublished_name(fs::path(orphan.name).filename().string()) && io::is_abandoned(orphan.name)) {
      MS_TRY(io::remove_file(orphan.name));
    }
  }
  return {};
}

}  // namespace mainstem::connectors::files
