// The server, in a process of its own: what it has allocated and opened is not mixed with what the clients
// have.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "descriptor.h"

namespace churn {

// What the server says of itself.
struct Report {
  std::uint64_t sessions = 0;     // open now
  std::uint64_t polling = 0;      // of these
  std::uint64_t connections = 0;  // of HTTP, open now
  std::uint64_t opened = 0;       // sessions, ever
  std::uint64_t given_up = 0;     // sessions without a pong, requests that did not go on; ever
  std::uint64_t heap = 0;         // bytes in use: mallinfo2().uordblks
};

// Throws Failure where the server does not do as it should.
class ServerProcess {
 public:
  // Forks, so no thread may be running. The server listens on a free port of 127.0.0.1.
  ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess();  // kills what stop() has not stopped

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] Report report() const;
  [[nodiscard]] std::size_t descriptors() const;  // open now

  // Lets it stand still, so that what clients do meanwhile comes to it all at once.
  void pause() const;
  void resume() const;

  // Has it close and waits for its end; it must leave nothing on its loop, and a sanitizer nothing to say.
  void stop();

 private:
  Descriptor control_;  // a socket: a byte asks for a report, the end asks it to close
  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace churn
