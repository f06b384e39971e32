// Sessions of bare Engine.IO endpoints, and the handles that the application has of them.
#pragma once

#include <memory>

#include "banter/engine.h"
#include "banter/handle.h"
#include "engine/session.h"
#include "loop/loop.h"
#include "server/slot_table.h"
#include "socketio/user_code.h"

namespace banter::server {

class EngineConnection;

// The bare sessions of one Worker, by the slot that a handle names.
class EngineConnections {
 public:
  EngineConnections(loop::Loop& loop, socketio::ProblemSink& problems);
  EngineConnections(const EngineConnections&) = delete;
  EngineConnections& operator=(const EngineConnections&) = delete;
  ~EngineConnections();

  // A new session at `endpoint`, which outlives it.
  engine::LinkHandler& accept(engine::Session& session, EngineEndpoint& endpoint);

  [[nodiscard]] EngineConnection* find(detail::Slot slot) const noexcept { return connections_.find(slot); }
  void release(EngineConnection& connection);  // nobody finds it any more; it is destroyed after the turn

  void close_all(const DisconnectReason& reason);

  [[nodiscard]] loop::Loop& loop() const noexcept { return loop_; }
  [[nodiscard]] socketio::ProblemSink& problems() const noexcept { return problems_; }

 private:
  loop::Loop& loop_;
  socketio::ProblemSink& problems_;
  SlotTable<EngineConnection> connections_;
};

// Leads what a session's client sends to the endpoint's handlers.
class EngineConnection final : public engine::LinkHandler, public loop::Retired {
 public:
  EngineConnection(EngineConnections& all, detail::Slot slot, engine::Session& session,
                   EngineEndpoint& endpoint);

  [[nodiscard]] detail::Slot slot() const noexcept { return slot_; }
  [[nodiscard]] engine::Session& session() const noexcept { return session_; }

  void on_open() override;
  void on_text(std::string_view text) override;
  void on_binary(BytesView bytes) override;
  void on_close(const DisconnectReason& reason) override;

 private:
  template <class Code>
  void call(std::string_view what, Code&& code);

  EngineConnections& all_;
  detail::Slot slot_;
  engine::Session& session_;
  EngineEndpoint& endpoint_;
  EngineSocket handle_;
};

}  // namespace banter::server
