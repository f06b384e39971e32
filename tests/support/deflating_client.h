// A WebSocket client that agrees on permessage-deflate (RFC 7692): inflates what it is sent.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/deflate.h"
#include "tests/support/socketio_client.h"

namespace banter::test {

class DeflatingClient {
 public:
  // `offer` is what it says of the extension.
  DeflatingClient(int port, Function<void()> turn, const std::string& target,
                  const std::string& offer = "permessage-deflate")
      : socket_(port, std::move(turn),
                {.target = target, .headers = "Sec-WebSocket-Extensions: " + offer + "\r\n"}) {
    REQUIRE(socket_.status() == 101);
  }
  DeflatingClient(DeflatingClient&&) = default;

  struct Message {
    std::string text;
    bool was_deflated = false;
    std::string payload;  // as it came
  };

  Message read() {
    const ServerFrame frame = socket_.read_frame();
    CHECK((frame.opcode == 0x1 || frame.opcode == 0x2));
    if (!frame.is_deflated) return {frame.payload, false, frame.payload};
    std::string text;
    CHECK(inflater_.append(text, frame.payload, 10'000'000) == base::InflateResult::ok);
    return {text, true, frame.payload};
  }

  // Without context: so it is right whatever was agreed on.
  bool send_text(std::string_view text) {
    std::string payload;
    deflater_.reset();
    deflater_.append(payload, text);
    return socket_.raw().send(client_frame(0x1, payload, {.reserved = 0x40}));
  }

  [[nodiscard]] bool has_agreed() const {
    return socket_.head().find("Sec-WebSocket-Extensions: permessage-deflate") != std::string::npos;
  }
  [[nodiscard]] WebSocketClient& socket() { return socket_; }

 private:
  WebSocketClient socket_;
  base::Inflater inflater_;
  base::Deflater deflater_;
};

}  // namespace banter::test
