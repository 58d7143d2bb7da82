#include "app/result_json.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "pipeline/schema.h"

namespace mainstem::cli {
namespace {

struct SchemaArguments : CommonArguments {
  std::string kind;
};

const config::Fields<SchemaArguments>& schema_fields() {
  static const auto fields =
      config::Fields<SchemaArguments>()
          .required("kind", &SchemaArguments::kind, "project (mainstem.yaml), pipeline, test, or result (--json).")
          .include(common_fields());
  return fields;
}

Result<int> run(Session& session, const SchemaArguments& arguments) {
  std::string text;
  if (arguments.kind == "project")
    text = pipeline::project_schema(session.services.connectors);
  else if (arguments.kind == "pipeline")
    text = pipeline::pipeline_schema(session.services.connectors);
  else if (arguments.kind == "test")
    text = pipeline::test_schema();
  else if (arguments.kind == "result")
    text = app::result_schema();
  else
    return Error(ErrorCode::invalid_config, "no schema is called '" + arguments.kind + "'")
        .hint("known: project, pipeline, test, result");
  session.terminal.print(text.ends_with('\n') ? text : text + "\n");
  return kOk;
}

}  // namespace

Command schema_command() {
  return syntax::make_command<SchemaArguments>(
      {.name = "schema",
       .summary = "Print the JSON Schema of a kind of file, for completion in editors.",
       .positionals = {"kind"},
       .examples = {{"schema pipeline > .mainstem/pipeline.schema.json", "for the YAML language server"}}},
      schema_fields(), run);
}

}  // namespace mainstem::cli
