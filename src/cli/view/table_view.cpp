#include "cli/view/table_view.h"

#include <algorithm>
#include <arrow/api.h>
#include <charconv>
#include <fmt/format.h>

#include "app/inspect/cells.h"
#include "app/inspect/look.h"
#include "cli/syntax/parse.h"
#include "cli/terminal/table.h"
#include "columnar/wider_type.h"

namespace mainstem::cli::view {
namespace {

constexpr int64_t kRowsOfTable = 100;

using Cells = std::vector<std::vector<std::string>>;

Result<int> column_index(const arrow::Schema& schema, const std::string& name) {
  const int index = schema.GetFieldIndex(name);
  if (index >= 0) return index;
  return Error(ErrorCode::invalid_config, fmt::format("--chart: no column '{}'", name))
      .hint(fmt::format("columns: {}", fmt::join(schema.field_names(), ", ")));
}

Result<std::string> chart(const arrow::Schema& schema, const Cells& cells, const std::string& columns, int width) {
  const auto names = syntax::split_list({columns});
  if (names.size() != 2)
    return Error(ErrorCode::invalid_config, "--chart needs two columns").hint("for example --chart country,revenue");
  MS_ASSIGN(const int label, column_index(schema, names[0]));
  MS_ASSIGN(const int value, column_index(schema, names[1]));
  std::vector<terminal::Bar> bars;
  for (const auto& row : cells) {
    terminal::Bar bar{.label = row[static_cast<size_t>(label)], .shown = row[static_cast<size_t>(value)]};
    std::from_chars(bar.shown.data(), bar.shown.data() + bar.shown.size(), bar.value);
    bars.push_back(std::move(bar));
  }
  // Longer bars than that are hard to compare.
  constexpr int kMostColumns = 100;
  return terminal::draw_bars(bars, std::min(width, kMostColumns));
}

}  // namespace

int64_t ViewArguments::most_rows(const terminal::Terminal& terminal) const {
  const bool is_table = !terminal.json() && format == "table";
  return limit.value_or(is_table ? kRowsOfTable : -1);
}

const config::Fields<ViewArguments>& view_fields() {
  static const auto fields =
      config::Fields<ViewArguments>()
          .optional("limit", &ViewArguments::limit, "Most rows to show. Default: 100 of a table, all in a file format.",
                    {.min = 0})
          .optional("format", &ViewArguments::format, "table, or a file format such as csv or json.")
          .optional("chart", &ViewArguments::chart, "Two columns, LABEL,VALUE: draws a bar a row.",
                    {.type = "columns"});
  return fields;
}

Result<void> show_rows(terminal::Terminal& terminal, Context& context, const arrow::Table& rows,
                       const ViewArguments& view) {
  if (terminal.json() || view.format != "table")
    return app::inspect::write_formatted(context, rows, terminal.json() ? "ndjson" : view.format);
  MS_ASSIGN(const auto found, app::inspect::cells_of(rows));
  std::vector<std::vector<std::string>> cells;
  for (const auto& row : found) {
    auto& shown = cells.emplace_back();
    for (const auto& cell : row) shown.push_back(cell.value_or(""));
  }
  std::vector<terminal::Column> columns;
  for (const auto& field : rows.schema()->fields())
    columns.push_back({.title = field->name(), .right = columnar::is_number(*field->type())});
  // What a table leaves of a cell where there is no room for more.
  constexpr int kLeastColumn = 10;
  const int needed =
      view.whole ? terminal::table_width(columns, cells) : kLeastColumn * static_cast<int>(columns.size());
  if (needed > terminal.width())
    terminal.print(terminal::draw_records(columns, cells));
  else
    terminal.print(terminal::draw_table(columns, cells, terminal.width()));
  if (const auto most = view.most_rows(terminal); rows.num_rows() == most)
    terminal.note(most == 1 ? "(the first row; --limit shows more)"
                            : fmt::format("(the first {} rows; --limit shows more)", most));
  if (view.chart.empty()) return {};
  MS_ASSIGN(const auto bars, chart(*rows.schema(), cells, view.chart, terminal.width()));
  terminal.print("\n" + bars);
  return {};
}

}  // namespace mainstem::cli::view
