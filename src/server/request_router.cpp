#include "server/request_router.h"

#include <utility>

#include "banter/encode.h"
#include "engine/handshake_record.h"
#include "http/error.h"
#include "http/error_page.h"
#include "loop/loop.h"
#include "loop/stream.h"
#include "server/client_files.h"
#include "server/request_parts.h"
#include "server/worker.h"
#include "socketio/namespace.h"
#include "websocket/upgrade.h"

namespace banter::server {

namespace {

constexpr std::string_view plain_text = "text/plain; charset=utf-8";

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
    : worker_(worker),
      engine_path_(worker.shared().registration.engine_path),
      origins_(worker.shared().cors, worker.shared().problems, worker.counters().refused_origins),
      client_(client_assets()) {
  detail::Registration& registration = worker.shared().registration;
  const auto add_engine = [&](const std::string& path, EngineGate::Accept accept) {
    engine_numbers_.emplace(path, engines_.size());
    engines_.push_back(std::make_unique<EngineGate>(worker, engines_.size(), std::move(accept)));
  };
  add_engine(engine_path_, [&hub = worker.hub()](engine::Session& session) -> engine::LinkHandler& {
    return hub.accept(session);
  });
  for (auto& [path, endpoint] : registration.engines) {
    add_engine(path,
               [&all = worker.engine_sockets(), &endpoint = endpoint](engine::Session& session)
                   -> engine::LinkHandler& { return all.accept(session, endpoint); });
  }
  for (const auto& [path, endpoint] : registration.websockets) {
    raw_settings_.emplace(path, RawSettings(worker.shared().options, endpoint));
  }
}

EngineGate* RequestRouter::find_engine(std::string_view path) const noexcept {
  const auto found = engine_numbers_.find(path);
  return found == engine_numbers_.end() ? nullptr : engines_[found->second].get();
}

void RequestRouter::refuse_pending() {
  for (const auto& engine : engines_)
    engine->endpoint().refuse_pending();
}

// --- what comes before any endpoint

std::optional<http::Response> RequestRouter::answer_early(const http::Request& request,
                                                          http::Exchange& exchange) {
  if (auto preflight = worker_.shared().cors.preflight(request)) return preflight;
  for (const http::Header& header : worker_.shared().cors.headers_for(request))
    exchange.add_header(header.name, header.value);
  if (worker_.is_closing()) return closing();
  EngineGate* engine = find_engine(request.path);
  if (engine) add_headers(worker_.shared().registration.on_headers, request, exchange);
  return ask_middlewares(request, engine);
}

std::optional<http::Response> RequestRouter::ask_middlewares(const http::Request& request,
                                                             EngineGate* engine) {
  Problem context;
  context.where = Problem::Where::http;
  context.event = request.path;
  for (Http::Middleware& middleware : worker_.shared().registration.middlewares) {
    std::optional<http::Response> refusal;
    const bool is_whole = socketio::call_user(worker_.shared().problems, context, [&] {
      const http::Params none;
      if (const auto why = middleware(Request({request, none})))
        refusal.emplace(why->status, plain_text, why->text);
    });
    if (!is_whole) return http::error_page(500, "The server has no answer to this request.");
    if (refusal && engine) return engine->refuse(request);
    if (refusal) return refusal;
  }
  return std::nullopt;
}

void RequestRouter::add_headers(HeadersHandler& handler, const http::Request& request,
                                http::Exchange& exchange) {
  if (!handler) return;
  Problem context;
  context.where = Problem::Where::http;
  context.event = request.path;
  socketio::call_user(worker_.shared().problems, context, [&] {
    const http::Params none;
    detail::PendingAnswer answer{exchange};
    AnswerHeaders headers(answer);
    handler(Request({request, none}), headers);
  });
}

// --- requests

http::BodyPlan RequestRouter::on_head(const http::Request& request, http::Incoming& incoming) {
  if (auto answer = answer_early(request, incoming)) return http::BodyPlan::refuse(std::move(*answer));
  if (EngineGate* engine = find_engine(request.path)) return engine->endpoint().on_head(request, incoming);
  if (!worker_.shared().registration.router.wants_body(request)) return http::BodyPlan::drop();
  return http::BodyPlan::read(worker_.shared().options.http.max_body);
}

void RequestRouter::on_request(http::Request& request, http::Responder responder) {
  if (!request.has_body()) {  // else on_head() has asked
    if (auto answer = answer_early(request, responder)) return responder.send(std::move(*answer));
  }
  if (EngineGate* engine = find_engine(request.path)) {
    return engine->endpoint().on_request(request, std::move(responder));
  }
  detail::Registration& registration = worker_.shared().registration;
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
  if (auto answer = answer_early(request, upgrade)) return upgrade.refuse(std::move(*answer));
  if (EngineGate* engine = find_engine(request.path)) {
    return engine->endpoint().on_upgrade(request, std::move(upgrade));
  }
  detail::Registration& registration = worker_.shared().registration;
  if (const auto raw = registration.websockets.find(request.path); raw != registration.websockets.end()) {
    return upgrade_raw(request, std::move(upgrade), raw->second);
  }
  if (const auto native = registration.native.find(request.path); native != registration.native.end()) {
    return upgrade_native(request, std::move(upgrade), native->second);
  }
  refuse(upgrade, 404, "There is no WebSocket endpoint at this address");
}

void RequestRouter::on_bad_request(std::error_code error, const loop::Stream& stream) {
  base::Log& log = worker_.shared().registration.log;
  if (!log.wants(LogLevel::debug)) return;
  const std::string text = "answered " + std::to_string(http::status_of(error)) + ": " + error.message();
  log.write({LogLevel::debug, Layer::http, text, {}, {}, stream.peer().host});
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

void RequestRouter::upgrade_native(const http::Request& request, http::Upgrade upgrade,
                                   const detail::NativeEndpoint& endpoint) {
  if (!origins_.allow(request)) {
    origins_.report(request);
    return refuse(upgrade, 403, engine::origin_refused);
  }
  engine::HandshakeRecord record = engine::record_of(request, upgrade);
  auto [stream, rest, deflate] = websocket::accept_upgrade(request, upgrade, worker_.compressors());
  if (!stream) return;
  engine::NativeLink& link =
      worker_.native_links().open(std::move(stream), worker_.shared().settings.websocket,
                                  worker_.counters().websocket, std::move(record), std::move(deflate));
  const auto& definition = *worker_.shared().registration.namespaces.all()[endpoint.nsp];
  std::optional<std::string> auth;
  if (endpoint.options.auth == NativeAuth::query) auth = query_as_json(request.query);
  link.start(worker_.hub().accept_native(link, definition, std::move(auth)), rest);
}

void RequestRouter::upgrade_raw(const http::Request& request, http::Upgrade upgrade,
                                WebSocketEndpoint& endpoint) {
  if (!origins_.allow(request)) {
    origins_.report(request);
    return refuse(upgrade, 403, engine::origin_refused);
  }
  const RawSettings& settings = raw_settings_.find(request.path)->second;
  auto [stream, rest, deflate] = websocket::accept_upgrade(request, upgrade, worker_.compressors());
  if (!stream) return;
  stream->set_settings(settings.stream);
  worker_.raw_sockets().open(std::move(stream), endpoint, settings.websocket, worker_.counters().websocket,
                             std::move(deflate), rest);
}

}  // namespace banter::server
