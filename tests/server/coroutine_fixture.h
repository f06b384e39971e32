// What tests of coroutines have in common: what was alive in them, and a pool that the test itself works for.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/server/test_server.h"

namespace banter::test {

// Counts what lives of it: in a coroutine's frame, or captured by its function.
class Live {
 public:
  explicit Live(int& count) noexcept : count_(&count) { ++*count_; }
  Live(const Live& other) noexcept : Live(*other.count_) {}
  Live& operator=(const Live&) = delete;
  ~Live() { --*count_; }

 private:
  int* count_;
};

// Work of the application that has not been done yet: each is a coroutine that waits for it.
class Backlog {
 public:
  auto wait() {
    return suspend([this](Resume resume) { waiting_.push_back(std::move(resume)); });
  }
  [[nodiscard]] std::size_t size() const { return waiting_.size(); }

  void finish_all() {
    for (Resume& resume : std::exchange(waiting_, {}))
      resume();
  }
  void drop_all() { waiting_.clear(); }

 private:
  std::vector<Resume> waiting_;
};

// An event for which nothing has to happen but that it is heard.
inline void expect_echo(TestServer& server, SocketioClient& client, const Socket& socket) {
  server.settle();
  socket.emit("echo");
  CHECK(client.read() == R"(2["echo"])");
}

// The id of an EVENT that asks for an answer: `2<id>["…`.
inline std::string id_asked_with(const std::string& packet) {
  REQUIRE(packet.starts_with('2'));
  return packet.substr(1, packet.find('[') - 1);
}

}  // namespace banter::test
