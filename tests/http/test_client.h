// A raw TCP client on the loop of the server it talks to, for tests: says exactly the bytes it is told, keeps
// what comes.
#pragma once

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "http/text.h"
#include "loop/handle.h"
#include "loop/loop.h"

namespace banter::http {

// Turns the loop until `condition`; a test that hangs fails after ten seconds.
inline void run_until(loop::Loop& loop, auto condition) {
  bool is_late = false;
  loop::UvHandle<uv_timer_t> guard(new uv_timer_t);
  uv_timer_init(loop.uv(), guard.get());
  guard->data = &is_late;
  const auto on_late = [](uv_timer_t* timer) { *static_cast<bool*>(timer->data) = true; };
  uv_timer_start(guard.get(), on_late, 10'000, 0);
  while (!condition() && !is_late)
    uv_run(loop.uv(), UV_RUN_ONCE);
  REQUIRE_FALSE(is_late);
}

// One answer, cut off what a client received.
struct Answer {
  int status = 0;
  std::string head;
  std::string body;

  [[nodiscard]] std::string_view header(std::string_view name) const {
    std::string_view rest = head;
    while (rest.find("\r\n") != std::string_view::npos) {
      const std::string_view line = rest.substr(0, rest.find("\r\n"));
      rest.remove_prefix(line.size() + 2);
      const std::size_t colon = line.find(':');
      if (colon == std::string_view::npos) continue;
      if (equals_ignoring_case(line.substr(0, colon), name)) return trim(line.substr(colon + 1));
    }
    return {};
  }
};

class TestClient {
 public:
  TestClient(loop::Loop& loop, int port) : loop_(loop), fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    poll_.reset(new uv_poll_t);
    uv_poll_init(loop.uv(), poll_.get(), fd_);
    poll_->data = this;
    listen();
  }
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;
  ~TestClient() { close(); }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EAGAIN) {
        uv_run(loop_.uv(), UV_RUN_NOWAIT);
        continue;
      }
      if (sent <= 0) return;  // the server has gone; what it said before can be read
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  void half_close() { ::shutdown(fd_, SHUT_WR); }

  // Ends with RST.
  void reset() {
    const linger hard{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close();
  }
  void close() {
    poll_.reset();
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

  void stop_reading() { uv_poll_stop(poll_.get()); }
  void listen() {
    uv_poll_start(poll_.get(), UV_READABLE, [](uv_poll_t* poll, int, int) {
      if (poll->data) static_cast<TestClient*>(poll->data)->on_readable();
    });
  }

  // Waits for an answer; `HEAD` tells that its body does not follow.
  [[nodiscard]] Answer answer(std::string_view method = "GET") {
    std::optional<Answer> found;
    run_until(loop_, [&] { return (found = take_answer(method)).has_value() || is_over(); });
    REQUIRE(found.has_value());
    return *found;
  }

  // Waits until the server has closed.
  void wait_for_end() {
    run_until(loop_, [&] { return is_over(); });
  }

  [[nodiscard]] const std::string& received() const { return received_; }
  [[nodiscard]] bool has_ended() const { return has_ended_; }
  [[nodiscard]] bool was_reset() const { return was_reset_; }
  [[nodiscard]] bool is_over() const { return has_ended_ || was_reset_; }

 private:
  void on_readable() {
    char buffer[65536];
    const ssize_t length = ::recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT);
    if (length > 0) {
      received_.append(buffer, static_cast<std::size_t>(length));
    } else if (length == 0 || errno != EAGAIN) {
      (length == 0 ? has_ended_ : was_reset_) = true;
      uv_poll_stop(poll_.get());
    }
  }

  std::optional<Answer> take_answer(std::string_view method) {
    const std::size_t end = received_.find("\r\n\r\n");
    if (end == std::string::npos) return std::nullopt;
    Answer answer{std::atoi(received_.c_str() + 9), received_.substr(0, end + 2), {}};
    const std::string_view length = method == "HEAD" ? std::string_view() : answer.header("Content-Length");
    const std::size_t size = length.empty() ? 0 : std::strtoull(std::string(length).c_str(), nullptr, 10);
    if (received_.size() < end + 4 + size) return std::nullopt;
    answer.body = received_.substr(end + 4, size);
    received_.erase(0, end + 4 + size);
    return answer;
  }

  loop::Loop& loop_;
  int fd_;
  loop::UvHandle<uv_poll_t> poll_;
  std::string received_;
  bool has_ended_ = false;
  bool was_reset_ = false;
};

}  // namespace banter::http
