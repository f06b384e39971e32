// Cuts input into lines as strictly as RFC 9112 section 2.2 allows: a line ends with CR LF, neither stands
// alone, and there is no control byte but HTAB. What reads lines more freely than its neighbours can be
// tricked by them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

namespace banter::http {

class LineReader {
 public:
  enum class Event { need_input, line, too_long, error };

  // Takes bytes off the front of `input` up to the end of a line, of which `max` bytes are allowed without CR
  // LF. Behind `too_long` and `error` nothing may be read any more.
  [[nodiscard]] Event read(std::string_view& input, std::size_t max);

  // The line, after Event::line, until the next read.
  [[nodiscard]] std::string_view line() const noexcept { return line_; }
  [[nodiscard]] std::error_code error() const noexcept { return error_; }

  // True if a line has begun and not ended.
  [[nodiscard]] bool is_inside() const noexcept { return !is_complete_ && (saw_cr_ || !line_.empty()); }

 private:
  std::string line_;
  std::error_code error_;
  bool saw_cr_ = false;
  bool is_complete_ = false;
};

}  // namespace banter::http
