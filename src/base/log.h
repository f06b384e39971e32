// The way of a line to the application's log handler.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "banter/function.h"
#include "banter/log.h"

namespace banter::base {

// Silent until set() was called. Shared by all Workers of a server, whose handler any of them may call.
class Log {
 public:
  // Before anything is written.
  void set(LogLevel most, Function<void(const LogRecord&)> handler) {
    most_ = most;
    handler_ = std::move(handler);
  }

  // To be asked before a line is put together: what nobody hears costs this question.
  [[nodiscard]] bool wants(LogLevel level) const noexcept { return handler_ && level <= most_; }

  // What the handler throws is dropped: there is nobody left to tell.
  void write(const LogRecord& record) noexcept {
    if (!wants(record.level)) return;
    try {
      handler_(record);
    } catch (...) {
    }
  }

 private:
  LogLevel most_ = LogLevel::error;
  Function<void(const LogRecord&)> handler_;
};

// Why a client went, on one line: "ping timeout: no pong within ping_timeout (by network, engine; heard of
// 45001 ms ago, 0 bytes waiting)".
[[nodiscard]] std::string describe(const DisconnectReason& reason);

}  // namespace banter::base
