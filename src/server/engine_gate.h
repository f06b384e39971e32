// What the application has to say about one Engine.IO endpoint of a Worker: which origins, whose handshakes,
// which headers; and what it hears of refusals.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "banter/function.h"
#include "engine/endpoint.h"
#include "server/worker.h"

namespace banter::server {

class EngineGate final : private engine::EndpointOwner {
 public:
  using Accept = Function<engine::LinkHandler&(engine::Session&)>;

  // `number` is the endpoint's among those of the Worker; `accept` is asked for each new session.
  EngineGate(Worker& worker, std::size_t number, Accept accept);

  [[nodiscard]] engine::Endpoint& endpoint() noexcept { return endpoint_; }

  // A middleware has refused the request: the answer.
  [[nodiscard]] http::Response refuse(const http::Request& request);

 private:
  engine::LinkHandler& accept(engine::Session& session) override { return accept_(session); }
  [[nodiscard]] bool is_origin_allowed(const http::Request& request) const override;
  [[nodiscard]] bool decides() const noexcept override;
  void decide(const http::Request& request, std::uint64_t handshake) override;
  void on_opening(const http::Request& request, http::Exchange& exchange,
                  const engine::SessionId& id) override;
  void on_refused(const http::Request& request, const engine::Refusal& refusal,
                  std::string_view message) override;
  void log_refusal(const http::Request& request, const engine::Refusal& refusal, std::string_view message);

  Worker& worker_;
  std::size_t number_;
  Accept accept_;
  engine::Endpoint endpoint_;
};

// The value of Set-Cookie.
[[nodiscard]] std::string cookie_of(const CookieOptions& options, std::string_view id);

}  // namespace banter::server
