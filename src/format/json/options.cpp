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
          .optional("nested", &ReadOptions::nested,
                    "What becomes of objects and lists inside of records. keep: struct and list columns. flatten: each "
                    "member of an object is a column of its own. split: the same, and lists are left out, because each "
                    "is a table of its own that `rows` reads.")
          .optional("separator", &ReadOptions::separator, "Stands between the names of a flattened column.",
                    {.examples = {"_", "."}})
          .optional(
              "rows", &ReadOptions::rows,
              "Names that lead from a record to a list inside of it, with dots between: each element of the list is a "
              "row. Elements that are no objects have one column, `value`. Further columns: `_parent`, the record's "
              "number in its file, from 1, and `_index`, the row's place among all rows of the record, from 1.",
              {.examples = {"items", "orders.items"}})
          .optional("keys", &ReadOptions::keys,
                    "With `rows`: fields of the record, or of what encloses the list, that each row gets as its first "
                    "columns; 'id as order_id' gives a column another name.",
                    {.examples = {"[order_id]", "[customer.id, orders.no as order_no]"}})
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
