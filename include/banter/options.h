// What an operator can set.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "banter/export.h"

namespace banter {

// Which pages, besides those this server serves itself, may connect.
struct CorsOptions {
  // Origins as a browser sends them, "https://example.org" or "http://localhost:8080": scheme, host and,
  // unless it is the scheme's own, port. "*" allows every origin. A WebSocket handshake whose Origin is
  // neither the request's own Host nor listed here is refused with 403; one without Origin (no browser)
  // passes.
  std::vector<std::string> origins;
};

// Limits of HTTP requests.
struct HttpOptions {
  // Longest body of a request, in bytes; a longer one gets 413.
  std::size_t max_body = 1'000'000;

  // Longest request line and head, in bytes, and most header lines; beyond them 414 and 431.
  std::size_t max_request_line = 8 * 1024;
  std::size_t max_head = 16 * 1024;
  std::size_t max_headers = 100;

  // From the first byte to the end of the head; then 408.
  std::chrono::milliseconds head_timeout = std::chrono::seconds{10};

  // Between two pieces of a body; then 408.
  std::chrono::milliseconds body_timeout = std::chrono::seconds{30};

  // Of a connection between two requests; then it is closed.
  std::chrono::milliseconds keep_alive_timeout = std::chrono::seconds{30};
};

// No time is longer than a year.
struct Options {
  // Workers: event loops with a thread each. Only 1 so far.
  std::size_t threads = 1;

  // Where Socket.IO is served; a slash is added at the end.
  std::string path = "/socket.io/";

  // Serves the JavaScript client under `path`, as socket.io.js and in other forms.
  bool serve_client = true;

  // From a pong to the next ping. Greater than zero.
  std::chrono::milliseconds ping_interval = std::chrono::seconds{25};

  // From a ping until the client is given up. Greater than zero.
  std::chrono::milliseconds ping_timeout = std::chrono::seconds{20};

  // Longest message a client may send, in bytes; a longer one closes its WebSocket (1009). At least 1024.
  std::size_t max_payload = 1'000'000;

  // Binary values in one packet, 1 to 99.
  std::size_t max_attachments = 10;

  // A client that has joined no namespace by then is sent away. Greater than zero.
  std::chrono::milliseconds connect_timeout = std::chrono::seconds{45};

  // For all middlewares of one client's joining together; then it is refused with "timeout". Greater than
  // zero.
  std::chrono::milliseconds middleware_timeout = std::chrono::seconds{10};

  // For an acknowledgement, unless the call says otherwise with timeout(). Greater than zero.
  std::chrono::milliseconds ack_timeout = std::chrono::seconds{30};

  // Request headers that Handshake keeps beyond the connection handler. Lower case.
  std::vector<std::string> keep_headers = {"origin", "user-agent", "x-forwarded-for"};

  // Bytes left over for one client above which emits answer `queued`, and raw endpoints stop reading from it.
  std::size_t high_water = 1024 * 1024;

  // Most bytes left over for one client; an emit that would pass it is dropped and the client ends with the
  // reason "slow consumer". At least max_payload and high_water.
  std::size_t max_queue = 16 * 1024 * 1024;

  // Above high_water, and not one byte taken for so long: the client ends with "slow consumer". Greater than
  // zero.
  std::chrono::milliseconds stall_timeout = std::chrono::seconds{30};

  CorsOptions cors;
  HttpOptions http;

  // run() ends gracefully on SIGTERM and SIGINT, and gives the signals back when it returns.
  bool signals = true;

  // How long close() waits for what is queued to be sent. Zero: not at all.
  std::chrono::milliseconds close_timeout = std::chrono::seconds{5};

  // Throws std::invalid_argument that names the first bad field and its value.
  BANTER_API void validate() const;
};

}  // namespace banter
