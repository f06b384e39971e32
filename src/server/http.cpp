#include "banter/http.h"

#include <atomic>
#include <memory>
#include <stdexcept>
#include <utility>

#include "base/utf8.h"
#include "http/router.h"
#include "http/static_files.h"
#include "server/handles.h"
#include "server/raw_websocket.h"
#include "server/request_parts.h"

namespace banter {

namespace detail {

// The answer that a request waits for. Its responder is touched on the connection's Worker only, also by
// moving it; elsewhere just its owner is handed on.
struct PendingResponse {
  PendingResponse(PortRef its_port, http::Responder its_responder)
      : port(std::move(its_port)), responder(std::make_unique<http::Responder>(std::move(its_responder))) {}
  PendingResponse(const PendingResponse&) = delete;
  PendingResponse& operator=(const PendingResponse&) = delete;

  // Unanswered: 500, which the responder says itself where it is destroyed.
  ~PendingResponse() {
    if (port->is_here()) return;
    port->post([abandoned = std::move(responder)] {});
  }

  PortRef port;
  std::unique_ptr<http::Responder> responder;
  std::atomic<bool> is_sent{false};
  http::Headers headers;
};

}  // namespace detail

std::string_view Request::method() const noexcept {
  return parts_.request.method;
}
std::string_view Request::path() const noexcept {
  return parts_.request.path;
}
std::string_view Request::body() const noexcept {
  return parts_.request.body;
}
std::string_view Request::param(std::string_view name) const noexcept {
  return parts_.params.get(name);
}
std::string_view Request::header(std::string_view name) const noexcept {
  return parts_.request.header(name);
}
std::optional<std::string> Request::query(std::string_view name) const {
  return parts_.request.query_value(name);
}

void Response::send(int status, std::string_view content_type, std::string body) const {
  http::Response response(status, content_type, std::move(body));
  for (const http::Header& header : pending_->headers)
    response.set_header(header.name, header.value);
  if (pending_->is_sent.exchange(true)) return;
  if (pending_->port->is_here()) return pending_->responder->send(std::move(response));
  pending_->port->post([pending = pending_, answer = std::make_unique<http::Response>(std::move(response))] {
    pending->responder->send(std::move(*answer));
  });
}

const Response& Response::set_header(std::string_view name, std::string_view value) const {
  http::Response(200).set_header(name, value);  // throws for what cannot be one
  pending_->headers.add(std::string(name), std::string(value));
  return *this;
}

namespace {

http::Router::Handler wrap(Http::Handler handler) {
  return [handler = std::move(handler)](http::Request& request, const http::Params& params,
                                        http::Responder responder) mutable {
    const detail::RequestParts parts{request, params};
    detail::PortRef port(responder.loop().port());
    handler(Request(parts),
            Response(std::make_shared<detail::PendingResponse>(std::move(port), std::move(responder))));
  };
}

}  // namespace

void Http::use(Middleware middleware) const {
  detail::open_registration(registration_, "http().use")->middlewares.push_back(std::move(middleware));
}

void Http::get(std::string_view pattern, Handler handler) const {
  detail::open_registration(registration_, "http().get")->router.get(pattern, wrap(std::move(handler)));
}

void Http::post(std::string_view pattern, Handler handler) const {
  detail::open_registration(registration_, "http().post")->router.post(pattern, wrap(std::move(handler)));
}

void Http::files(std::string_view prefix, const std::string& folder) const {
  const auto registration = detail::open_registration(registration_, "http().files");
  auto files = std::make_unique<http::StaticFiles>(prefix, folder);
  registration->router.mount(prefix, [files = std::move(files)](http::Request& request, const http::Params&,
                                                                http::Responder responder) {
    files->serve(request, std::move(responder));
  });
}

namespace {

SendResult send_raw(const detail::PortRef& port, detail::Slot slot, MessageKind kind,
                    std::string_view payload) {
  if (!port || !port->is_open()) return SendResult::closed;
  const auto find = [](const Port& of, detail::Slot which) -> server::RawSocket* {
    server::Worker* worker = server::begun_worker(of);
    return worker ? worker->raw_sockets().find(which) : nullptr;
  };
  if (port->is_here()) {
    server::RawSocket* socket = find(*port, slot);
    return socket ? socket->connection().send(kind, payload) : SendResult::closed;
  }
  if (server::refuses_posts(*port)) return SendResult::dropped;
  const bool is_posted = port->post([port, slot, kind, find, copy = std::string(payload),
                                     charge = base::Charge(port->budget(), payload.size())] {
    if (server::RawSocket* socket = find(*port, slot)) socket->connection().send(kind, copy);
  });
  return is_posted ? SendResult::posted : SendResult::closed;
}

}  // namespace

SendResult WebSocket::send(std::string_view text) const {
  if (base::is_valid_utf8(text)) return send_raw(port_, slot_, MessageKind::text, text);
  std::string valid;
  base::append_lossy(valid, text);
  return send_raw(port_, slot_, MessageKind::text, valid);
}

SendResult WebSocket::send(BytesView bytes) const {
  return send_raw(port_, slot_, MessageKind::binary, as_text(bytes));
}

SendResult WebSocket::send(BytesView bytes, MessageKind kind) const {
  return kind == MessageKind::text ? send(as_text(bytes)) : send(bytes);
}

void WebSocket::close(std::uint16_t code, std::string_view reason) const {
  if (code != 1000 && (code < 3000 || code > 4999)) {
    throw std::invalid_argument("banter: WebSocket::close: " + std::to_string(code) +
                                ": a code is 1000 or from 3000 to 4999");
  }
  server::with_worker(port_, [slot = slot_, code, why = std::string(reason)](server::Worker& worker) {
    if (server::RawSocket* socket = worker.raw_sockets().find(slot)) {
      socket->connection().close(websocket::CloseCode{code}, why);
    }
  });
}

std::size_t WebSocket::buffered() const {
  if (!port_ || !port_->is_open()) return 0;
  if (!port_->is_here())
    throw std::logic_error("banter: WebSocket::buffered belongs to the connection's Worker");
  server::Worker* worker = server::begun_worker(*port_);
  server::RawSocket* socket = worker ? worker->raw_sockets().find(slot_) : nullptr;
  return socket ? socket->connection().buffered() : 0;
}

}  // namespace banter
