#include "connectors/files/options.h"

namespace mainstem::connectors::files {

const config::Fields<ConnectionOptions>& connection_fields() {
  using O = ConnectionOptions;
  static const auto fields = config::Fields<O>().optional(
      "path", &O::path, "Folder that relative paths start from. Default: the current directory.",
      {.examples = {"data", "/srv/exports"}});
  return fields;
}

const config::Fields<SourceOptions>& source_fields() {
  using O = SourceOptions;
  static const auto fields =
      config::Fields<O>()
          .optional(
              "path", &O::path,
              "File, folder or pattern (*, ?, [a-z], ** for any folders), or a list of them; - is standard input.",
              {.examples = {"orders.csv", "drops/*.csv.gz", "lake/events"}})
          .optional("format", &O::format, "Format of the files. Default: as their names end, before .gz or .zst.",
                    {.examples = {"csv"}})
          .optional("compression", &O::compression, "How the files are compressed; auto: as their content says.")
          .optional("hive_partitioning", &O::hive_partitioning,
                    "Make columns of folder names such as dt=2026-01-01. auto: if there are such folders.")
          .optional("file_name_column", &O::file_name_column, "Name of a further column that holds each row's file.");
  return fields;
}

const config::Fields<TargetOptions>& target_fields() {
  using O = TargetOptions;
  static const auto fields =
      config::Fields<O>()
          .optional("path", &O::path, "File or folder to write; - is standard output.",
                    {.examples = {"out/kpis.csv", "lake/events"}})
          .optional("format", &O::format, "Format to write. Default: as the name ends; in a folder, as before.",
                    {.examples = {"parquet"}})
          .optional("compression", &O::compression, "How to compress whole files; auto: as the name ends.")
          .optional(
              "place", &O::place,
              "One file, or a folder of files with a manifest. auto: a file if the name ends as one, no folder has "
              "that name and there is no partition_by.")
          .optional("max_file_size", &O::max_file_size, "In a folder, a file that reaches this size is ended.",
                    {.min = 1})
          .optional("max_open_files", &O::max_open_files,
                    "In a folder, how many files one writer keeps open at a time.", {.min = 1, .max = 10000})
          .optional("overwrite", &O::overwrite,
                    "Replace a folder that holds files Mainstem did not write; these are deleted.");
  return fields;
}

}  // namespace mainstem::connectors::files
