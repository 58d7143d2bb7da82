#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mainstem::cli::terminal {

struct Column {
  std::string title;
  bool right = false;  ///< numbers
};

/// Rows of texts under titles, columns aligned, as wide as needed and no wider than `width`: what is too long is cut
/// with "…". Line breaks and control characters in cells are shown as blanks. Ends with a line break.
std::string draw_table(const std::vector<Column>& columns, const std::vector<std::vector<std::string>>& rows,
                       int width);

/// Columns of the terminal that such a table takes if nothing is cut.
int table_width(const std::vector<Column>& columns, const std::vector<std::vector<std::string>>& rows);
/// The rows below each other, a line a cell with its title before it, for what is too wide for a table. Nothing is cut.
std::string draw_records(const std::vector<Column>& columns, const std::vector<std::vector<std::string>>& rows);

/// One bar a row, the longest filling what `width` leaves beside labels and numbers: of eighths of a block, and where
/// there are negative values, to the left and right of a line for zero.
struct Bar {
  std::string label;
  double value = 0;
  std::string shown;  ///< the value as text
};
std::string draw_bars(const std::vector<Bar>& bars, int width);

/// Columns that a text takes on a terminal: UTF-8 sequences count once, wide East Asian ones twice.
int display_width(std::string_view text);
/// At most `width` columns of a text, "…" standing for what is cut.
std::string fitted(std::string_view text, int width);

/// "1,234,567".
std::string with_separators(int64_t number);
/// "1.2 MB", decimal units, two or three significant digits.
std::string short_bytes(int64_t bytes);
/// "850 ms", "12.4 s", "3 min 05 s".
std::string short_seconds(double seconds);

}  // namespace mainstem::cli::terminal
