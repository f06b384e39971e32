// Failures of the loop layer as error codes. libuv's codes have their own category: UV_EOF is not an errno.
#pragma once

#include <system_error>

namespace banter::loop {

enum class Error {
  slow_consumer = 1,  // more left over than Settings::max_queue
  stalled,            // above high_water, not one byte was taken for Settings::stall_timeout
  over_budget,        // the budget of the process is spent, and most of it, here, by this one
};

[[nodiscard]] const std::error_category& loop_category() noexcept;
[[nodiscard]] const std::error_category& uv_category() noexcept;
[[nodiscard]] inline std::error_code make_error_code(Error error) noexcept {
  return {static_cast<int>(error), loop_category()};
}

// `status` is what a libuv function or callback gave: 0 or more is no error.
[[nodiscard]] inline std::error_code uv_error(int status) noexcept {
  return status >= 0 ? std::error_code{} : std::error_code{status, uv_category()};
}

}  // namespace banter::loop

template <>
struct std::is_error_code_enum<banter::loop::Error> : std::true_type {};
