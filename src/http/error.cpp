#include "http/error.h"

#include <string>

namespace banter::http {

namespace {

struct Entry {
  Error error;
  int status;
  const char* text;
};

constexpr Entry table[] = {
    {Error::malformed_request_line, 400, "The request line is not \"METHOD target HTTP/1.1\"."},
    {Error::unknown_method, 400, "The request method is not known."},
    {Error::method_not_implemented, 501, "This server is not a proxy: CONNECT is not supported."},
    {Error::unsupported_version, 505, "This server speaks HTTP/1.1 and HTTP/1.0."},
    {Error::bad_target, 400, "The request target is neither a path nor an http URL."},
    {Error::request_line_too_long, 414, "The request line is too long."},
    {Error::head_too_large, 431, "The header lines are too long."},
    {Error::too_many_headers, 431, "There are too many header lines."},
    {Error::bad_line_end, 400, "Lines must end with CR LF, and neither may stand alone."},
    {Error::control_byte, 400, "There is a control byte in the head of the request."},
    {Error::folded_header, 400, "A header line begins with a blank; folded lines are not allowed."},
    {Error::malformed_header, 400, "A header line is not \"name: value\"."},
    {Error::missing_host, 400, "A request needs exactly one Host header."},
    {Error::bad_host, 400, "The Host is not a host name with an optional port."},
    {Error::bad_content_length, 400, "Content-Length must be given once, as a decimal number."},
    {Error::length_and_transfer_encoding, 400, "Content-Length and Transfer-Encoding exclude each other."},
    {Error::unknown_transfer_coding, 400, "The only transfer coding for a request is chunked, in HTTP/1.1."},
    {Error::bad_chunk, 400, "The body is not in the chunked form."},
    {Error::body_too_large, 413, "The body of the request is too large."},
    {Error::expectation_failed, 417, "The only expectation that is known is 100-continue."},
    {Error::head_timeout, 408, "The head of the request did not arrive in time."},
    {Error::body_timeout, 408, "The body of the request did not arrive in time."},
};

const Entry* find(int value) noexcept {
  for (const Entry& entry : table) {
    if (static_cast<int>(entry.error) == value) return &entry;
  }
  return nullptr;
}

class Category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "http"; }
  std::string message(int value) const override {
    const Entry* entry = find(value);
    return entry ? entry->text : "unknown error";
  }
};

}  // namespace

const std::error_category& http_category() noexcept {
  static const Category category;
  return category;
}

int status_of(std::error_code error) noexcept {
  const Entry* entry = error.category() == http_category() ? find(error.value()) : nullptr;
  return entry ? entry->status : 400;
}

}  // namespace banter::http
