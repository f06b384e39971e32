// What a client can get wrong in HTTP/1.1, as error codes; each has the status it is answered with.
#pragma once

#include <system_error>

namespace banter::http {

enum class Error {
  malformed_request_line = 1,
  unknown_method,
  method_not_implemented,
  unsupported_version,
  bad_target,
  request_line_too_long,
  head_too_large,
  too_many_headers,
  bad_line_end,
  control_byte,
  folded_header,
  malformed_header,
  missing_host,
  bad_host,
  bad_content_length,
  length_and_transfer_encoding,
  unknown_transfer_coding,
  bad_chunk,
  body_too_large,
  expectation_failed,
  head_timeout,
  body_timeout,
};

// Its messages are sentences for the person behind the client; they hold nothing of the request.
[[nodiscard]] const std::error_category& http_category() noexcept;
[[nodiscard]] inline std::error_code make_error_code(Error error) noexcept {
  return {static_cast<int>(error), http_category()};
}

// The status code to answer with. `error` belongs to http_category(); any other gets 400.
[[nodiscard]] int status_of(std::error_code error) noexcept;

}  // namespace banter::http

template <>
struct std::is_error_code_enum<banter::http::Error> : std::true_type {};
