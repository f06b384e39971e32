// The answer to one request: status, header fields and a body. Movable.
//
// What frames it (Content-Length, Connection, Date) is written by the connection and cannot be set here.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "base/shared_bytes.h"
#include "http/body_source.h"
#include "http/headers.h"
#include "http/request.h"

namespace banter::http {

// Throws std::invalid_argument, naming the field, if the name is not a token, the value has a control byte (a
// line end in a value would begin another field), or the field is the connection's.
void check_header(std::string_view name, std::string_view value);

class Response {
 public:
  // `status` is 200 to 599; another throws std::invalid_argument that names it.
  explicit Response(int status);

  // With a body, and a `content_type` as "text/plain; charset=utf-8".
  Response(int status, std::string_view content_type, std::string body);

  // Puts `value` in the place of all fields called `name`, or beside them. Throws as check_header().
  Response& set_header(std::string_view name, std::string_view value);
  Response& add_header(std::string_view name, std::string_view value);

  // Adds the fields whose names it does not have itself; Vary and Set-Cookie, which add up, in any case.
  Response& add_missing(Headers fields);

  // Replaces the body.
  Response& set_body(std::string bytes);
  Response& set_body(base::SharedBytes bytes);
  Response& set_body(std::unique_ptr<BodySource> source);  // not null

  // Closes the connection once this is sent.
  Response& close_connection() noexcept {
    closes_connection_ = true;
    return *this;
  }

  // Writes `Content-Length: 0` although the status has no body. RFC 9110 section 8.6 has none in a 204, but
  // browsers have waited for a body of the answer to a preflight.
  Response& announce_empty() noexcept {
    announces_empty_ = true;
    return *this;
  }
  [[nodiscard]] bool announces_empty() const noexcept { return announces_empty_; }

  [[nodiscard]] int status() const noexcept { return status_; }
  [[nodiscard]] const Headers& headers() const noexcept { return headers_; }
  [[nodiscard]] bool closes_connection() const noexcept { return closes_connection_; }
  [[nodiscard]] std::uint64_t body_size() const noexcept;

  // The whole body in memory; empty where it is a source's.
  [[nodiscard]] std::string_view body() const noexcept;

  // Takes the body out.
  [[nodiscard]] base::SharedBytes take_bytes();
  [[nodiscard]] std::unique_ptr<BodySource> take_source() noexcept;  // null where it is in memory

 private:
  int status_;
  Headers headers_;
  std::variant<std::string, base::SharedBytes, std::unique_ptr<BodySource>> body_;
  bool closes_connection_ = false;
  bool announces_empty_ = false;
};

// How a response goes out.
struct Delivery {
  Version version = Version::http_1_1;  // of the request
  bool keep_alive = true;
  std::string_view date;  // for the Date field; without one it is left out
};

// The status line and the header fields with the empty line behind them. Content-Length is that of the body,
// which the answer to a HEAD only announces.
[[nodiscard]] std::string write_head(const Response& response, const Delivery& delivery);

}  // namespace banter::http
