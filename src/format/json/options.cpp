#include "format/json/options.h"

namespace mainstem::format::json {

const config::Fields<ReadOptions>& read_fields() {
  static const auto fields =
      config::Fields<ReadOptions>()
          .optional("layout", &ReadOptions::layout,
                    "How records are laid out: one object a line, the elements of one array, or one or more objects on "
                    "as many lines as they like. Found out by extension and content if not given.")
          .optional("records", &ReadOptions::records,
                    "Names that lead to the array of records in a document that wraps them, with dots between.",
                    {.examples = {"data.items"}})
          .optional("flatten", &ReadOptions::flatten,
                    "Gives each member of a nested object a column of its own instead of one struct column.")
          .optional("separator", &ReadOptions::separator, "Stands between the names of a flattened column.",
                    {.examples = {"_", "."}})
          .optional(
              "infer_dates", &ReadOptions::infer_dates,
              "Makes a column of text that holds nothing but ISO 8601 dates, or nothing but timestamps, a date or "
              "timestamp column.")
          .optional("max_depth", &ReadOptions::max_depth, "Records nested deeper are rejected.",
                    {.min = 1, .max = 1000})
          .optional("max_record", &ReadOptions::max_record, "Records of more bytes are rejected.");
  return fields;
}

const config::Fields<WriteOptions>& write_fields() {
  static const auto fields =
      config::Fields<WriteOptions>()
          .optional("layout", &WriteOptions::layout, "One object a line, or one array of objects; 'auto' means lines.")
          .optional("not_finite", &WriteOptions::not_finite,
                    "What becomes of NaN and infinities, which JSON cannot hold: an error or null.");
  return fields;
}

}  // namespace mainstem::format::json
