// Limits and times of HTTP connections.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "http/head_reader.h"
#include "loop/stream.h"
#include "loop/time.h"

namespace banter::http {

// Seconds since 1970 by the system's clock.
[[nodiscard]] std::int64_t system_seconds() noexcept;

struct Settings {
  Limits limits;

  // Longest body that is read only to be dropped, in bytes, so that the connection can go on. Where a body is
  // wanted, the RequestHandler says how long it may be.
  std::size_t max_dropped_body = 1'000'000;

  // From the first byte of a request to the end of its head, or 408. A connection that never sends a byte is
  // closed after as long without an answer.
  loop::Milliseconds head_timeout = std::chrono::seconds{10};

  // For a body without a single byte arriving, or 408.
  loop::Milliseconds body_timeout = std::chrono::seconds{30};

  // Between two requests; then the connection is closed without a word. A client that still takes bytes of
  // the last answer is not idle.
  loop::Milliseconds idle_timeout = std::chrono::seconds{30};

  // After the last answer of a connection: how long to wait for the client to end it, so that it can read the
  // answer.
  loop::Milliseconds linger = std::chrono::seconds{2};

  // Above stream.high_water no further request is taken and no further piece of a file is read.
  loop::Settings stream;

  // For the Date field.
  std::int64_t (*wall_clock)() noexcept = system_seconds;
};

}  // namespace banter::http
