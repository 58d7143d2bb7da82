#pragma once

#include <string>

#include "base/result.h"
#include "connectors/files/manifest.h"

namespace mainstem {
struct Context;
}

namespace mainstem::connectors::files {

/// Publishes a file set: its data files stand sealed and durable in `manifest.staging`, the caller holds the set's lock
/// and has recovered the set. See publication.cpp for the protocol and its proof. Calls `context.reached` with
/// "files.commit.begin", "files.commit.manifest" (committed), "files.commit.move" (before each file that is moved),
/// "files.commit.remove" (before each that is removed), "files.commit.cleaned", "files.commit.end".
/// Errors before the manifest's rename: nothing is published. Errors behind it are told as warnings: the set is
/// published, and the next `recover_set` ends what is left.
Result<void> publish_set(Context& context, const std::string& folder, const Manifest& manifest);

/// Ends a publish that was stopped behind its commit. The caller holds the set's lock. Can be repeated.
Result<void> recover_set(Context& context, const std::string& folder, const Manifest& manifest);

}  // namespace mainstem::connectors::files
