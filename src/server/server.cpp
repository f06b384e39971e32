#include "banter/server.h"

#include <stdexcept>
#include <utility>

#include "loop/mailbox.h"
#include "server/core.h"

namespace banter {

Server::Server(Options options) : core_(std::make_shared<detail::Core>(std::move(options), nullptr)) {}

Server::Server(uv_loop_s* loop, Options options) {
  if (!loop) throw std::invalid_argument("banter: Server: the loop is null");
  core_ = std::make_shared<detail::Core>(std::move(options), loop);
}

Server::~Server() {
  core_->end();
}

Namespace Server::of(std::string_view name) {
  const auto& registration = core_->registration();
  const std::string full = name.starts_with('/') ? std::string(name) : "/" + std::string(name);
  if (!registration->namespaces.find(full)) registration->require_open("of(\"" + full + "\")");
  const auto& definition = registration->namespaces.get(full);
  return Namespace(registration, detail::PortRef(core_->port()), definition.index);
}

Namespace Server::main() const {
  return Namespace(core_->registration(), detail::PortRef(core_->port()), 0);
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

void Server::native_events(std::string_view path, std::string_view nsp) {
  core_->registration()->require_open("native_events");
  core_->registration()->require_free(path);
  core_->registration()->native.emplace(std::string(path), core_->registration()->namespaces.get(nsp).index);
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
  if (port_->is_here()) return server::Worker::of(*port_)->timers().cancel(id_);
  port_->post([port = port_, id = id_] { server::Worker::of(*port)->timers().cancel(id); });
}

}  // namespace banter
