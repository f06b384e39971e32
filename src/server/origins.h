// Which origins may open a WebSocket.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace banter::server {

// True if `origins`, as CorsOptions has them, allow `origin`.
[[nodiscard]] bool lists_origin(const std::vector<std::string>& origins, std::string_view origin) noexcept;

// What a refused page is told; names the option that would let it in.
inline constexpr std::string_view origin_refused =
    "Forbidden: this page's origin is neither the server's own nor listed in Options::cors.origins";

}  // namespace banter::server
