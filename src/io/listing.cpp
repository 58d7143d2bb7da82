#include "io/listing.h"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <fmt/format.h>
#include <limits>
#include <memory>
#include <set>
#include <sys/stat.h>
#include <tuple>
#include <utility>

#include "io/system_error.h"
#include "observability/context.h"

namespace mainstem::io {
namespace {

struct Entry {
  std::string name;
  struct stat facts{};
};

// A folder on the way, and the part of the pattern it is walked for.
using Visit = std::tuple<dev_t, ino_t, size_t>;
constexpr size_t kNoPart = std::numeric_limits<size_t>::max();

std::string join(const std::string& folder, const std::string& name) {
  if (folder.empty()) return name;
  return folder.ends_with('/') ? folder + name : folder + "/" + name;
}

ListedFile listed(std::string path, const struct stat& facts, std::string root) {
  return {.path = std::move(path),
          .size = S_ISREG(facts.st_mode) ? facts.st_size : 0,
          .modified_ns = facts.st_mtim.tv_sec * 1'000'000'000LL + facts.st_mtim.tv_nsec,
          .root = std::move(root)};
}

Result<std::vector<std::string>> names_in(const std::string& folder) {
  DIR* handle = ::opendir(folder.empty() ? "." : folder.c_str());
  if (handle == nullptr) return system_error(errno, "cannot list folder " + folder);
  const std::unique_ptr<DIR, int (*)(DIR*)> closer(handle, ::closedir);
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(handle);
    if (entry == nullptr) break;
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(std::move(name));
  }
  if (errno != 0) return system_error(errno, "cannot list folder " + folder);
  std::ranges::sort(names);
  return names;
}

// What matches one pattern or lies below one folder, gathered depth first.
class Scan {
 public:
  explicit Scan(Context& context) : context_(context) {}

  // Everything below `folder` that is not hidden.
  Result<void> below(const std::string& folder, const std::string& root) {
    MS_ASSIGN(const auto visit, enter(folder, kNoPart));
    if (!visit) return {};
    MS_ASSIGN(const auto entries, visible(folder));
    for (const auto& entry : entries) {
      const auto path = join(folder, entry.name);
      if (S_ISDIR(entry.facts.st_mode))
        MS_TRY(below(path, root));
      else
        add(listed(path, entry.facts, root));
    }
    open_.erase(*visit);
    return {};
  }

  // Parts [at, end) of a pattern, in `folder`.
  Result<void> match(const std::string& folder, const std::vector<std::string>& parts, size_t at) {
    const auto& part = parts[at];
    const bool last = at + 1 == parts.size();
    if (part == "**") return last ? below(folder, "") : match_at_any_depth(folder, parts, at);
    MS_ASSIGN(const auto entries, matching(folder, part));
    for (const auto& entry : entries) {
      const auto path = join(folder, entry.name);
      const bool is_folder = S_ISDIR(entry.facts.st_mode);
      if (is_folder && !last) MS_TRY(match(path, parts, at + 1));
      if (is_folder && last) ++folders_;
      if (!is_folder && last) add(listed(path, entry.facts, ""));
    }
    return {};
  }

  std::vector<ListedFile> take() {
    std::ranges::sort(files_, {}, &ListedFile::path);
    return std::move(files_);
  }
  int64_t folders() const { return folders_; }

 private:
  void add(ListedFile file) {
    if (seen_.insert(file.path).second) files_.push_back(std::move(file));
  }

  Result<std::vector<Entry>> matching(const std::string& folder, const std::string& part) {
    std::vector<Entry> entries;
    if (!is_pattern(part)) {
      Entry entry{.name = part};
      if (::stat(join(folder, part).c_str(), &entry.facts) == 0) {
        entries.push_back(std::move(entry));
      } else if (errno != ENOENT && errno != ENOTDIR) {
        return system_error(errno, "cannot open " + join(folder, part));
      }
      return entries;
    }
    return look(folder, [&part](const std::string& name) {
      return (!name.starts_with('.') || part.starts_with('.')) && matches_name(part, name);
    });
  }

  template <class Wanted>
  Result<std::vector<Entry>> look(const std::string& folder, const Wanted& wanted) {
    MS_TRY(context_.cancellation.check());
    MS_ASSIGN(const auto names, names_in(folder));
    std::vector<Entry> entries;
    for (const auto& name : names) {
      if (!wanted(name)) continue;
      Entry entry{.name = name};
      if (::stat(join(folder, name).c_str(), &entry.facts) != 0)
        return system_error(errno, "cannot open " + join(folder, name));
      entries.push_back(std::move(entry));
    }
    return entries;
  }

  Result<void> match_at_any_depth(const std::string& folder, const std::vector<std::string>& parts, size_t at) {
    MS_ASSIGN(const auto visit, enter(folder, at));
    if (!visit) return {};
    MS_TRY(match(folder, parts, at + 1));
    MS_ASSIGN(const auto entries, visible(folder));
    for (const auto& entry : entries)
      if (S_ISDIR(entry.facts.st_mode)) MS_TRY(match(join(folder, entry.name), parts, at));
    open_.erase(*visit);
    return {};
  }

  // Marks a folder as being walked for a part; nothing if it is already: a link leads back to it.
  Result<std::optional<Visit>> enter(const std::string& folder, size_t at) {
    struct stat facts{};
    if (::stat(folder.empty() ? "." : folder.c_str(), &facts) != 0)
      return system_error(errno, "cannot list folder " + folder);
    Visit visit{facts.st_dev, facts.st_ino, at};
    if (!open_.insert(visit).second) return std::optional<Visit>();
    return std::optional(visit);
  }

  Result<std::vector<Entry>> visible(const std::string& folder) {
    return look(folder, [](const std::string& name) { return name.front() != '.' && name.front() != '_'; });
  }

  Context& context_;
  std::vector<ListedFile> files_;
  std::set<std::string> seen_;
  std::set<Visit> open_;
  int64_t folders_ = 0;
};

std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const size_t end = std::min(path.find('/'), path.size());
    if (end > 0) parts.emplace_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return parts;
}

Result<std::vector<ListedFile>> list_pattern(Context& context, const std::string& pattern) {
  Scan scan(context);
  MS_TRY(scan.match(pattern.starts_with('/') ? "/" : "", parts_of(pattern), 0));
  auto files = scan.take();
  if (!files.empty()) return files;
  Error error(ErrorCode::not_found, "no file matches " + pattern);
  if (scan.folders() == 0) return error;
  return std::move(error).hint(fmt::format("only folders match; {}/** means the files in them", pattern));
}

}  // namespace

Result<std::vector<ListedFile>> list_files(Context& context, const std::string& path) {
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0) {
    if (errno == ENOENT && is_pattern(path)) return list_pattern(context, path);
    return system_error(errno, "cannot open " + path);
  }
  if (!S_ISDIR(facts.st_mode)) return std::vector<ListedFile>{listed(path, facts, "")};
  Scan scan(context);
  MS_TRY(scan.below(path, path));
  auto files = scan.take();
  if (files.empty())
    return Error(ErrorCode::not_found, "no file in folder " + path)
        .hint("names that begin with '.' or '_' are left out when a folder is read");
  return files;
}

Result<ListedFile> list_file(const std::string& path) {
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0) return system_error(errno, "cannot open " + path);
  if (S_ISDIR(facts.st_mode)) return Error(ErrorCode::invalid_config, path + " is a folder, and a file is wanted here");
  return listed(path, facts, "");
}

}  // namespace mainstem::io
