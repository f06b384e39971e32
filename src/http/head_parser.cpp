#include "http/head_parser.h"

#include <llhttp.h>

#include <utility>

#include "http/error.h"
#include "http/target.h"
#include "http/text.h"

namespace banter::http {

namespace {

// What llhttp's callbacks fill. A span comes in one call, since the head is parsed in one.
struct Parse {
  llhttp_t parser{};
  Request* request = nullptr;
  std::string name;
  std::string value;
  bool is_complete = false;
};

Parse& parse_of(llhttp_t* parser) {
  return *static_cast<Parse*>(parser->data);
}

int on_url(llhttp_t* parser, const char* at, std::size_t length) {
  parse_of(parser).request->target.append(at, length);
  return 0;
}

int on_name(llhttp_t* parser, const char* at, std::size_t length) {
  parse_of(parser).name.append(at, length);
  return 0;
}

int on_value(llhttp_t* parser, const char* at, std::size_t length) {
  parse_of(parser).value.append(at, length);
  return 0;
}

int on_header(llhttp_t* parser) {
  Parse& parse = parse_of(parser);
  parse.request->headers.add(std::exchange(parse.name, {}),
                             std::string(trim(std::exchange(parse.value, {}))));
  return 0;
}

int on_complete(llhttp_t* parser) {
  parse_of(parser).is_complete = true;
  return HPE_PAUSED;  // the body is read elsewhere
}

const llhttp_settings_t& settings() {
  static const llhttp_settings_t callbacks = [] {
    llhttp_settings_t all;
    llhttp_settings_init(&all);
    all.on_url = on_url;
    all.on_header_field = on_name;
    all.on_header_value = on_value;
    all.on_header_value_complete = on_header;
    all.on_headers_complete = on_complete;
    return all;
  }();
  return callbacks;
}

std::error_code to_error(const llhttp_t& parser) {
  switch (llhttp_get_errno(&parser)) {
    case HPE_INVALID_METHOD:
    case HPE_INVALID_CONSTANT: return Error::unknown_method;  // one of RTSP, whose methods llhttp knows too
    case HPE_INVALID_URL: return Error::bad_target;
    case HPE_INVALID_VERSION: return Error::unsupported_version;
    case HPE_INVALID_CONTENT_LENGTH: return Error::bad_content_length;
    case HPE_UNEXPECTED_CONTENT_LENGTH:
      return parser.flags & F_TRANSFER_ENCODING ? Error::length_and_transfer_encoding
                                                : Error::bad_content_length;
    case HPE_INVALID_TRANSFER_ENCODING: return Error::unknown_transfer_coding;
    case HPE_INVALID_HEADER_TOKEN: return Error::malformed_header;
    default: return Error::malformed_request_line;
  }
}

// RFC 9112 section 6: the length must be beyond doubt, or a proxy in front of us might see another request.
std::error_code take_framing(const llhttp_t& parser, Request& request) {
  const bool has_length = request.headers.has("Content-Length");
  if (!request.headers.has("Transfer-Encoding")) {
    if (has_length) request.content_length = parser.content_length;
    return {};
  }
  if (has_length) return Error::length_and_transfer_encoding;
  const bool is_plain = request.headers.count("Transfer-Encoding") == 1 &&
                        equals_ignoring_case(request.header("Transfer-Encoding"), "chunked");
  if (!is_plain || request.version == Version::http_1_0) return Error::unknown_transfer_coding;
  request.is_chunked = true;
  return {};
}

bool wants_keep_alive(const Request& request) {
  if (request.headers.lists("Connection", "close")) return false;
  return request.version == Version::http_1_1 || request.headers.lists("Connection", "keep-alive");
}

bool wants_websocket(const Request& request) {
  return request.method == "GET" && request.version == Version::http_1_1 && !request.has_body() &&
         request.headers.lists("Connection", "upgrade") && request.headers.lists("Upgrade", "websocket");
}

std::error_code take_fields(const llhttp_t& parser, Request& request) {
  request.method = llhttp_method_name(static_cast<llhttp_method_t>(parser.method));
  if (parser.method == HTTP_CONNECT) return Error::method_not_implemented;
  if (parser.http_major != 1 || parser.http_minor > 1) return Error::unsupported_version;
  request.version = parser.http_minor == 0 ? Version::http_1_0 : Version::http_1_1;

  if (const std::error_code error = split_target(request)) return error;
  if (const std::error_code error = take_framing(parser, request)) return error;
  request.keep_alive = wants_keep_alive(request);
  request.is_upgrade = wants_websocket(request);
  return {};
}

}  // namespace

std::error_code parse_head(std::string_view text, Request& request) {
  request = {};
  Parse parse;
  parse.request = &request;
  llhttp_init(&parse.parser, HTTP_REQUEST, &settings());
  parse.parser.data = &parse;
  const llhttp_errno_t status = llhttp_execute(&parse.parser, text.data(), text.size());
  if (status != HPE_PAUSED || !parse.is_complete) return to_error(parse.parser);
  return take_fields(parse.parser, request);
}

}  // namespace banter::http
