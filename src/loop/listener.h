// A listening TCP socket.
#pragma once

#include <uv.h>

#include <cstdint>
#include <string_view>

#include "loop/address.h"
#include "loop/stream.h"

namespace banter::loop {

class AcceptHandler {
 public:
  virtual void on_accept(StreamPtr stream) = 0;

 protected:
  ~AcceptHandler() = default;
};

// A resource on one Loop. Accepted connections inherit TCP_NODELAY and keep-alive from it.
class Listener {
 public:
  // Binds `host` (numeric, or a name that resolves to one; "::" takes IPv4 as well) and `port` (0 picks a
  // free one) and begins to accept. Throws std::system_error that names host and port.
  Listener(Loop& loop, AcceptHandler& handler, const Settings& settings, std::string_view host,
           std::uint16_t port);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();  // stops accepting

  // Lets connections wait in the kernel, and accepts them again.
  void hold() noexcept { is_held_ = true; }
  void resume();

  [[nodiscard]] const Address& bound() const noexcept { return bound_; }

 private:
  struct Handle {
    uv_tcp_t tcp{};
    std::weak_ptr<Loop> loop;  // a loop that has not turned yet may go before its close callback
  };

  void on_connection(int status);
  void open(std::string_view host, std::uint16_t port);
  [[nodiscard]] int bind_and_listen(const sockaddr& address);
  void close() noexcept;
  [[nodiscard]] Address bound_address() const;

  Loop& loop_;
  AcceptHandler& handler_;
  const Settings& settings_;
  Handle* handle_ = nullptr;  // freed in its close callback
  Address bound_;
  bool is_held_ = false;
  bool has_waiting_ = false;  // libuv has told of a connection while it was held, and waits itself until then
};

}  // namespace banter::loop
