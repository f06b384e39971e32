// An event on its way out, taken apart again for those who listen to what is sent.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "banter/args.h"
#include "banter/raw_argument.h"
#include "socketio/payload.h"

namespace banter::socketio {

// Views into `payload`'s attachments, which outlive it.
class SplitEvent {
 public:
  explicit SplitEvent(const Payload& payload);
  SplitEvent(const SplitEvent&) = delete;
  SplitEvent& operator=(const SplitEvent&) = delete;

  [[nodiscard]] std::string_view name() const noexcept { return name_.view(); }
  [[nodiscard]] const Args& args() const noexcept { return args_; }

 private:
  std::string text_;
  std::vector<std::string_view> arguments_;
  detail::TextStorage name_;
  Args args_;
};

}  // namespace banter::socketio
