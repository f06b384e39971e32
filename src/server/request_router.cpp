#include "server/request_router.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

#include "banter/encode.h"
#include "engine/handshake_record.h"
#include "engine/websocket_transport.h"
#include "loop/loop.h"
#include "server/client_files.h"
#include "server/origins.h"
#include "server/worker.h"
#include "socketio/namespace.h"
#include "websocket/frame_writer.h"
#include "websocket/handshake.h"

namespace banter::server {

namespace {

constexpr std::string_view plain_text = "text/plain; charset=utf-8";

std::optional<std::string_view> origin_of(const http::Request& request) {
  if (!request.headers.has("origin")) return std::nullopt;
  return request.header("origin");
}

http::Assets client_assets() {
  http::Assets assets(BANTER_VERSION);
  for (const EmbeddedFile& file : client_files()) {
    assets.add(std::string(file.name), {.content_type = std::string(file.type),
                                        .bytes = base::SharedBytes::take(as_text(file.bytes)),
                                        .gzip = base::SharedBytes::take(as_text(file.gzip)),
                                        .brotli = base::SharedBytes::take(as_text(file.brotli))});
  }
  return assets;
}

// Refuses a WebSocket handshake.
void refuse(http::Upgrade& upgrade, int status, std::string_view body) {
  upgrade.refuse(http::Response(status, plain_text, std::string(body)));
}

engine::HandshakeRecord record_of(const http::Request& request, const loop::Stream& stream) {
  engine::HandshakeRecord record(request.target, stream.peer().host, false, std::chrono::system_clock::now());
  for (const http::Header& header : request.headers)
    record.add_header(header.name, header.value);
  return record;
}

// The query as a JSON object: the `auth` of a client that can send none.
std::string query_as_json(std::string_view query) {
  json object = json::object();
  for (auto& [name, value] : http::parse_query(query))
    object[name] = std::move(value);
  std::string text;
  Encoder(text).write_json(object);
  return text;
}

http::Response closing() {
  http::Response response(503, plain_text, "The server is shutting down\n");
  response.set_header("Retry-After", "1").close_connection();
  return response;
}

http::Response upgrade_required() {
  http::Response response(426, plain_text, "This address is for WebSockets only");
  response.set_header("Upgrade", "websocket");
  return response;
}

}  // namespace

RequestRouter::RequestRouter(Worker& worker)
    : worker_(worker), engine_path_(worker.shared().registration.engine_path), client_(client_assets()) {
  for (const auto& [path, endpoint] : worker.shared().registration.websockets) {
    raw_settings_.emplace(path, RawSettings(worker.shared().options, endpoint));
  }
}

http::BodyPlan RequestRouter::on_head(const http::Request& request, http::Incoming& /*incoming*/) {
  const detail::Registration& registration = worker_.shared().registration;
  if (!registration.router.wants_body(request)) return http::BodyPlan::drop();
  return http::BodyPlan::read(worker_.shared().options.http.max_body);
}

void RequestRouter::on_request(http::Request& request, http::Responder responder) {
  if (worker_.is_closing()) return responder.send(closing());
  detail::Registration& registration = worker_.shared().registration;
  if (request.path == engine_path_) return answer_engine(request, std::move(responder));
  if (request.path.starts_with(engine_path_)) {
    return answer_client_file(request, std::move(responder),
                              std::string_view(request.path).substr(engine_path_.size()));
  }
  if (registration.websockets.contains(request.path) || registration.native.contains(request.path)) {
    return responder.send(upgrade_required());
  }
  registration.router.route(request, std::move(responder));
}

void RequestRouter::on_upgrade(http::Request& request, http::Upgrade upgrade) {
  if (worker_.is_closing()) return upgrade.refuse(closing());
  detail::Registration& registration = worker_.shared().registration;
  if (request.path == engine_path_) return upgrade_engine(request, std::move(upgrade));
  if (const auto raw = registration.websockets.find(request.path); raw != registration.websockets.end()) {
    return upgrade_raw(request, std::move(upgrade), raw->second);
  }
  if (const auto native = registration.native.find(request.path); native != registration.native.end()) {
    return upgrade_native(request, std::move(upgrade), native->second);
  }
  refuse(upgrade, 404, "There is no WebSocket endpoint at this address");
}

bool RequestRouter::is_origin_allowed(const http::Request& request) const {
  const auto origin = origin_of(request);
  return engine::is_same_origin(origin, request.host) ||
         lists_origin(worker_.shared().options.cors.origins, *origin);
}

std::optional<engine::Refusal> RequestRouter::check(const http::Request& request) const {
  const auto transport = request.query_value("transport");
  const auto sid = request.query_value("sid");
  const auto revision = request.query_value("EIO");
  engine::HandshakeRequest handshake{.method = request.method,
                                     .transport = transport,
                                     .sid = sid,
                                     .revision = revision,
                                     .origin = origin_of(request),
                                     .host = request.host,
                                     .is_upgrade = request.is_upgrade,
                                     .is_origin_allowed = is_origin_allowed(request)};
  const engine::KnownSession known{.is_websocket = true};
  const bool is_known = sid && worker_.sessions().find(*sid) != nullptr;
  const auto refusal = engine::check_request(handshake, is_known ? &known : nullptr);
  if (refusal) worker_.counters().engine.refused[static_cast<std::size_t>(refusal->code)].add();
  return refusal;
}

void RequestRouter::answer_engine(const http::Request& request, http::Responder responder) {
  // An ordinary request can only be one for polling, which is not offered yet: each is refused by some check.
  const engine::Refusal refusal =
      check(request).value_or(engine::Refusal{engine::RefusalCode::bad_request, "TRANSPORT_HANDSHAKE_ERROR"});
  const int status = refusal.code == engine::RefusalCode::forbidden ? 403 : 400;
  responder.send(status, "application/json", std::string(engine::body_of(refusal.code)));
}

void RequestRouter::answer_client_file(const http::Request& request, http::Responder responder,
                                       std::string_view name) {
  const bool is_served = worker_.shared().options.serve_client;
  if (auto response = is_served ? client_.answer(request, name) : std::nullopt) {
    return responder.send(std::move(*response));
  }
  const bool is_missing = is_served && client_files().empty();
  responder.send(
      404, plain_text,
      is_missing ? "The JavaScript client is not part of this build (BANTER_CLIENT)\n" : "Not found\n");
}

// Answers 101, or refuses; then the stream is null.
http::Upgrade::Accepted RequestRouter::shake_hands(const http::Request& request, http::Upgrade& upgrade) {
  std::vector<websocket::Field> fields;
  fields.reserve(request.headers.size());
  for (const http::Header& header : request.headers)
    fields.push_back({header.name, header.value});
  const websocket::HandshakeRequest handshake{.method = request.method, .fields = fields};
  const auto answer = websocket::check_handshake(handshake);
  if (const auto* acceptance = std::get_if<websocket::Acceptance>(&answer)) {
    return upgrade.accept(websocket::switching_protocols(*acceptance));
  }
  const auto& refusal = std::get<websocket::Refusal>(answer);
  http::Response response(refusal.status, plain_text, std::string(refusal.body));
  for (const websocket::Field& field : refusal.fields)
    response.set_header(field.name, field.value);
  upgrade.refuse(std::move(response));
  return {};
}

void RequestRouter::upgrade_engine(const http::Request& request, http::Upgrade upgrade) {
  if (const auto refusal = check(request)) {
    const bool is_forbidden = refusal->code == engine::RefusalCode::forbidden;
    const std::string_view body = is_forbidden ? origin_refused : engine::message_of(refusal->code);
    return upgrade.refuse(http::Response(is_forbidden ? 403 : 400, "text/html", std::string(body)));
  }
  const bool names_session = !request.query_value("sid").value_or("").empty();
  const auto id = names_session ? std::nullopt : worker_.sessions().next_id();
  if (!names_session && !id)
    return refuse(upgrade, 400, engine::message_of(engine::RefusalCode::bad_request));
  auto [stream, rest] = shake_hands(request, upgrade);
  if (!stream) return;
  const auto binary =
      request.query_value("b64") == "1" ? engine::BinaryMessages::as_base64 : engine::BinaryMessages::plain;
  engine::HandshakeRecord record = record_of(request, *stream);
  auto transport = std::make_unique<engine::WebSocketTransport>(
      std::move(stream), worker_.shared().settings.websocket, worker_.counters().websocket, binary);
  // A second WebSocket of a session is accepted and closed: the first is not to suffer from it.
  if (names_session) return transport->close({});
  engine::WebSocketTransport& opened = *transport;
  engine::Session& session = worker_.sessions().open(*id, std::move(transport), std::move(record));
  session.start(worker_.hub().accept(session));
  opened.start(session.transport_handler(), rest);
}

void RequestRouter::upgrade_native(const http::Request& request, http::Upgrade upgrade, std::uint32_t nsp) {
  if (!is_origin_allowed(request)) return refuse(upgrade, 403, origin_refused);
  auto [stream, rest] = shake_hands(request, upgrade);
  if (!stream) return;
  engine::HandshakeRecord record = record_of(request, *stream);
  engine::NativeLink& link =
      worker_.native_links().open(std::move(stream), worker_.shared().settings.websocket,
                                  worker_.counters().websocket, std::move(record));
  socketio::NamespaceDefinition& definition = *worker_.shared().registration.namespaces.all()[nsp];
  link.start(worker_.hub().accept_native(link, definition, query_as_json(request.query)), rest);
}

void RequestRouter::upgrade_raw(const http::Request& request, http::Upgrade upgrade,
                                WebSocketEndpoint& endpoint) {
  if (!is_origin_allowed(request)) return refuse(upgrade, 403, origin_refused);
  const RawSettings& settings = raw_settings_.find(request.path)->second;
  auto [stream, rest] = shake_hands(request, upgrade);
  if (!stream) return;
  stream->set_settings(settings.stream);
  worker_.raw_sockets().open(std::move(stream), endpoint, settings.websocket, worker_.counters().websocket,
                             rest);
}

}  // namespace banter::server
