// Tells a Worker's requests apart: Engine.IO, the embedded client, raw and plain JSON endpoints, and the
// application's own routes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/assets.h"
#include "http/request_handler.h"
#include "server/engine_gate.h"
#include "server/origins.h"
#include "server/settings.h"

namespace banter {
struct WebSocketEndpoint;
}

namespace banter::server {

class Worker;

class RequestRouter final : public http::RequestHandler {
 public:
  explicit RequestRouter(Worker& worker);

  http::BodyPlan on_head(const http::Request& request, http::Incoming& incoming) override;
  void on_request(http::Request& request, http::Responder responder) override;
  void on_upgrade(http::Request& request, http::Upgrade upgrade) override;
  void on_bad_request(std::error_code error, const loop::Stream& stream) override;

  // The Engine.IO endpoint of that number; 0 is Socket.IO's.
  [[nodiscard]] engine::Endpoint& engine(std::size_t number) noexcept { return engines_[number]->endpoint(); }

  [[nodiscard]] Origins& origins() noexcept { return origins_; }

  // Lets the application add headers to an answer; `handler` may be empty.
  using HeadersHandler = Function<void(const Request&, AnswerHeaders&)>;
  void add_headers(HeadersHandler& handler, const http::Request& request, http::Exchange& exchange);

  // Handshakes that wait for the application are refused: the server closes.
  void refuse_pending();

 private:
  [[nodiscard]] EngineGate* find_engine(std::string_view path) const noexcept;
  [[nodiscard]] std::optional<http::Response> answer_early(const http::Request& request,
                                                           http::Exchange& exchange);
  // `engine` answers for requests of its own; null for others.
  [[nodiscard]] std::optional<http::Response> ask_middlewares(const http::Request& request,
                                                              EngineGate* engine);
  void answer_client_file(const http::Request& request, http::Responder responder, std::string_view name);
  void upgrade_native(const http::Request& request, http::Upgrade upgrade,
                      const detail::NativeEndpoint& endpoint);
  void upgrade_raw(const http::Request& request, http::Upgrade upgrade, WebSocketEndpoint& endpoint);

  Worker& worker_;
  const std::string& engine_path_;
  Origins origins_;
  std::vector<std::unique_ptr<EngineGate>> engines_;
  std::map<std::string, std::size_t, std::less<>> engine_numbers_;  // by path
  http::Assets client_;
  std::map<std::string, RawSettings, std::less<>> raw_settings_;  // by path of the endpoint
};

}  // namespace banter::server
