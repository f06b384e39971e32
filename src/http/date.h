// Dates as HTTP writes them: "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
#pragma once

#include <cstdint>
#include <string>

namespace banter::http {

// `seconds` since 1970, UTC.
[[nodiscard]] std::string format_date(std::int64_t seconds);

}  // namespace banter::http
