// A Hub with recovery, clients that are lost and come back, and time that the test lets pass.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "socketio/memory_event_log.h"
#include "socketio/recovery.h"
#include "tests/socketio/hub_fixture.h"

namespace banter::test {

class RecoveryFixture : public HubFixture {
 public:
  ~RecoveryFixture() override {
    start();
    hub().close_all({.kind = Reason::server_shutting_down});
    settle();
  }

  // What the client knows of itself: from its CONNECT, and the last offset it was sent.
  struct Known {
    std::string sid;
    std::string pid;
    std::string offset;
  };

  // Recovery begins with the limits that stand here.
  void start() {
    if (shared_) return;
    turn();  // recognises its thread
    log_.emplace(limits, "epoch", [this] { return now; });
    shared_.emplace(socketio::Recovery{*log_, live, skips_middlewares, max_replay});
    hub().use_recovery(*shared_);
  }
  socketio::MemoryEventLog& event_log() {
    start();
    return *log_;
  }

  // Mailbox and deferred tasks lead to each other a few times.
  void settle() {
    for (int i = 0; i < 8; ++i)
      turn();
  }

  // A fresh client, with an event received.
  FakeLink& join_with_offset(Known& known, std::string_view nsp = "/") {
    start();
    FakeLink& link = connect();
    link.text(nsp == "/" ? "0" : "0" + std::string(nsp) + ",");
    settle();
    const auto sent = link.sent();
    REQUIRE(sent.size() == 1);
    known = known_from(sent.front());
    emit_all("hello", {}, nsp);
    known.offset = offset_in(link.sent().back());
    return link;
  }
  // Comes back on another connection; answers what it is sent.
  Log come_back(const Known& known, std::string_view nsp = "/") {
    FakeLink& link = connect();
    link.text(request(known, nsp));
    settle();
    last_link = &link;
    return link.sent();
  }
  static std::string request(const Known& known, std::string_view nsp = "/") {
    return (nsp == "/" ? "0" : "0" + std::string(nsp) + ",") + R"({"pid":")" + known.pid + R"(","offset":")" +
           known.offset + R"(","token":"t"})";
  }
  // A middleware of the test decides; the facade's way back is not there.
  void accept(const detail::SocketRef& ref) {
    if (socketio::Socket* joining = hub().find(ref.slot)) joining->decide(0, true, {}, nullptr);
  }
  void refuse(const detail::SocketRef& ref, std::string message) {
    if (socketio::Socket* joining = hub().find(ref.slot))
      joining->decide(0, false, std::move(message), nullptr);
  }

  // The client's network goes.
  void lose(FakeLink& link, Reason reason = Reason::transport_close) {
    link.end({.kind = reason});
    settle();
  }

  void emit_all(std::string_view event, socketio::Selector selector = {}, std::string_view name = "/",
                loop::Policy policy = loop::Policy::queue) {
    std::string text = "[";
    Encoder out(text);
    out.write_string(event);
    nsp(name).emit(socketio::view_of(out, text.size()), selector, policy);
  }

  // The CONNECT that a client with this sid and pid is sent.
  static std::string connect_of(const Known& known, std::string_view nsp = "/") {
    return (nsp == "/" ? "0" : "0" + std::string(nsp) + ",") + R"({"sid":")" + known.sid + R"(","pid":")" +
           known.pid + "\"}";
  }
  static Known known_from(const std::string& connect) {
    const auto value = [&](std::string_view key) {
      const std::size_t at = connect.find(key);
      REQUIRE(at != std::string::npos);
      return connect.substr(at + key.size(), detail::socket_id_size);
    };
    return {value(R"("sid":")"), value(R"("pid":")"), {}};
  }
  // The last element of an event.
  static std::string offset_in(const std::string& event) {
    const std::size_t end = event.rfind("\"]");
    REQUIRE(end != std::string::npos);
    const std::size_t begin = event.rfind('"', end - 1) + 1;
    return event.substr(begin, end - begin);
  }
  // Events without their offsets, which is the last element.
  static Log names(const Log& sent) {
    Log names;
    for (const std::string& packet : sent) {
      const std::size_t at = packet.rfind(",\"epoch.");
      names.push_back(at == std::string::npos ? packet : packet.substr(0, at) + ']');
    }
    return names;
  }

  loop::TimePoint now{std::chrono::hours{1}};
  socketio::EventLogLimits limits{std::chrono::seconds{120}, 1000, 1'000'000, 100};
  socketio::LiveSessions live;
  bool skips_middlewares = false;
  std::size_t max_replay = 1'000'000;
  FakeLink* last_link = nullptr;  // of who came back last

 private:
  std::optional<socketio::MemoryEventLog> log_;
  std::optional<socketio::Recovery> shared_;
};

}  // namespace banter::test
