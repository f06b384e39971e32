// One HTTP/1.1 or HTTP/1.0 request. A value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/headers.h"
#include "http/query.h"

namespace banter::http {

enum class Version : std::uint8_t { http_1_0, http_1_1 };

struct Request {
  std::string method;    // "GET"; case matters
  std::string target;    // as sent: "/a%20b?c=d" or "http://host/a%20b?c=d"
  std::string raw_path;  // "/a%20b"; "*" in `OPTIONS *`
  std::string path;      // decoded: "/a b". May hold any byte, NUL and slashes that were encoded included.
  std::string query;     // as sent, without the question mark
  std::string host;      // of an absolute target, else of Host: name and optional port; may be empty
  Version version = Version::http_1_1;
  Headers headers;

  // How the body is framed: by its length, or in chunks; in neither case there is none.
  std::optional<std::uint64_t> content_length;
  bool is_chunked = false;

  // The client would send another request on this connection.
  bool keep_alive = true;

  // A GET that asks for `Upgrade: websocket` (RFC 6455 section 4.1). An upgrade to anything else is ignored.
  bool is_upgrade = false;

  std::string body;  // whole once the request is complete, without its framing

  [[nodiscard]] bool has_body() const noexcept { return is_chunked || content_length.value_or(0) > 0; }

  // The value of the first header of that name, compared without case; empty where there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept { return headers.get(name); }

  // The decoded value of the last query parameter of that name.
  [[nodiscard]] std::optional<std::string> query_value(std::string_view name) const {
    return http::query_value(query, name);
  }

  bool operator==(const Request&) const = default;
};

}  // namespace banter::http
