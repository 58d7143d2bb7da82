#include "cli/terminal/terminal.h"

#include <algorithm>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace mainstem::cli::terminal {
namespace {

std::string_view code_of(Colour colour) {
  switch (colour) {
    case Colour::none: return "";
    case Colour::red: return "\x1b[31m";
    case Colour::green: return "\x1b[32m";
    case Colour::yellow: return "\x1b[33m";
    case Colour::blue: return "\x1b[34m";
    case Colour::grey: return "\x1b[90m";
    case Colour::bold: return "\x1b[1m";
  }
  return "";
}

bool is_terminal(std::FILE* stream) { return isatty(fileno(stream)) == 1; }

}  // namespace

Terminal::Terminal(std::FILE* out, std::FILE* err, bool colours_allowed)
    : out_(out),
      err_(err),
      out_colours_(colours_allowed && is_terminal(out)),
      err_colours_(colours_allowed && is_terminal(err)),
      interactive_(is_terminal(err)) {}

int Terminal::width() const {
  constexpr int kDefault = 160;
  winsize size{};
  for (auto* stream : {out_, err_})
    if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return std::clamp<int>(size.ws_col, 40, 400);
  return kDefault;
}

std::string Terminal::painted(bool colours, Colour colour, std::string_view text) {
  if (!colours || colour == Colour::none) return std::string(text);
  return fmt::format("{}{}\x1b[0m", code_of(colour), text);
}

void Terminal::print(std::string_view text) {
  const std::lock_guard lock(mutex_);
  std::fwrite(text.data(), 1, text.size(), out_);
  std::fflush(out_);
}

void Terminal::line(std::string_view text) { print(fmt::format("{}\n", text)); }

void Terminal::write_error(std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (drawn_lines_ > 0) std::fputs(fmt::format("\x1b[{}F\x1b[J", drawn_lines_).c_str(), err_);
  drawn_lines_ = 0;
  std::fwrite(text.data(), 1, text.size(), err_);
  std::fflush(err_);
}

void Terminal::note(std::string_view text) {
  if (!quiet_) write_error(fmt::format("{}\n", text));
}

void Terminal::warn(std::string_view text) {
  write_error(fmt::format("{} {}\n", paint_error(Colour::yellow, "warning:"), text));
}

void Terminal::error(const Error& error) {
  std::string text = paint_error(Colour::red, "error:") + " ";
  if (error.position()) text += paint_error(Colour::bold, error.position()->to_string()) + ": ";
  text += error.chain() + "\n";
  if (!error.hint().empty()) text += fmt::format("  {} {}\n", paint_error(Colour::blue, "hint:"), error.hint());
  write_error(text);
}

void Terminal::redraw(std::string_view text) {
  write_error(text);
  const std::lock_guard lock(mutex_);
  drawn_lines_ = static_cast<int>(std::ranges::count(text, '\n'));
}

bool Terminal::out_ok() const { return std::ferror(out_) == 0; }

}  // namespace mainstem::cli::terminal
