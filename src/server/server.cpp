#include "banter/server.h"

#include <stdexcept>
#include <utility>

#include "loop/mailbox.h"
#include "server/core.h"
#include "server/handles.h"

namespace banter {

namespace {

Namespace handle_of(detail::Core& core, std::uint32_t id, std::string_view name) {
  return Namespace(core.registration(), detail::PortRef(core.port()), id, name);
}

void cancel_timer(const Port& port, std::uint64_t id, detail::Slot slot) {
  if (slot == detail::Slot{}) return server::Worker::of(port)->timers().cancel(id);
  server::Worker* worker = server::begun_worker(port);
  if (socketio::Socket* socket = worker ? worker->hub().find(slot) : nullptr) socket->cancel_timer(id);
}

}  // namespace

Server::Server(Options options) : core_(std::make_shared<detail::Core>(std::move(options), nullptr)) {}

Server::Server(uv_loop_s* loop, Options options) {
  if (!loop) throw std::invalid_argument("banter: Server: the loop is null");
  core_ = std::make_shared<detail::Core>(std::move(options), loop);
}

Server::~Server() {
  core_->end();
}

Namespace Server::of(std::string_view name) {
  socketio::Registry& namespaces = core_->registration()->namespaces;
  const std::string full = name.starts_with('/') ? std::string(name) : "/" + std::string(name);
  if (const auto* known = namespaces.find(full)) return handle_of(*core_, known->id, full);
  if (core_->registration()->is_open) return handle_of(*core_, namespaces.get(full).id, full);
  if (namespaces.rules().empty()) core_->registration()->require_open("of(\"" + full + "\")");
  return handle_of(*core_, namespaces.dynamic().find(full).value_or(socketio::no_namespace), full);
}

Namespace Server::of(Pattern pattern) {
  core_->registration()->require_open("of(Pattern)");
  auto matches = socketio::matches_pattern(pattern.ecmascript);
  const auto& rule = core_->registration()->namespaces.add_rule(pattern.ecmascript, std::move(matches));
  return handle_of(*core_, rule.id, rule.text);
}

Namespace Server::add_rule(Function<bool(std::string_view, const json&)> predicate) {
  core_->registration()->require_open("of(predicate)");
  const auto& rule = core_->registration()->namespaces.add_rule({}, std::move(predicate));
  return handle_of(*core_, rule.id, rule.text);
}

void Server::on_new_namespace(Function<void(Namespace)> handler) {
  core_->registration()->require_open("on_new_namespace");
  core_->registration()->namespaces.on_new_namespace =
      [handler = std::move(handler), registration = std::weak_ptr(core_->registration())](
          const detail::PortRef& port, const socketio::NamespaceDefinition& made) mutable {
        handler(Namespace(registration, port, made.id, made.name));
      };
}

Namespace Server::main() const {
  return handle_of(*core_, 0, "/");
}

Broadcast Server::everyone() const {
  return Broadcast(detail::PortRef(core_->port()), 0);
}

void Server::on_error(Function<void(const Problem&)> handler) {
  core_->registration()->require_open("on_error");
  core_->registration()->on_error = std::move(handler);
}

void Server::on_log(LogLevel most, Function<void(const LogRecord&)> handler) {
  core_->registration()->require_open("on_log");
  core_->registration()->log.set(most, std::move(handler));
}

Metrics Server::metrics() const {
  return core_->metrics();
}

Http Server::http() {
  return Http(core_->registration());
}

void Server::websocket(std::string_view path, WebSocketEndpoint endpoint) {
  core_->registration()->require_open("websocket");
  core_->registration()->require_free(path);
  core_->registration()->websockets.emplace(std::string(path), std::move(endpoint));
}

void Server::engine(std::string_view path, EngineEndpoint endpoint) {
  core_->registration()->require_open("engine");
  core_->registration()->require_free(path);
  core_->registration()->engines.emplace(std::string(path), std::move(endpoint));
}

void Server::allow_request(Function<void(const Request&, Admission)> decide) {
  core_->registration()->require_open("allow_request");
  core_->registration()->allow_request = std::move(decide);
}

void Server::on_connection_error(Function<void(const ConnectionError&)> handler) {
  core_->registration()->require_open("on_connection_error");
  core_->registration()->on_connection_error = std::move(handler);
}

void Server::on_initial_headers(Function<void(const Request&, AnswerHeaders&)> handler) {
  core_->registration()->require_open("on_initial_headers");
  core_->registration()->on_initial_headers = std::move(handler);
}

void Server::on_headers(Function<void(const Request&, AnswerHeaders&)> handler) {
  core_->registration()->require_open("on_headers");
  core_->registration()->on_headers = std::move(handler);
}

void Server::native_events(std::string_view path, std::string_view nsp, const NativeOptions& options) {
  core_->registration()->require_open("native_events");
  core_->registration()->require_free(path);
  const std::uint32_t id = core_->registration()->namespaces.get(nsp).id;
  core_->registration()->native.emplace(std::string(path), detail::NativeEndpoint{id, options});
}

Address Server::listen(std::uint16_t port, std::string_view host) {
  return core_->listen(host, port);
}

void Server::run() {
  core_->run();
}

void Server::close(Function<void()> done) {
  core_->close(std::move(done));
}

bool Server::run_on(std::size_t worker, Function<void()> task) {
  return core_->run_on(worker, std::move(task));
}

Timer Server::after(std::chrono::milliseconds delay, Function<void()> task) {
  return Timer(detail::PortRef(core_->port()), core_->after(delay, std::move(task)));
}

void Timer::cancel() const {
  if (!port_) return;
  if (port_->is_here()) return cancel_timer(*port_, id_, socket_);
  port_->post([port = port_, id = id_, socket = socket_] { cancel_timer(*port, id, socket); });
}

}  // namespace banter
