// A handshake that waits for the application's decision.
#pragma once

#include <cstdint>
#include <variant>

#include "http/exchange.h"
#include "http/request.h"
#include "loop/timer_wheel.h"

namespace banter::engine {

class Endpoint;

// How it will be answered: a poll, or a WebSocket's handshake.
using PendingExchange = std::variant<http::Responder, http::Upgrade>;

[[nodiscard]] http::Exchange& base_of(PendingExchange& exchange) noexcept;

// Owned by its Endpoint, which it tells when the time is over or the client has gone.
class PendingHandshake {
 public:
  PendingHandshake(Endpoint& endpoint, std::uint64_t number, http::Request request, PendingExchange exchange);
  PendingHandshake(const PendingHandshake&) = delete;
  PendingHandshake& operator=(const PendingHandshake&) = delete;

  [[nodiscard]] const http::Request& request() const noexcept { return request_; }
  [[nodiscard]] PendingExchange& exchange() noexcept { return exchange_; }

 private:
  void on_deadline();

  Endpoint& endpoint_;
  std::uint64_t number_;
  http::Request request_;
  PendingExchange exchange_;
  loop::Deadline deadline_{*this, loop::Deadline::Calls<&PendingHandshake::on_deadline>{}};
};

}  // namespace banter::engine
