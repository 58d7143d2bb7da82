// How a file set is published, and why a kill at any point leaves either the old set or the new one, whole.
//
// A set is a folder with
//   _mainstem/manifest.json                    what the set holds: exactly the files it lists, and the state
//   _mainstem/lock                             held (flock) by the one run that publishes; freed by the system
//   _mainstem/staging/<run>/<sequence>/<file>  data files before they are moved
//   <file>                                     data files in their place, hive folders included
// Names of data files hold run and sequence; the sequence grows with each commit under the lock, so no name is used
// twice.
//
// Steps of a publish, by the holder of the lock:
//   1. Data files are written into the staging folder; each is fsynced, and so is every folder on the way.
//   2. The manifest, which lists the new files, and in `removed` those that the set loses, is written aside, fsynced
//   and
//      renamed to its name: the commit.
//   3. Every staged file is renamed to its place.
//   4. Every file of `removed` is deleted.
//   5. The staging folder is removed.
//
// A reader takes the manifest and looks for each listed file first in its place, then in the staging folder that the
// manifest names. It reads nothing else.
//
// Claim A: whenever a manifest is in force, each file it lists is in its place or in its staging folder.
//   At the commit its new files are in staging (1). Its older files were listed by the manifest before, are not in
//   `removed`, and are in their place, since no publish begins before the one before it has come through step 3
//   (`recover_set`). Afterwards only 3 touches them, by an atomic rename from one of the two places to the other; 4
//   deletes only what is not listed; 5 comes after 3.
// Claim B: a kill before the rename of 2 leaves the old set: the old manifest is in force, and 1 has touched none of
// its
//   files. What is staged is listed nowhere; the next publish, which gets the lock only when the dead one's is freed,
//   removes it.
// Claim C: a kill after the rename of 2 leaves the new set by Claim A. The staging folder named by the manifest still
//   exists exactly as long as 3 and 4 may be incomplete, because 5 is last. So the next publish, finding that folder,
//   repeats 3 and 4, both of which may be repeated; not finding it, it touches nothing, and a stranger's file that
//   later got the name of a removed one is safe.
// State travels in the manifest, hence it is published with the rows or not at all.

#include "connectors/files/publication.h"

#include <filesystem>
#include <set>

#include "io/durable.h"
#include "observability/context.h"

namespace mainstem::connectors::files {
namespace {

namespace fs = std::filesystem;

Result<void> move_files(Context& context, const std::string& folder, const Manifest& manifest) {
  const auto staging = folder + "/" + manifest.staging;
  for (const auto& file : manifest.files) {
    const auto from = staging + "/" + file.path;
    std::error_code failed;
    if (!fs::exists(from, failed)) continue;
    const auto to = folder + "/" + file.path;
    context.reached("files.commit.move");
    MS_TRY(io::create_folders(fs::path(to).parent_path().string()));
    MS_TRY(io::rename_durably(from, to));
  }
  return {};
}

Result<void> remove_files(Context& context, const std::string& folder, const Manifest& manifest) {
  std::set<fs::path> folders;
  for (const auto& path : manifest.removed) {
    context.reached("files.commit.remove");
    MS_TRY(io::remove_file(folder + "/" + path));
    for (auto parent = fs::path(path).parent_path(); !parent.empty(); parent = parent.parent_path())
      folders.insert(parent);
  }
  // Children sort behind their parents. A folder that still holds something stays; that is no mistake.
  for (auto it = folders.rbegin(); it != folders.rend(); ++it) {
    std::error_code ignored;
    const auto path = folder / *it;
    if (fs::is_empty(path, ignored) && !ignored) fs::remove(path, ignored);
  }
  return {};
}

Result<void> roll_forward(Context& context, const std::string& folder, const Manifest& manifest) {
  MS_TRY(move_files(context, folder, manifest));
  MS_TRY(remove_files(context, folder, manifest));
  context.reached("files.commit.cleaned");
  const fs::path staging = fs::path(folder) / manifest.staging;
  MS_TRY(io::remove_folder(staging.string()));
  std::error_code ignored;
  fs::remove(staging.parent_path(), ignored);
  fs::remove(staging.parent_path().parent_path(), ignored);
  return {};
}

}  // namespace

Result<void> publish_set(Context& context, const std::string& folder, const Manifest& manifest) {
  context.reached("files.commit.begin");
  MS_TRY(io::write_text_file(manifest_path(folder), to_json(manifest)));
  context.reached("files.commit.manifest");
  if (auto done = roll_forward(context, folder, manifest); !done)
    context.log.warn("a published file set is not tidied up; the next run will do it",
                     {{"folder", folder}, {"error", done.error().to_string()}});
  context.reached("files.commit.end");
  return {};
}

Result<void> recover_set(Context& context, const std::string& folder, const Manifest& manifest) {
  std::error_code failed;
  const auto staging = folder + "/" + manifest.staging;
  if (!fs::exists(staging, failed)) return {};
  MS_TRY_DURING(roll_forward(context, folder, manifest), "finishing the publish of run " + manifest.run_id);
  context.log.info("finished the publish of a run that was stopped", {{"folder", folder}, {"run", manifest.run_id}});
  return {};
}

}  // namespace mainstem::connectors::files
