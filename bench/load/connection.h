#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "load/frame.h"
#include "load/tcp.h"

namespace bench {

// What is spoken on the WebSocket.
enum class Protocol {
  socketio,  // Engine.IO v4 and Socket.IO v5; Engine.IO pings are answered
  raw,       // nothing: the payloads only
};

struct Endpoint {
  std::uint16_t port = 0;
  std::string path;
  Protocol protocol = Protocol::socketio;
};

// A blocking WebSocket to 127.0.0.1 that believes nothing: each step knows exactly what the server has to
// send, and throws Failure at anything else, at an early end, and as TcpConnection does.
//
// A step is cut into asking and checking the answer, so that many connections can be taken through it at
// once: with one at a time, waking the server's core would be what is measured.
class Connection {
 public:
  // `number`: see TcpConnection.
  Connection(const Endpoint& endpoint, std::size_t number);

  void send_upgrade(const Endpoint& endpoint);
  void expect_upgrade();

  // Socket.IO's CONNECT to the main namespace; nothing in raw mode.
  void send_join();
  void expect_join();

  // Writes bytes that append_frame made.
  void send(std::string_view frames) { tcp_.send(frames); }

  // Takes the next text message, whatever it is; it holds until the next call.
  std::string_view receive_text();

  // Takes the next message, which must be `expected`.
  void expect(std::string_view expected);

  // Answers pings that have arrived, without waiting; any other message is a Failure.
  void answer_pings();

  // The closing handshake of RFC 6455 section 7.1.
  void send_close();
  void expect_close();

 private:
  // The next frame that is not a ping; pings are answered. The payload holds until the next call.
  ServerFrame receive();
  // The first frame in the buffer, taken off it.
  bool take_frame(ServerFrame& frame);
  bool is_answered_ping(const ServerFrame& frame);
  void expect_text_starting_with(std::string_view start);

  TcpConnection tcp_;
  Protocol protocol_;
};

}  // namespace bench
