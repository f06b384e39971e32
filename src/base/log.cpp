#include "base/log.h"

#include <string>

namespace banter {

std::string_view to_text(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::error: return "error";
    case LogLevel::warning: return "warning";
    case LogLevel::info: return "info";
    case LogLevel::debug: return "debug";
  }
  return "";
}

namespace base {

std::string describe(const DisconnectReason& reason) {
  std::string text(reason.text());
  if (!reason.detail.empty()) text.append(": ").append(reason.detail);
  text.append(" (by ").append(to_text(reason.by)).append(", ").append(to_text(reason.layer));
  if (reason.close_code != 0) text.append(" ").append(std::to_string(reason.close_code));
  text.append("; heard of ").append(std::to_string(reason.idle.count())).append(" ms ago, ");
  return text.append(std::to_string(reason.queued)).append(" bytes waiting)");
}

}  // namespace base

}  // namespace banter
