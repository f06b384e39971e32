// A loop with a listener on 127.0.0.1 and plain sockets as its peers, all on the test's own thread.
#pragma once

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "banter/function.h"
#include "loop/listener.h"
#include "loop/loop.h"
#include "loop/stream.h"

namespace banter::loop::test {

// A receive buffer that is full soon. Much less than loopback's packet size would make the kernel wait for
// its window probes.
constexpr int slow_reader = 128 * 1024;

// The other end of a connection: a socket that never blocks.
class Peer {
 public:
  explicit Peer(std::uint16_t port, int receive_buffer = 0) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    if (receive_buffer > 0) setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    fcntl(fd_, F_SETFL, O_NONBLOCK);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer() { close(); }

  // Answers how much was taken.
  std::size_t send(std::string_view bytes) const {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return sent < 0 ? 0 : static_cast<std::size_t>(sent);
  }

  // Appends to `received` what has arrived, at most `limit` bytes.
  void read(std::size_t limit = SIZE_MAX) {
    char buffer[64 * 1024];
    while (limit > 0 && !has_ended && !error) {
      const ssize_t length = recv(fd_, buffer, std::min(limit, sizeof buffer), 0);
      if (length < 0 && errno == EAGAIN) return;
      if (length < 0) error = errno;
      if (length == 0) has_ended = true;
      if (length <= 0) return;
      received.append(buffer, static_cast<std::size_t>(length));
      limit -= static_cast<std::size_t>(length);
    }
  }

  void end() const { shutdown(fd_, SHUT_WR); }

  void reset() {
    const linger hard{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close();
  }

  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

  std::string received;
  bool has_ended = false;
  int error = 0;

 private:
  int fd_;
};

// Owns a stream and writes down what it is told.
struct Recorder final : StreamHandler {
  explicit Recorder(StreamPtr accepted) : stream(std::move(accepted)) { stream->start(*this); }

  void on_read(std::span<char> bytes) override {
    received.append(bytes.data(), bytes.size());
    if (when_read) when_read();
  }
  void on_end(std::error_code with) override {
    ++ends;
    error = with;
    if (when_end) when_end();
  }
  void on_drain() override {
    ++drains;
    if (when_drain) when_drain();
  }

  StreamPtr stream;
  std::string received;
  int ends = 0;
  int drains = 0;
  std::error_code error;
  Function<void()> when_read;
  Function<void()> when_end;
  Function<void()> when_drain;
};

struct Harness final : AcceptHandler {
  explicit Harness(Settings with = {}, uv_loop_t* foreign = nullptr) : settings(with), loop(foreign) {
    listener.emplace(loop, *this, settings, "127.0.0.1", std::uint16_t{0});
  }
  ~Harness() {
    accepted.clear();
    listener.reset();
    bool is_closed = false;
    loop.close([&] { is_closed = true; });
    run_until([&] { return is_closed; });
  }

  void on_accept(StreamPtr stream) override { accepted.push_back(std::move(stream)); }

  [[nodiscard]] std::uint16_t port() const { return listener->bound().port; }

  // Turns the loop until `is_done`; fails after a time in which any test would have ended.
  template <class Condition>
  void run_until(Condition is_done) {
    const TimePoint limit = loop.now() + std::chrono::seconds{20};
    while (!is_done()) {
      uv_run(loop.uv(), UV_RUN_NOWAIT);
      if (loop.now() >= limit) FAIL("nothing happened");
    }
  }

  // Connections whose close callback has not run.
  [[nodiscard]] int open_streams() {
    int count = 0;
    uv_walk(
        loop.uv(), [](uv_handle_t* handle, void* sum) { *static_cast<int*>(sum) += handle->type == UV_TCP; },
        &count);
    return count - (listener ? 1 : 0);
  }

  void run_turns(int count) {
    while (count-- > 0)
      uv_run(loop.uv(), UV_RUN_NOWAIT);
  }

  [[nodiscard]] std::unique_ptr<Recorder> accept() {
    run_until([&] { return !accepted.empty(); });
    auto recorder = std::make_unique<Recorder>(std::move(accepted.front()));
    accepted.pop_front();
    return recorder;
  }

  Settings settings;
  Loop loop;
  std::deque<StreamPtr> accepted;
  std::optional<Listener> listener;
};

// Bytes of which any piece that is lost, doubled or moved shows.
inline std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i)
    text[i] = static_cast<char>((i * 2654435761U) >> 13);
  return text;
}

}  // namespace banter::loop::test
