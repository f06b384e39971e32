// Clients of a server under test: a WebSocket, and Engine.IO with Socket.IO packets on top of it. Each says
// what it is told and hands back what comes, packet by packet.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "banter/function.h"
#include "tests/support/raw_client.h"
#include "tests/support/websocket_frames.h"

namespace banter::test {

// How a client opens its WebSocket.
struct Opening {
  std::string target = "/socket.io/?EIO=4&transport=websocket";
  std::string headers;  // further ones, each with its line end
  int receive_buffer = 0;
};

inline std::string upgrade_request(const Opening& opening) {
  return "GET " + opening.target +
         " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
         opening.headers + "\r\n";
}

struct ServerFrame {
  unsigned opcode = 0;
  std::string payload;
  bool is_deflated = false;  // RFC 7692 section 6

  // Of a close frame (RFC 6455 section 5.5.1); 0 if it has none.
  [[nodiscard]] int close_code() const {
    if (payload.size() < 2) return 0;
    return static_cast<unsigned char>(payload[0]) * 256 + static_cast<unsigned char>(payload[1]);
  }
  [[nodiscard]] std::string close_reason() const { return payload.size() < 2 ? "" : payload.substr(2); }
};

class WebSocketClient {
 public:
  // Sends the request and `behind_head` at once, then reads the head of the answer.
  WebSocketClient(int port, Function<void()> turn, const Opening& opening, std::string_view behind_head = {})
      : raw_(port, std::move(turn), opening.receive_buffer) {
    raw_.send(upgrade_request(opening).append(behind_head));
    while (!head_.ends_with("\r\n\r\n")) {
      const std::string byte = raw_.read(1);
      if (byte.empty()) break;
      head_ += byte;
    }
  }
  WebSocketClient(WebSocketClient&&) = default;

  [[nodiscard]] const std::string& head() const { return head_; }
  [[nodiscard]] int status() const { return head_.size() < 12 ? 0 : std::stoi(head_.substr(9, 3)); }
  [[nodiscard]] RawClient& raw() { return raw_; }

  bool send_text(std::string_view text) { return raw_.send(client_text(text)); }
  bool send_binary(std::string_view bytes) { return raw_.send(client_binary(bytes)); }
  bool send_close(std::uint16_t code = 1000) { return raw_.send(client_close(code)); }

  // The next frame; opcode 0 if the connection ends before it is complete.
  ServerFrame read_frame() {
    const std::string start = raw_.read(2);
    if (start.size() < 2) return {};
    std::uint64_t length = static_cast<unsigned char>(start[1]) & 0x7F;
    const std::size_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (extended != 0) length = 0;
    for (const char byte : raw_.read(extended))
      length = length * 256 + static_cast<unsigned char>(byte);
    std::string payload = raw_.read(length);
    if (payload.size() < length) return {};
    const auto first = static_cast<unsigned char>(start[0]);
    return {first & 0x0FU, std::move(payload), (first & 0x40) != 0};
  }

  // The payload of the next text or binary frame; for another frame a word on it.
  std::string read_message() {
    const ServerFrame frame = read_frame();
    if (frame.opcode == 0x1 || frame.opcode == 0x2) return frame.payload;
    if (frame.opcode == 0x8) return "(close " + std::to_string(frame.close_code()) + ")";
    return frame.opcode == 0 ? "(end)" : "(opcode " + std::to_string(frame.opcode) + ")";
  }

  // The close frame, behind whatever comes before it.
  ServerFrame read_close() {
    ServerFrame frame = read_frame();
    while (frame.opcode != 0x8 && frame.opcode != 0)
      frame = read_frame();
    return frame;
  }

 private:
  RawClient raw_;
  std::string head_;
};

// Speaks Engine.IO 4 and Socket.IO 5 over a WebSocket. Packets are given and handed out as the text behind
// the Engine.IO `4`.
class SocketioClient {
 public:
  // Opens the session; joins no namespace.
  SocketioClient(int port, Function<void()> turn, const Opening& opening = {})
      : socket_(port, std::move(turn), opening) {
    REQUIRE(socket_.status() == 101);
    REQUIRE(socket_.read_message().starts_with("0{"));
  }
  SocketioClient(SocketioClient&&) = default;

  // Joins a namespace, and expects to be let in.
  SocketioClient& join(std::string_view nsp = "/", std::string_view auth = {}) {
    const std::string head = nsp == "/" ? "0" : "0" + std::string(nsp) + ",";
    send(head + std::string(auth));
    const std::string answer = read();
    REQUIRE_MESSAGE(answer.starts_with(head + "{\"sid\":\""), answer);
    id_ = answer.substr(head.size() + 8, 20);
    return *this;
  }

  bool send(std::string_view packet) { return socket_.send_text("4" + std::string(packet)); }
  bool emit(std::string_view data) { return send("2" + std::string(data)); }

  // The next packet; answers pings on the way. An attachment is handed out as its bytes.
  std::string read() {
    for (;;) {
      std::string message = socket_.read_message();
      if (message == "2") {
        socket_.send_text("3");
      } else {
        return message.starts_with('4') ? message.substr(1) : message;
      }
    }
  }

  [[nodiscard]] const std::string& id() const { return id_; }  // in the namespace joined last
  [[nodiscard]] WebSocketClient& socket() { return socket_; }
  [[nodiscard]] RawClient& raw() { return socket_.raw(); }

 private:
  WebSocketClient socket_;
  std::string id_;
};

}  // namespace banter::test
