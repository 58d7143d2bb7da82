#include "format/xml/options.h"

#include <algorithm>

namespace mainstem::format::xml {

const config::Fields<ReadOptions>& read_fields() {
  static const auto fields =
      config::Fields<ReadOptions>()
          .optional("row", &ReadOptions::row,
                    "The elements that are rows: a path from the root, or a name at any depth. Without it they are the "
                    "only repeated element directly below the root; others there are told and not read.",
                    {.examples = {"/catalog/book", "book"}})
          .optional("attribute_prefix", &ReadOptions::attribute_prefix,
                    "Stands before the names of columns that come from attributes.", {.examples = {"@"}})
          .optional("keep_namespaces", &ReadOptions::keep_namespaces,
                    "Keeps the namespace prefixes of names ('dc:title'); else columns have local names ('title').")
          .optional(
              "infer_dates", &ReadOptions::infer_dates,
              "Makes a column of text that holds nothing but ISO 8601 dates, or nothing but timestamps, a date or "
              "timestamp column.")
          .optional("max_depth", &ReadOptions::max_depth, "Rows nested deeper are rejected.", {.min = 1, .max = 200})
          .optional("max_record", &ReadOptions::max_record,
                    "Rows of more bytes are rejected; each element and attribute counts for at least 64 bytes.")
          .optional("max_attribute", &ReadOptions::max_attribute,
                    "Rows with an attribute of more bytes are rejected; attributes of more than 10 MB are errors.");
  return fields;
}

const config::Fields<WriteOptions>& write_fields() {
  static const auto fields =
      config::Fields<WriteOptions>()
          .optional("root", &WriteOptions::root, "Name of the element around all rows.", {.examples = {"catalog"}})
          .optional("row", &WriteOptions::row, "Name of the element of each row.", {.examples = {"book"}});
  return fields;
}

Result<RowPath> parse_row_path(const std::string& row) {
  RowPath path;
  if (row.empty()) return path;
  path.anywhere = row.front() != '/';
  for (size_t first = path.anywhere ? 0 : 1; first <= row.size();) {
    const size_t slash = std::min(row.find('/', first), row.size());
    path.steps.push_back(row.substr(first, slash - first));
    first = slash + 1;
  }
  const bool empty_step = std::find(path.steps.begin(), path.steps.end(), "") != path.steps.end();
  if (empty_step || (path.anywhere && path.steps.size() > 1))
    return Error(ErrorCode::invalid_config, "option 'row' is neither a path nor a name: '" + row + "'")
        .hint("write a path from the root such as /catalog/book, or one name such as book");
  return path;
}

}  // namespace mainstem::format::xml
