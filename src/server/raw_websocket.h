// Raw WebSocket endpoints: a connection, and the handle that the application has of it.
#pragma once

#include <memory>

#include "banter/handle.h"
#include "banter/http.h"
#include "loop/loop.h"
#include "server/counters.h"
#include "server/slot_table.h"
#include "socketio/user_code.h"
#include "websocket/connection.h"

namespace banter::server {

class RawSocket;

// The raw connections of one Worker, by the slot that a handle names.
class RawTable {
 public:
  RawTable(loop::Loop& loop, socketio::ProblemSink& problems, Counters& counters)
      : loop_(loop), problems_(problems), counters_(counters) {}
  RawTable(const RawTable&) = delete;
  RawTable& operator=(const RawTable&) = delete;
  ~RawTable();

  // A connection whose 101 is queued. `endpoint` and the rest outlive it; `behind_head` are bytes that came
  // with the request.
  void open(loop::StreamPtr stream, WebSocketEndpoint& endpoint, const websocket::Settings& settings,
            websocket::Counters& counters, std::unique_ptr<websocket::PermessageDeflate> deflate,
            std::string_view behind_head);

  [[nodiscard]] RawSocket* find(detail::Slot slot) const noexcept { return sockets_.find(slot); }
  void release(RawSocket& socket);  // nobody finds it any more; it is destroyed after the turn

  // Says goodbye to all of them with 1001; afterwards ends what has not answered.
  void shut_down();
  void drop_all();

  // The reason that `on_close` hears.
  [[nodiscard]] DisconnectReason reason_of(const websocket::CloseInfo& info) const;

  [[nodiscard]] loop::Loop& loop() const noexcept { return loop_; }
  [[nodiscard]] socketio::ProblemSink& problems() const noexcept { return problems_; }

 private:
  loop::Loop& loop_;
  socketio::ProblemSink& problems_;
  Counters& counters_;
  SlotTable<RawSocket> sockets_;
  bool is_shutting_down_ = false;
};

class RawSocket final : public loop::Retired, private websocket::ConnectionHandler {
 public:
  RawSocket(RawTable& table, detail::Slot slot, WebSocketEndpoint& endpoint);
  ~RawSocket() override;

  void start(loop::StreamPtr stream, const websocket::Settings& settings, websocket::Counters& counters,
             std::unique_ptr<websocket::PermessageDeflate> deflate, std::string_view behind_head);

  [[nodiscard]] detail::Slot slot() const noexcept { return slot_; }
  [[nodiscard]] websocket::Connection& connection() const noexcept { return *connection_; }

  // Ends at once, without waiting for the peer's close frame.
  void drop();

 private:
  void on_message(MessageKind kind, std::span<char> payload) override;
  void on_close(const websocket::CloseInfo& info) override;
  void end(const DisconnectReason& reason);
  template <class Code>
  void call(std::string_view what, Code&& code);

  RawTable& table_;
  detail::Slot slot_;
  WebSocketEndpoint& endpoint_;
  WebSocket handle_;
  std::unique_ptr<websocket::Connection> connection_;
};

}  // namespace banter::server
