#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/csv/options.h"
#include "format/csv/record_stream.h"

namespace mainstem::format::csv {

/// How all inputs of a scan are laid out.
struct Layout {
  Dialect dialect;
  bool header = false;
  std::vector<std::string> names;         ///< distinct without regard to letter case
  std::vector<std::string> header_cells;  ///< as found; every further file must have the same
};

/// The beginning of a file, behind the lines to skip. Decoded; 64 bytes behind the text are readable.
struct Sample {
  std::vector<uint8_t> text;
  size_t size = 0;
  bool whole = false;  ///< nothing follows
  Place place;         ///< of the text's beginning
};

/// True if the name says that tabs stand between fields.
bool is_tsv(std::string_view file_name);

/// Reads at least `bytes` of text, if there are so many. Errors: those of reading.
Result<Sample> take_sample(const SourceFile& source, int64_t skip_lines, size_t bytes);

/// Takes so many lines off the end of a file; a line break at the very end belongs to the last one.
Result<void> leave_out_footer(SourceFile& source, int64_t lines);

/// Finds delimiter, header and names. Refuses where the evidence is thin: no delimiter or several would do, or the
/// records disagree on the number of fields. Errors: invalid_data saying what was seen and which option to give.
Result<Layout> detect_layout(const Sample& sample, const ReadOptions& options, const std::string& file_name);

/// Where the data of a file begin: behind its header, whose names must be those of the layout.
Result<Place> find_data(const SourceFile& source, const Sample& sample, const Layout& layout);

/// True if the sample holds one whole record at least, or everything there is.
bool holds_record(const Sample& sample, const Layout& layout);

/// The value of a field as written: blanks and quotes taken off. `quoted` may be null.
std::string field_text(const Dialect& dialect, std::string_view field, bool* quoted = nullptr);

}  // namespace mainstem::format::csv
