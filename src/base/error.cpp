#include "base/error.h"

#include <utility>

namespace mainstem {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_config: return "invalid_config";
    case ErrorCode::invalid_data: return "invalid_data";
    case ErrorCode::check_failed: return "check_failed";
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::already_exists: return "already_exists";
    case ErrorCode::unauthenticated: return "unauthenticated";
    case ErrorCode::permission_denied: return "permission_denied";
    case ErrorCode::unavailable: return "unavailable";
    case ErrorCode::rate_limited: return "rate_limited";
    case ErrorCode::timeout: return "timeout";
    case ErrorCode::cancelled: return "cancelled";
    case ErrorCode::conflict: return "conflict";
    case ErrorCode::resource_exhausted: return "resource_exhausted";
    case ErrorCode::unsupported: return "unsupported";
    case ErrorCode::internal: return "internal";
  }
  return "internal";
}

bool is_retryable(ErrorCode code) {
  return code == ErrorCode::unavailable || code == ErrorCode::rate_limited || code == ErrorCode::timeout ||
         code == ErrorCode::conflict;
}

std::string FilePosition::to_string() const {
  std::string text = file;
  if (line > 0) text += ":" + std::to_string(line);
  if (line > 0 && column > 0) text += ":" + std::to_string(column);
  return text;
}

Error&& Error::hint(std::string text) && {
  hint_ = std::move(text);
  return std::move(*this);
}

Error&& Error::at(FilePosition position) && {
  const bool known = !position.file.empty() || position.line > 0;
  if (!position_ && known) position_ = std::move(position);
  return std::move(*this);
}

Error&& Error::during(std::string activity) && {
  activities_.push_back(std::move(activity));
  return std::move(*this);
}

Error&& Error::retry_after(std::chrono::milliseconds pause) && {
  retry_after_ = pause;
  return std::move(*this);
}

std::string Error::chain() const {
  std::string text;
  for (auto it = activities_.rbegin(); it != activities_.rend(); ++it) text += *it + ": ";
  return text + message_;
}

std::string Error::to_string() const {
  std::string text;
  if (position_) text += position_->to_string() + ": ";
  text += chain();
  if (!hint_.empty()) text += " (" + hint_ + ")";
  return text;
}

}  // namespace mainstem
