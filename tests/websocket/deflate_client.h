// The client's end of permessage-deflate, for tests: compresses what it sends, inflates what it is sent.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "base/deflate.h"
#include "tests/support/websocket_frames.h"

namespace banter::test {

class DeflateClient {
 public:
  explicit DeflateClient(int window_bits = 15) : deflater_({.window_bits = window_bits}) {}

  // The next message, as a payload.
  [[nodiscard]] std::string deflated(std::string_view message) {
    std::string payload;
    deflater_.append(payload, message);
    return payload;
  }

  [[nodiscard]] std::string text(std::string_view message) {
    return client_frame(0x1, deflated(message), {.reserved = 0x40});
  }

  // The message that an unmasked frame at the front of `frames` holds, which is taken off. Compressed ones
  // follow each other in one context.
  [[nodiscard]] std::string take(std::string_view& frames) {
    const auto first = static_cast<unsigned char>(frames[0]);
    std::size_t length = static_cast<unsigned char>(frames[1]);
    std::size_t header = 2;
    if (length == 126) {
      length = static_cast<std::size_t>(static_cast<unsigned char>(frames[2])) << 8 |
               static_cast<unsigned char>(frames[3]);
      header = 4;
    }
    REQUIRE(length < 127 * 512);
    const std::string_view payload = frames.substr(header, length);
    frames.remove_prefix(header + length);
    last_was_deflated = (first & 0x40) != 0;
    if (!last_was_deflated) return std::string(payload);
    std::string message;
    REQUIRE(inflater_.append(message, payload, 10'000'000) == base::InflateResult::ok);
    return message;
  }

  void forget() { inflater_.reset(); }  // as a peer that was told server_no_context_takeover may

  bool last_was_deflated = false;

 private:
  base::Deflater deflater_;
  base::Inflater inflater_;
};

}  // namespace banter::test
