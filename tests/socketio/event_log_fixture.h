// A MemoryEventLog whose time the test keeps, and a Worker that writes down what it delivers.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "banter/encode.h"
#include "socketio/memory_event_log.h"
#include "tests/support/test_loop.h"

namespace banter::test {

class EventLogFixture : private socketio::LogReader {
 public:
  virtual ~EventLogFixture() { loop.turn(); }  // the log outlives what it has posted

  using Lines = std::vector<std::string>;

  // Made anew with the limits that stand here; before anything else is called.
  socketio::MemoryEventLog& log() {
    if (!log_) {
      log_.emplace(limits, "epoch", [this] { return now; });
      loop.turn();  // recognises its thread
      log_->add_reader(port(), static_cast<socketio::LogReader&>(*this));
    }
    return *log_;
  }
  Port& port() { return loop.get().port(); }

  [[nodiscard]] static std::shared_ptr<socketio::LogEntry> entry(std::string_view event,
                                                                 socketio::Selector selector = {},
                                                                 std::string_view nsp = "/") {
    std::string text = "[";
    Encoder out(text);
    out.write_string(event);
    auto made = std::make_shared<socketio::LogEntry>(nsp, socketio::view_of(out, text.size()));
    made->selector = std::move(selector);
    return made;
  }
  // Answers the offset that the event got.
  std::string append(std::shared_ptr<socketio::LogEntry> entry) {
    log().append(entry);
    loop.turn();
    return entry->event.extras().offset;
  }
  std::string append(std::string_view event, socketio::Selector selector = {}) {
    return append(entry(event, std::move(selector)));
  }

  void save(std::string pid, std::vector<std::string> rooms = {}) {
    save(session(std::move(pid), std::move(rooms)));
  }
  void save(socketio::SavedSession session) { log().save_session(std::move(session), {}); }
  [[nodiscard]] static socketio::SavedSession session(std::string pid, std::vector<std::string> rooms = {}) {
    socketio::SavedSession saved;
    saved.nsp = "/";
    saved.sid = "sid of " + pid;
    saved.pid = std::move(pid);
    saved.rooms = std::move(rooms);
    return saved;
  }
  socketio::TakenSession take(std::string pid, std::string offset, std::string nsp = "/") {
    std::optional<socketio::TakenSession> answer;
    log().take_session({std::move(nsp), std::move(pid), std::move(offset)},
                       {detail::PortRef(port()),
                        [&answer](socketio::TakenSession taken) { answer.emplace(std::move(taken)); }});
    loop.turn();
    REQUIRE(answer);
    return std::move(*answer);
  }
  // The names of the events, or why not.
  Lines replay(const socketio::SavedSession& session, std::string_view offset) {
    Lines names;
    bool is_answered = false;
    log().replay(session, offset, {detail::PortRef(port()), [&](socketio::MissedEvents missed) {
                                     is_answered = true;
                                     if (missed.failure != RecoveryFailure::none)
                                       names.emplace_back(to_text(missed.failure));
                                     for (const auto& entry : missed.entries)
                                       names.push_back(name_of(*entry));
                                   }});
    loop.turn();
    REQUIRE(is_answered);
    return names;
  }

  static std::string name_of(const socketio::LogEntry& entry) {
    const std::string_view json = entry.event.payload().json;
    return std::string(json.substr(2, json.size() - 3));
  }

  TestLoop loop;
  loop::TimePoint now{std::chrono::hours{1}};
  socketio::EventLogLimits limits{std::chrono::seconds{120}, 100, 1'000'000, 100};
  Lines delivered;

 private:
  void deliver(const socketio::LogEntry& entry) override { delivered.push_back(name_of(entry)); }

  std::optional<socketio::MemoryEventLog> log_;
};

}  // namespace banter::test
