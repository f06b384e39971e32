// A TCP client that sends and receives literal bytes, with nothing between it and the socket.
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "banter/function.h"

namespace banter::test {

// While it waits it calls `turn`, which runs the server's loop if that is on this thread.
class RawClient {
 public:
  enum class State { open, ended, reset };

  // Connects to 127.0.0.1. A small `receive_buffer` (bytes) makes a peer that takes little.
  RawClient(int port, Function<void()> turn, int receive_buffer = 0) : turn_(std::move(turn)) {
    socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(socket_ >= 0);
    if (receive_buffer != 0) {
      setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    fcntl(socket_, F_SETFL, O_NONBLOCK);
  }
  RawClient(RawClient&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), state_(other.state_), turn_(std::move(other.turn_)) {}
  RawClient& operator=(RawClient&&) = delete;
  ~RawClient() { close(); }

  // Sends everything; true unless the server has closed.
  bool send(std::string_view bytes) {
    return wait_for([&] {
             const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
             if (sent < 0 && errno != EAGAIN) return true;
             if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
             return bytes.empty();
           }) &&
           bytes.empty();
  }

  // Sends what the kernel takes at once; answers how much that was.
  std::size_t send_some(std::string_view bytes) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return sent > 0 ? static_cast<std::size_t>(sent) : 0;
  }

  // The next `count` bytes, or fewer if the connection ends before.
  std::string read(std::size_t count) {
    std::string bytes;
    wait_for([&] {
      while (bytes.size() < count && receive(bytes, count - bytes.size())) {
      }
      return bytes.size() == count || state_ != State::open;
    });
    return bytes;
  }

  // Everything until the connection ends.
  std::string read_to_end() { return read(std::string::npos); }

  // Everything that has come so far, without waiting.
  std::string read_available() {
    std::string bytes;
    while (receive(bytes, std::string::npos)) {
    }
    return bytes;
  }

  [[nodiscard]] State state() const { return state_; }

  void shut_down_sending() { shutdown(socket_, SHUT_WR); }

  // Closes with RST, as a host that crashes or a client that is killed with data unread.
  void reset() {
    const linger at_once{1, 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
  }

  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }

 private:
  // False if there is nothing to be had at the moment, or ever.
  bool receive(std::string& bytes, std::size_t at_most) {
    std::array<char, 64 * 1024> buffer;
    const ssize_t length = ::recv(socket_, buffer.data(), std::min(buffer.size(), at_most), 0);
    if (length > 0) bytes.append(buffer.data(), static_cast<std::size_t>(length));
    if (length == 0) state_ = State::ended;
    if (length < 0 && errno != EAGAIN) state_ = State::reset;
    return length > 0;
  }

  template <class Condition>
  bool wait_for(Condition condition) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!condition()) {
      if (std::chrono::steady_clock::now() > give_up) {
        FAIL_CHECK("the server does not answer");
        return false;
      }
      turn_();
    }
    return true;
  }

  int socket_ = -1;
  State state_ = State::open;
  Function<void()> turn_;
};

}  // namespace banter::test
