#include "server/engine_gate.h"

#include <atomic>
#include <memory>
#include <utility>

#include "banter/admission.h"
#include "server/handles.h"
#include "server/request_parts.h"
#include "server/request_router.h"

namespace banter {

namespace detail {

// Names a handshake that waits at an endpoint of a Worker.
struct PendingAdmission {
  PendingAdmission(PortRef its_port, std::size_t its_engine, std::uint64_t its_handshake) noexcept
      : port(std::move(its_port)), engine(its_engine), handshake(its_handshake) {}
  PendingAdmission(const PendingAdmission&) = delete;
  PendingAdmission& operator=(const PendingAdmission&) = delete;
  ~PendingAdmission() { decide(Verdict::refused, {}); }

  // Never from inside the call that asks: the handshake's request goes with the decision.
  enum class Verdict { allowed, refused };
  void decide(Verdict verdict, std::string message) {
    if (is_decided.exchange(true)) return;
    server::with_worker(port, [engine = engine, handshake = handshake, verdict,
                               message = std::move(message)](server::Worker& worker) mutable {
      worker.loop().defer([&worker, engine, handshake, verdict, message = std::move(message)]() mutable {
        engine::Endpoint& endpoint = worker.router().engine(engine);
        if (verdict == Verdict::allowed) return endpoint.decided(handshake, std::nullopt);
        endpoint.decided(handshake, std::move(message));
      });
    });
  }

  PortRef port;
  std::size_t engine;
  std::uint64_t handshake;
  std::atomic<bool> is_decided{false};
};

void admit(const std::shared_ptr<PendingAdmission>& admission) {
  admission->decide(PendingAdmission::Verdict::allowed, {});
}

void refuse(const std::shared_ptr<PendingAdmission>& admission, std::string message) {
  admission->decide(PendingAdmission::Verdict::refused, std::move(message));
}

}  // namespace detail

void AnswerHeaders::add(std::string_view name, std::string_view value) {
  answer_.exchange.add_header(name, value);
}

namespace server {

namespace {

Problem context_of(std::string_view event) {
  Problem context;
  context.where = Problem::Where::http;
  context.event = event;
  return context;
}

std::string_view to_text(CookieOptions::SameSite same_site) noexcept {
  switch (same_site) {
    case CookieOptions::SameSite::strict: return "Strict";
    case CookieOptions::SameSite::lax: return "Lax";
    case CookieOptions::SameSite::none: break;
  }
  return "None";
}

}  // namespace

std::string cookie_of(const CookieOptions& options, std::string_view id) {
  std::string cookie = options.name + "=" + std::string(id) + "; Path=" + options.path;
  if (!options.domain.empty()) cookie += "; Domain=" + options.domain;
  if (options.max_age) cookie += "; Max-Age=" + std::to_string(options.max_age->count());
  if (options.http_only) cookie += "; HttpOnly";
  if (options.secure) cookie += "; Secure";
  return cookie.append("; SameSite=").append(to_text(options.same_site));
}

EngineGate::EngineGate(Worker& worker, std::size_t number, Accept accept)
    : worker_(worker),
      number_(number),
      accept_(std::move(accept)),
      endpoint_({.loop = worker.loop(),
                 .settings = worker.shared().settings.engine,
                 .websocket_settings = worker.shared().settings.websocket,
                 .counters = worker.counters().engine,
                 .websocket_counters = worker.counters().websocket,
                 .compressors = worker.compressors(),
                 .worker = 0},
                static_cast<engine::EndpointOwner&>(*this)) {}

bool EngineGate::is_origin_allowed(const http::Request& request) const {
  return worker_.router().origins().allow(request);
}

bool EngineGate::decides() const noexcept {
  return static_cast<bool>(worker_.shared().registration.allow_request);
}

void EngineGate::decide(const http::Request& request, std::uint64_t handshake) {
  auto pending =
      std::make_shared<detail::PendingAdmission>(detail::PortRef(worker_.loop().port()), number_, handshake);
  socketio::call_user(worker_.shared().problems, context_of("allow_request"), [&] {
    const http::Params none;
    worker_.shared().registration.allow_request(Request({request, none}), Admission(std::move(pending)));
  });
}

void EngineGate::on_opening(const http::Request& request, http::Exchange& exchange,
                            const engine::SessionId& id) {
  if (const auto& cookie = worker_.shared().options.cookie) {
    exchange.add_header("Set-Cookie", cookie_of(*cookie, id.view()));
  }
  worker_.router().add_headers(worker_.shared().registration.on_initial_headers, request, exchange);
  worker_.router().origins().report_if_unread(request);
}

void EngineGate::on_refused(const http::Request& request, const engine::Refusal& refusal,
                            std::string_view message) {
  if (refusal.context == "ORIGIN_NOT_ALLOWED") worker_.router().origins().report(request);
  log_refusal(request, refusal, message);
  auto& handler = worker_.shared().registration.on_connection_error;
  if (!handler) return;
  socketio::call_user(worker_.shared().problems, context_of("connection_error"), [&] {
    const http::Params none;
    const detail::RequestParts parts{request, none};
    const Request shown(parts);
    handler({shown, static_cast<int>(refusal.code), message, refusal.context});
  });
}

void EngineGate::log_refusal(const http::Request& request, const engine::Refusal& refusal,
                             std::string_view message) {
  base::Log& log = worker_.shared().registration.log;
  if (!log.wants(LogLevel::warning)) return;
  std::string text = "refused " + request.method + " " + request.path + ": " + std::string(message);
  text.append(" (code ").append(std::to_string(static_cast<int>(refusal.code))).append(", ");
  text.append(refusal.context).append(")");
  log.write({LogLevel::warning, Layer::engine, text, {}, {}, {}});
}

http::Response EngineGate::refuse(const http::Request& request) {
  return endpoint_.refusal_of(request, {engine::RefusalCode::bad_request, "MIDDLEWARE_FAILURE"});
}

}  // namespace server
}  // namespace banter
