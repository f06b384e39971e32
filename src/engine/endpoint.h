// Engine.IO at one path: decides about requests, opens sessions and leads the requests of open ones to them.
//
//   GET, Upgrade without sid   checks --> the application's decision --> a session
//   GET, POST with sid         checks --> the session's polling transport
//   Upgrade with sid           checks --> 101 --> the session, which is upgraded
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/handshake.h"
#include "engine/pending_handshake.h"
#include "engine/session_table.h"
#include "engine/websocket_transport.h"
#include "http/request_handler.h"
#include "websocket/connection.h"
#include "websocket/upgrade.h"

namespace banter::engine {

// What an endpoint asks of the layer above.
class EndpointOwner {
 public:
  // The one who hears what a new session's client sends; lives until its on_close.
  virtual LinkHandler& accept(Session& session) = 0;

  // Whether a page of the request's origin may open a WebSocket; true without Origin.
  [[nodiscard]] virtual bool is_origin_allowed(const http::Request& request) const = 0;

  // Whether handshakes wait for a decision. Then decide() is called for each, and Endpoint::decided() is to
  // follow, at once or later.
  [[nodiscard]] virtual bool decides() const noexcept = 0;
  virtual void decide(const http::Request& request, std::uint64_t handshake) = 0;

  // A session with this id is about to be opened: may add headers to the answer.
  virtual void on_opening(const http::Request& request, http::Exchange& exchange, const SessionId& id) = 0;

  // A request was refused. `message` is what its client is told.
  virtual void on_refused(const http::Request& request, const Refusal& refusal, std::string_view message) = 0;

 protected:
  ~EndpointOwner() = default;
};

class Endpoint {
 public:
  // Everything outlives the endpoint; `worker` is this Worker's number.
  struct Context {
    loop::Loop& loop;
    const Settings& settings;
    const websocket::Settings& websocket_settings;
    Counters& counters;
    websocket::Counters& websocket_counters;
    websocket::Compressors* compressors;  // null: WebSockets do not compress
    std::uint8_t worker;
  };
  Endpoint(const Context& context, EndpointOwner& owner);
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;
  ~Endpoint();

  // As http::RequestHandler has them, for requests of this path.
  [[nodiscard]] http::BodyPlan on_head(const http::Request& request, http::Incoming& incoming);
  void on_request(http::Request& request, http::Responder responder);
  void on_upgrade(http::Request& request, http::Upgrade upgrade);

  // What decide() has asked for: refuses with `refusal`, if there is one. Without effect if the client has
  // gone, or it came too late.
  void decided(std::uint64_t handshake, std::optional<std::string> refusal);

  // Destroys the handshakes that are not decided; their clients are told 503.
  void refuse_pending();

  // The answer to a request that is refused; counted and told. `own_message` stands for that of the code.
  [[nodiscard]] http::Response refusal_of(const http::Request& request, const Refusal& refusal,
                                          std::string_view own_message = {});

  [[nodiscard]] SessionTable& sessions() noexcept { return sessions_; }

 private:
  friend class PendingHandshake;

  [[nodiscard]] Session* find(const Query& query) noexcept;
  [[nodiscard]] std::optional<Refusal> check(const http::Request& request, const Query& query,
                                             Session* session) const;
  void refuse(const http::Request& request, PendingExchange& exchange, const Refusal& refusal,
              std::string_view own_message = {});
  void admit(http::Request& request, PendingExchange exchange);
  void open(const http::Request& request, PendingExchange exchange);
  void open_polling(const http::Request& request, http::Responder responder, const SessionId& id);
  void open_websocket(const http::Request& request, http::Upgrade upgrade, const SessionId& id);
  [[nodiscard]] std::unique_ptr<WebSocketTransport> make_transport(websocket::Opened& opened,
                                                                   const Query& query) const;

  Context context_;
  EndpointOwner& owner_;
  SessionTable sessions_;
  std::unordered_map<std::uint64_t, std::unique_ptr<PendingHandshake>> pending_;
  std::uint64_t next_handshake_ = 1;
};

}  // namespace banter::engine
