#include "load/connection.h"

#include <chrono>
#include <optional>

#include "load/failure.h"

namespace bench {
namespace {

using Wait = TcpConnection::Wait;

// The key of RFC 6455 section 1.3 and its answer: constant, so that the floor can answer with constant bytes.
constexpr std::string_view upgrade_headers =
    "Host: 127.0.0.1\r\n"
    "Upgrade: websocket\r\n"
    "Connection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n\r\n";
constexpr std::string_view accept_value = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

constexpr std::string_view normal_closure{"\x03\xe8", 2};  // 1000

}  // namespace

Connection::Connection(const Endpoint& endpoint, std::size_t number)
    : tcp_{endpoint.port, number}, protocol_{endpoint.protocol} {}

void Connection::send_upgrade(const Endpoint& endpoint) {
  send("GET " + endpoint.path + " HTTP/1.1\r\n" + std::string(upgrade_headers));
}

void Connection::expect_upgrade() {
  std::size_t end;
  while ((end = tcp_.input().find("\r\n\r\n")) == std::string_view::npos) {
    if (!tcp_.fill(Wait::for_input)) throw Failure("the server ended the connection during the handshake");
  }
  const std::string_view head = tcp_.input().substr(0, end);
  if (head.substr(0, 13) != "HTTP/1.1 101 ") throw Failure("the server answered " + quoted(head));
  if (head.find(accept_value) == head.npos) throw Failure("wrong Sec-WebSocket-Accept in " + quoted(head));
  tcp_.take(end + 4);
  if (protocol_ == Protocol::socketio) expect_text_starting_with("0{");
}

void Connection::send_join() {
  if (protocol_ == Protocol::raw) return;
  std::string frame;
  append_frame(frame, Opcode::text, "40");
  send(frame);
}

void Connection::expect_join() {
  if (protocol_ == Protocol::raw) return;
  expect_text_starting_with("40{");
  expect(R"(42["auth",{}])");  // what the test server tells every socket first
}

void Connection::expect(std::string_view expected) {
  const auto payload = receive_text();
  if (payload != expected) {
    throw Failure("the server sent " + quoted(payload) + " instead of " + quoted(expected));
  }
}

void Connection::answer_pings() {
  while (tcp_.fill(Wait::not_at_all)) {
  }
  if (tcp_.has_ended()) throw Failure("the server ended an idle connection");
  ServerFrame frame{};
  while (take_frame(frame)) {
    if (!is_answered_ping(frame)) throw Failure("the server sent " + quoted(frame.payload) + " unasked");
  }
}

void Connection::send_close() {
  std::string frame;
  append_frame(frame, Opcode::close, normal_closure);
  send(frame);
}

void Connection::expect_close() {
  const auto frame = receive();
  if (frame.opcode != Opcode::close)
    throw Failure("the server sent " + quoted(frame.payload) + " when closing");
  if (frame.payload != normal_closure) throw Failure("the server did not answer with close code 1000");
  if (!tcp_.input().empty() || tcp_.fill(Wait::for_input))
    throw Failure("the server sent more after its close");
}

ServerFrame Connection::receive() {
  std::optional<std::chrono::steady_clock::time_point> first_ping;
  ServerFrame frame{};
  for (;;) {
    if (!take_frame(frame)) {
      if (!tcp_.fill(Wait::for_input)) throw Failure("the server ended the connection");
    } else if (!is_answered_ping(frame)) {
      return frame;
    } else {
      // The socket's own timeout starts anew with each ping.
      const auto now = std::chrono::steady_clock::now();
      if (!first_ping) first_ping = now;
      if (now - *first_ping > patience) throw Failure(silence());
    }
  }
}

bool Connection::take_frame(ServerFrame& frame) {
  const auto next = read_frame(tcp_.input());
  if (!next) return false;
  frame = *next;
  tcp_.take(next->size);
  return true;
}

// Engine.IO's ping is a text frame, RFC 6455's a control frame; both have to be answered.
bool Connection::is_answered_ping(const ServerFrame& frame) {
  std::string answer;
  if (frame.opcode == Opcode::ping) {
    append_frame(answer, Opcode::pong, frame.payload);
  } else if (protocol_ == Protocol::socketio && frame.opcode == Opcode::text && frame.payload == "2") {
    append_frame(answer, Opcode::text, "3");
  } else {
    return false;
  }
  send(answer);
  return true;
}

std::string_view Connection::receive_text() {
  const auto frame = receive();
  if (frame.opcode != Opcode::text) {
    throw Failure("the server sent opcode " + std::to_string(static_cast<int>(frame.opcode)) +
                  " instead of a text message");
  }
  return frame.payload;
}

void Connection::expect_text_starting_with(std::string_view start) {
  const auto payload = receive_text();
  if (payload.substr(0, start.size()) != start) {
    throw Failure("the server sent " + quoted(payload) + " instead of " + quoted(start) + "...");
  }
}

}  // namespace bench
