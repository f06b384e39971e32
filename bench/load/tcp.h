#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

// A descriptor with an owner.
class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_{fd} {}
  FileDescriptor(FileDescriptor&& other) noexcept;
  FileDescriptor& operator=(FileDescriptor&&) = delete;
  ~FileDescriptor();
  int get() const { return fd_; }

 private:
  int fd_;
};

// For what the server has to send, and the words if it does not.
inline constexpr std::chrono::seconds patience{30};
std::string silence();

// A blocking connection to 127.0.0.1, and what has come on it and is not taken yet. Throws Failure at an
// error, and where `patience` is at its end.
class TcpConnection {
 public:
  // Connects. `number` picks the source address among 127.0.0.0/8: each has its own 28,000 ports.
  TcpConnection(std::uint16_t port, std::size_t number);

  void send(std::string_view bytes);

  enum class Wait { for_input, not_at_all };

  // Appends what arrives to the input. False if nothing has arrived, or if the server has ended the stream.
  bool fill(Wait wait);

  // Holds until the next fill().
  std::string_view input() const { return std::string_view(input_).substr(consumed_); }
  void take(std::size_t count) { consumed_ += count; }
  bool has_ended() const { return ended_; }

 private:
  FileDescriptor socket_;
  std::string input_;
  std::size_t consumed_ = 0;  // bytes at the front of input_ that are done with
  bool ended_ = false;
};

}  // namespace bench
