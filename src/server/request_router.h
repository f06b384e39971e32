// Tells a Worker's requests apart: Engine.IO, the embedded client, raw and plain JSON endpoints, and the
// application's own routes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/handshake.h"
#include "http/assets.h"
#include "http/request_handler.h"
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

 private:
  [[nodiscard]] std::optional<engine::Refusal> check(const http::Request& request) const;
  [[nodiscard]] bool is_origin_allowed(const http::Request& request) const;
  [[nodiscard]] http::Upgrade::Accepted shake_hands(const http::Request& request, http::Upgrade& upgrade);
  void answer_engine(const http::Request& request, http::Responder responder);
  void answer_client_file(const http::Request& request, http::Responder responder, std::string_view name);
  void upgrade_engine(const http::Request& request, http::Upgrade upgrade);
  void upgrade_native(const http::Request& request, http::Upgrade upgrade, std::uint32_t nsp);
  void upgrade_raw(const http::Request& request, http::Upgrade upgrade, WebSocketEndpoint& endpoint);

  Worker& worker_;
  const std::string& engine_path_;
  http::Assets client_;
  std::map<std::string, RawSettings, std::less<>> raw_settings_;  // by path of the endpoint
};

}  // namespace banter::server
