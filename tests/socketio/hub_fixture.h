// A Hub with fake links, handlers that write down what they are called with, and time that the test lets
// pass.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "banter/encode.h"
#include "socketio/encoded_event.h"
#include "socketio/hub.h"
#include "socketio/namespace.h"
#include "tests/socketio/fake_link.h"
#include "tests/support/test_loop.h"

namespace banter::test {

class HubFixture : public socketio::ProblemSink {
 public:
  using Call = detail::Invocation;
  using Log = std::vector<std::string>;

  virtual ~HubFixture() {
    if (hub_) hub_->close_all({.kind = Reason::server_shutting_down});
    turn();
    hub_.reset();
  }

  // --- before the first connect ---

  template <class F>
  void on(std::string_view event, F handler, std::string_view nsp = "/") {
    socketio::add_handler(registry.get(nsp).handlers, event, {}, detail::Handler(std::move(handler)));
  }
  // Notes "name event(arguments)" for each call.
  void log_event(std::string_view event, std::string_view nsp = "/") {
    on(
        event, [this, name = std::string(event)](Call& call) { log.push_back(name + text_of(call)); }, nsp);
  }
  void log_life(std::string_view nsp = "/") {
    for (const std::string_view event : {"connection", "disconnecting", "disconnect"})
      log_event(event, nsp);
  }
  template <class F>
  void use(F middleware, std::string_view nsp = "/") {
    registry.get(nsp).handlers.middlewares.emplace_back(std::move(middleware));
  }

  // --- afterwards ---

  socketio::Hub& hub() {
    if (!hub_) hub_.emplace(loop.get(), settings, counters, registry, *this);
    return *hub_;
  }
  FakeLink& connect() {
    FakeLink& link = *links_.emplace_back(std::make_unique<FakeLink>(loop.get()));
    link.set_handler(hub().accept(link));
    return link;
  }
  // Connected, and in `nsp`; the answer is forgotten.
  FakeLink& join(std::string_view nsp = "/") {
    FakeLink& link = connect();
    link.text(nsp == "/" ? "0" : "0" + std::string(nsp) + ",");
    REQUIRE(link.sent().size() == 1);
    return link;
  }
  FakeLink& join_native(std::string_view nsp = "/", std::optional<std::string> auth = "{}") {
    FakeLink& link = *links_.emplace_back(std::make_unique<FakeLink>(loop.get(), engine::FormKind::native));
    // As with a real link, the handler is set before anything deferred runs.
    link.set_handler(hub().accept_native(link, registry.get(nsp), std::move(auth)));
    return link;
  }
  socketio::Namespace& nsp(std::string_view name = "/") { return hub().part_of(registry.get(name)); }
  socketio::Socket& socket(const Call& call) { return *hub().find(call.socket.slot); }
  // The only socket of a namespace.
  socketio::Socket& only_socket(std::string_view name = "/") {
    const auto sockets = nsp(name).select({});
    REQUIRE(sockets.size() == 1);
    return *sockets.front();
  }

  // Ends the turn: what was deferred runs, what was retired is destroyed.
  void turn() { loop.turn(); }

  // Lets time pass without waiting: libuv's cached time is moved on, which the next turn sets right again.
  void pass(loop::Milliseconds time) {
    loop.get().uv()->time += static_cast<std::uint64_t>(time.count());
    loop.get().wheel().advance(loop.get().now());
    loop.get().flush();
  }

  template <class... Values>
  SendResult emit(socketio::Socket& socket, std::string_view event, Values&&... values) {
    return emit_with(socket, {}, nullptr, event, std::forward<Values>(values)...);
  }
  template <class... Values>
  SendResult emit_with(socketio::Socket& socket, socketio::EmitFlags flags, detail::AckCallback callback,
                       std::string_view event, Values&&... values) {
    std::string text = "[";
    Encoder out(text);
    out.write_string(event);
    const std::size_t name_end = text.size();
    encode_arguments(out, std::forward<Values>(values)...);
    return socket.emit(socketio::view_of(out, name_end), flags, std::move(callback));
  }
  void answer(socketio::Socket& socket, std::uint64_t id, int value) {
    std::string text = "[";
    Encoder out(text);
    encode_arguments(out, value);
    socket.send_ack(id, socketio::view_of(out, 0));
  }
  void broadcast(const socketio::Selector& selector, std::string_view event, std::string_view name = "/",
                 loop::Policy policy = loop::Policy::queue) {
    std::string text = "[";
    Encoder out(text);
    out.write_string(event);
    const socketio::EncodedEvent encoded(name, socketio::view_of(out, text.size()));
    nsp(name).broadcast(encoded, selector, policy);
  }

  static std::string text_of(const Call& call) {
    if (call.reason) return " " + std::string(call.reason->text());
    std::string text = "(";
    for (std::size_t i = 0; i < call.args.size(); ++i)
      text.append(i ? "," : "").append(call.args.raw(i));
    return text + ")";
  }

  void report(const Problem& problem) noexcept override {
    problems.push_back(std::to_string(static_cast<int>(problem.where)) + " " + std::string(problem.event) +
                       " " + problem.text);
  }
  Log take_log() { return std::exchange(log, {}); }

  TestLoop loop;
  socketio::Settings settings;
  socketio::Counters counters;
  socketio::Registry registry;
  Log log;
  Log problems;  // where, event, text

 private:
  std::vector<std::unique_ptr<FakeLink>> links_;
  std::optional<socketio::Hub> hub_;
};

}  // namespace banter::test
