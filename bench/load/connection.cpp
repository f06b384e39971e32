#include "load/connection.h"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <utility>

#include "load/failure.h"

namespace bench {
namespace {

constexpr std::chrono::seconds patience{30};

// The key of RFC 6455 section 1.3 and its answer: constant, so that the floor can answer with constant bytes.
constexpr std::string_view upgrade_headers =
    "Host: 127.0.0.1\r\n"
    "Upgrade: websocket\r\n"
    "Connection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n\r\n";
constexpr std::string_view accept_value = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

constexpr std::string_view normal_closure{"\x03\xe8", 2};  // 1000

std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 200;
  return "'" + std::string(text.substr(0, longest)) + (text.size() > longest ? "...'" : "'");
}

std::string silence() {
  return "the server sent nothing that is due for " + std::to_string(patience.count()) + " seconds";
}

sockaddr_in loopback_address(std::uint32_t host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(host);
  address.sin_port = htons(port);
  return address;
}

template <class T>
void set_option(int fd, int level, int name, const T& value) {
  if (setsockopt(fd, level, name, &value, sizeof value) != 0) fail_with_errno("setsockopt");
}

// Another source address every few thousand connections: those that were closed keep their ports for a
// minute.
std::uint32_t source_host(std::size_t number) {
  constexpr std::size_t connections_per_address = 4'000;
  constexpr std::size_t addresses = 200;
  return INADDR_LOOPBACK + static_cast<std::uint32_t>(number / connections_per_address % addresses);
}

FileDescriptor connect_to(std::uint16_t port, std::size_t number) {
  FileDescriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) fail_with_errno("socket");
  set_option(fd.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  set_option(fd.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd.get(), SOL_SOCKET, SO_RCVTIMEO, timeval{patience.count(), 0});
  set_option(fd.get(), SOL_SOCKET, SO_SNDTIMEO, timeval{patience.count(), 0});
  const auto source = loopback_address(source_host(number), 0);
  const auto target = loopback_address(INADDR_LOOPBACK, port);
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0) fail_with_errno("bind");
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&target), sizeof target) != 0) {
    fail_with_errno("connect");
  }
  return fd;
}

}  // namespace

FileDescriptor::FileDescriptor(FileDescriptor&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Connection::Connection(const Endpoint& endpoint, std::size_t number)
    : socket_{connect_to(endpoint.port, number)}, protocol_{endpoint.protocol} {}

void Connection::send_upgrade(const Endpoint& endpoint) {
  send("GET " + endpoint.path + " HTTP/1.1\r\n" + std::string(upgrade_headers));
}

void Connection::expect_upgrade() {
  std::size_t end;
  while ((end = input_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill(Wait::for_input)) throw Failure("the server ended the connection during the handshake");
  }
  const std::string_view head(input_.data(), end);
  if (head.substr(0, 13) != "HTTP/1.1 101 ") throw Failure("the server answered " + quoted(head));
  if (head.find(accept_value) == head.npos) throw Failure("wrong Sec-WebSocket-Accept in " + quoted(head));
  consumed_ = end + 4;
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

void Connection::send(std::string_view frames) {
  while (!frames.empty()) {
    const ssize_t written = ::send(socket_.get(), frames.data(), frames.size(), MSG_NOSIGNAL);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_with_errno("send");
    frames.remove_prefix(static_cast<std::size_t>(written));
  }
}

void Connection::expect(std::string_view expected) {
  const auto payload = receive_text();
  if (payload != expected) {
    throw Failure("the server sent " + quoted(payload) + " instead of " + quoted(expected));
  }
}

void Connection::answer_pings() {
  while (fill(Wait::not_at_all)) {
  }
  if (ended_) throw Failure("the server ended an idle connection");
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
  if (consumed_ != input_.size() || fill(Wait::for_input))
    throw Failure("the server sent more after its close");
}

ServerFrame Connection::receive() {
  std::optional<std::chrono::steady_clock::time_point> first_ping;
  ServerFrame frame{};
  for (;;) {
    if (!take_frame(frame)) {
      if (!fill(Wait::for_input)) throw Failure("the server ended the connection");
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
  const auto next = read_frame(std::string_view(input_).substr(consumed_));
  if (!next) return false;
  frame = *next;
  consumed_ += next->size;
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

bool Connection::fill(Wait wait) {
  static std::array<char, 65'536> buffer;  // one for all connections: thousands of them stay small
  input_.erase(0, std::exchange(consumed_, 0));
  const int flags = wait == Wait::not_at_all ? MSG_DONTWAIT : 0;
  ssize_t size;
  do {
    size = recv(socket_.get(), buffer.data(), buffer.size(), flags);
  } while (size < 0 && errno == EINTR);
  if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    if (wait == Wait::not_at_all) return false;
    throw Failure(silence());
  }
  if (size < 0) fail_with_errno("recv");
  ended_ = size == 0;
  input_.append(buffer.data(), static_cast<std::size_t>(size));
  return !ended_;
}

void Connection::expect_text_starting_with(std::string_view start) {
  const auto payload = receive_text();
  if (payload.substr(0, start.size()) != start) {
    throw Failure("the server sent " + quoted(payload) + " instead of " + quoted(start) + "...");
  }
}

}  // namespace bench
