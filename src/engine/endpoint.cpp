#include "engine/endpoint.h"

#include <utility>

#include "engine/handshake_record.h"
#include "engine/polling_transport.h"
#include "http/error_page.h"

namespace banter::engine {

namespace {

std::optional<std::string_view> origin_of(const http::Request& request) {
  if (!request.headers.has("Origin")) return std::nullopt;
  return request.header("Origin");
}

http::Response method_not_allowed(const http::Request& request) {
  http::Response response = http::error_page(405, request.method + " is not possible here, but GET, POST");
  response.set_header("Allow", "GET, POST");
  return response;
}

// Without opening anything.
void answer(PendingExchange& exchange, http::Response response) {
  if (auto* upgrade = std::get_if<http::Upgrade>(&exchange)) return upgrade->refuse(std::move(response));
  std::get<http::Responder>(exchange).send(std::move(response));
}

}  // namespace

Endpoint::Endpoint(const Context& context, EndpointOwner& owner)
    : context_(context),
      owner_(owner),
      sessions_(context.loop, context.settings, context.counters, context.worker) {}

Endpoint::~Endpoint() = default;

// --- requests of sessions

http::BodyPlan Endpoint::on_head(const http::Request& request, http::Incoming& incoming) {
  const Query query(request.query);
  Session* session = find(query);
  if (const auto refusal = check(request, query, session))
    return http::BodyPlan::refuse(refusal_of(request, *refusal));
  if (!session || request.method != "POST") return http::BodyPlan::drop();
  return session->polling()->begin_post(request, incoming);
}

void Endpoint::on_request(http::Request& request, http::Responder responder) {
  const Query query(request.query);
  Session* session = find(query);
  if (const auto refusal = check(request, query, session))
    return responder.send(refusal_of(request, *refusal));
  if (!session) return admit(request, std::move(responder));
  PollingTransport& polling = *session->polling();
  if (request.method == "GET") return polling.poll(request, std::move(responder));
  if (request.method == "POST") return polling.post(request, std::move(responder));
  responder.send(method_not_allowed(request));
}

void Endpoint::on_upgrade(http::Request& request, http::Upgrade upgrade) {
  const Query query(request.query);
  Session* session = find(query);
  if (const auto refusal = check(request, query, session)) {
    PendingExchange exchange(std::move(upgrade));
    return refuse(request, exchange, *refusal);
  }
  if (!session) return admit(request, std::move(upgrade));
  websocket::Opened opened = websocket::accept_upgrade(request, upgrade, context_.compressors);
  if (!opened.stream) return;
  auto transport = make_transport(opened, query);
  // A second WebSocket of a session is accepted and closed: the first is not to suffer from it.
  if (!session->can_upgrade()) return transport->close_unused();
  session->begin_upgrade(std::move(transport), opened.rest);
}

Session* Endpoint::find(const Query& query) noexcept {
  Session* session = query.names_session() ? sessions_.find(query.sid) : nullptr;
  return session && session->is_alive() ? session : nullptr;
}

// --- checks

std::optional<Refusal> Endpoint::check(const http::Request& request, const Query& query,
                                       Session* session) const {
  const HandshakeRequest handshake{
      .method = request.method,
      .query = query,
      .origin = origin_of(request),
      .is_upgrade = request.is_upgrade,
      .is_origin_allowed = !request.is_upgrade || owner_.is_origin_allowed(request),
      .serves_polling = context_.settings.serves_polling,
      .serves_websocket = context_.settings.serves_websocket};
  const KnownSession known{.is_websocket = session && !session->polling()};
  return check_request(handshake, session ? &known : nullptr);
}

http::Response Endpoint::refusal_of(const http::Request& request, const Refusal& refusal,
                                    std::string_view own_message) {
  const std::string_view message = own_message.empty() ? message_of(refusal) : own_message;
  context_.counters.refused[static_cast<std::size_t>(refusal.code)].add();
  owner_.on_refused(request, refusal, message);
  const int status = refusal.code == RefusalCode::forbidden ? 403 : 400;
  if (request.is_upgrade) return http::Response(status, "text/html", std::string(message));
  return http::Response(status, "application/json", body_of(refusal.code, message));
}

void Endpoint::refuse(const http::Request& request, PendingExchange& exchange, const Refusal& refusal,
                      std::string_view message) {
  answer(exchange, refusal_of(request, refusal, message));
}

// --- handshakes

void Endpoint::admit(http::Request& request, PendingExchange exchange) {
  if (!owner_.decides()) return open(request, std::move(exchange));
  const std::uint64_t number = next_handshake_++;
  auto pending = std::make_unique<PendingHandshake>(*this, number, std::move(request), std::move(exchange));
  const http::Request& kept = pending->request();
  pending_.emplace(number, std::move(pending));
  owner_.decide(kept, number);
}

void Endpoint::decided(std::uint64_t handshake, std::optional<std::string> refusal) {
  const auto node = pending_.extract(handshake);
  if (!node) return;
  PendingHandshake& pending = *node.mapped();
  if (!refusal) return open(pending.request(), std::move(pending.exchange()));
  refuse(pending.request(), pending.exchange(), {RefusalCode::forbidden, "NOT_ALLOWED_BY_APPLICATION"},
         *refusal);
}

void Endpoint::open(const http::Request& request, PendingExchange exchange) {
  if (!Query(request.query).has_revision_4()) {
    const Refusal refusal{RefusalCode::unsupported_version, "UNSUPPORTED_PROTOCOL_VERSION"};
    return refuse(request, exchange, refusal);
  }
  const auto id = sessions_.next_id();
  if (!id) {
    const Refusal refusal{RefusalCode::bad_request, "ID_GENERATION_ERROR"};
    return refuse(request, exchange, refusal);
  }
  if (auto* upgrade = std::get_if<http::Upgrade>(&exchange))
    return open_websocket(request, std::move(*upgrade), *id);
  open_polling(request, std::get<http::Responder>(std::move(exchange)), *id);
}

void Endpoint::open_polling(const http::Request& request, http::Responder responder, const SessionId& id) {
  owner_.on_opening(request, responder, id);
  Session& session = sessions_.open(id, record_of(request, responder));
  session.begin_polling().poll(request, std::move(responder));
  session.start(owner_.accept(session));
}

void Endpoint::open_websocket(const http::Request& request, http::Upgrade upgrade, const SessionId& id) {
  HandshakeRecord record = record_of(request, upgrade);
  websocket::Opened opened = websocket::accept_upgrade(request, upgrade, context_.compressors,
                                                       [&] { owner_.on_opening(request, upgrade, id); });
  if (!opened.stream) return;
  auto transport = make_transport(opened, Query(request.query));
  WebSocketTransport& begun = *transport;
  Session& session = sessions_.open(id, std::move(record));
  session.set_transport(std::move(transport));
  session.start(owner_.accept(session));
  begun.start(session.transport_handler(), opened.rest);
}

std::unique_ptr<WebSocketTransport> Endpoint::make_transport(websocket::Opened& opened,
                                                             const Query& query) const {
  return std::make_unique<WebSocketTransport>(
      std::move(opened.stream), context_.websocket_settings, context_.websocket_counters,
      query.wants_base64 ? BinaryMessages::as_base64 : BinaryMessages::plain, std::move(opened.deflate));
}

void Endpoint::refuse_pending() {
  while (!pending_.empty()) {
    const auto node = pending_.extract(pending_.begin());
    answer(node.mapped()->exchange(), http::error_page(503, "The server is shutting down."));
  }
}

}  // namespace banter::engine
