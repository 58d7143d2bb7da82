#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/run_context.h"
#include "app/services.h"
#include "config/node.h"
#include "connector/sink.h"
#include "pipeline/spec.h"

namespace mainstem::app::copy {

/// One-off move from one address to another.
struct CopyRequest {
  std::string from;
  std::string to;
  std::optional<connector::WriteMode> mode;
  std::vector<std::string> key;
  std::vector<std::string> partition_by;
  std::vector<std::string> columns;  ///< "name:type"
  std::vector<std::string> select;   ///< columns
  std::string where;
  std::string format;                   ///< of the source
  std::string to_format;                ///< of the target
  std::optional<std::string> bad_rows;  ///< as budget.bad_rows
  /// Options of the connectors and formats by their own names; each goes to the side that knows it, "from_" or "to_"
  /// before the name says which where both do.
  config::Node options;
  std::vector<std::string> own_options;  ///< names of the caller's options, which a mistyped one may have meant
};

/// What a copy amounts to: a project in memory with the connections "source" and "target" and one pipeline named
/// "copy".
struct CopyPlan {
  pipeline::Project project;
  std::string from;  ///< addresses without passwords
  std::string to;
  bool password_in_address = false;
  bool budget_given = false;
};

/// Understands the request; a table pattern ("#*") is looked up in the source and makes one target a table.
/// Errors: invalid_config, and what discovery says.
Result<CopyPlan> plan_copy(Context& context, const Services& services, const CopyRequest& request);

/// Address of the rows that a copy has put into quarantine; `place` is that of its result.
std::string quarantine_address(const CopyPlan& plan, const std::string& place);

/// The same as the two files of a project: mainstem.yaml with secrets as references, and the pipeline file.
struct SavedProject {
  std::string project;
  std::string pipeline;
};
/// Paths, which are relative to the working folder, are written relative to `folder`, where the project will stand.
SavedProject save_copy(const CopyPlan& plan, const std::string& folder);

}  // namespace mainstem::app::copy
