#include "load/tcp.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

#include "load/failure.h"

namespace bench {
namespace {

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

std::string silence() {
  return "the server sent nothing that is due for " + std::to_string(patience.count()) + " seconds";
}

TcpConnection::TcpConnection(std::uint16_t port, std::size_t number) : socket_{connect_to(port, number)} {}

void TcpConnection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_with_errno("send");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

bool TcpConnection::fill(Wait wait) {
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

}  // namespace bench
