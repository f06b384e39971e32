// Origins as browsers send them (RFC 6454 section 6.2): "https://example.org", "http://localhost:8080",
// "null".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace banter::http {

// The form in which a browser sends `text`: scheme and host in lower case, without the scheme's own port.
// Throws std::invalid_argument, naming it, unless it is "null", "file://" or a scheme, "://" and a host with
// an optional port.
[[nodiscard]] std::string normalize_origin(std::string_view text);

// True for "null" and files: any page can bring it about that it has such an origin.
[[nodiscard]] bool is_opaque(std::string_view origin) noexcept;

// The scheme a request came by.
enum class Scheme : std::uint8_t { http, https };

// True if `origin` is that of the server's own pages: http or https with the name and port of `host`, a Host
// field; names are compared without case, and 80 and 443 are what http and https mean without a port. Behind
// a proxy that takes off TLS a request by http may come from a page by https; the other way it may not, since
// everyone on the page's way could have written it.
[[nodiscard]] bool is_same_origin(std::string_view origin, std::string_view host, Scheme scheme) noexcept;

}  // namespace banter::http
