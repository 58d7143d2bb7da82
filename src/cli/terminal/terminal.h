#pragma once

#include <cstdio>
#include <mutex>
#include <string>
#include <string_view>

#include "base/error.h"

namespace mainstem::cli::terminal {

enum class Colour { none, red, green, yellow, blue, grey, bold };

/// Where a command speaks: results on standard output, everything else on standard error. Thread-safe.
class Terminal {
 public:
  /// Looks at both streams and at `environment` (NO_COLOR, TERM). Colours and bars appear on a terminal only.
  Terminal(std::FILE* out, std::FILE* err, bool colours_allowed);

  void set_json(bool json) { json_ = json; }
  void set_quiet(bool quiet) { quiet_ = quiet; }
  bool json() const { return json_; }
  bool quiet() const { return quiet_; }
  /// Whether a person sees standard error as it is written, so that bars can be drawn.
  bool interactive() const { return interactive_ && !quiet_ && !json_; }
  /// Columns of the terminal; 160 where there is none.
  int width() const;

  /// A result, as it stands.
  void print(std::string_view text);
  /// A result's line.
  void line(std::string_view text);
  /// Something to know beside the result; not with --quiet.
  void note(std::string_view text);
  void warn(std::string_view text);
  void error(const Error& error);
  /// Replaces the last `lines` lines that were drawn on standard error by `text`. For bars.
  void redraw(std::string_view text);

  /// `text` in a colour where standard output (or standard error) shows colours.
  std::string paint(Colour colour, std::string_view text) const { return painted(out_colours_, colour, text); }
  std::string paint_error(Colour colour, std::string_view text) const { return painted(err_colours_, colour, text); }
  /// False once standard output could not be written (a closed pipe, a full disk).
  bool out_ok() const;

 private:
  static std::string painted(bool colours, Colour colour, std::string_view text);
  void write_error(std::string_view text);

  std::FILE* out_;
  std::FILE* err_;
  bool out_colours_;
  bool err_colours_;
  bool interactive_;
  bool json_ = false;
  bool quiet_ = false;
  std::mutex mutex_;
  int drawn_lines_ = 0;
};

}  // namespace mainstem::cli::terminal
