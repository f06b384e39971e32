#include "websocket/connection.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <memory_resource>
#include <utility>
#include <vector>

#include "websocket/frame_writer.h"

namespace banter::websocket {

namespace {

// Of a peer that reads nothing no more than this is kept in pongs.
constexpr std::size_t max_pongs_waiting = 64 * 1024;

// How often to look whether such a peer has begun to read: a stream tells only what falls from above high_water.
constexpr loop::Milliseconds held_pong_retry{100};

}  // namespace

Connection::Ending::Ending(Connection& connection, CloseInfo how)
    : info(std::move(how)),
      deadline(connection, loop::Deadline::Calls<&Connection::on_ending_deadline>{}) {}

Connection::HeldPong::HeldPong(Connection& connection)
    : deadline(connection, loop::Deadline::Calls<&Connection::send_held_pong>{}) {}

Connection::Connection(loop::StreamPtr stream, const Settings& settings, ConnectionHandler& handler,
                       Counters& counters)
    : stream_(std::move(stream)),
      loop_(stream_->loop()),
      settings_(settings),
      counters_(counters),
      handler_(&handler),
      reader_(settings.limits) {}

Connection::~Connection() {
  if (is_gone_) *is_gone_ = true;
}

void Connection::start(std::string_view behind_head) {
  stream_->start(*this);
  if (behind_head.empty()) return;
  std::string bytes(behind_head);
  bool is_gone = false;
  is_starting_ = true;
  receive(bytes);
}

void Connection::on_read(std::span<char> bytes) { receive(bytes); }

// The handler may destroy this object in any of its calls.
void Connection::receive(std::span<char> bytes) {
  bool is_gone = false;
  is_gone_ = &is_gone;
  Incoming incoming;
  while (!is_gone && state_ != State::closed && !bytes.empty()) {
    if (const std::error_code error = reader_.read(bytes, incoming)) {
      fail(error);
    } else {
      handle(incoming);
    }
  }
  if (is_gone) return;
  is_gone_ = nullptr;
  if (settings_.reading == Reading::pauses_above_high_water && state_ == State::open && stream_->owes_drain()) {
    stream_->pause();
  }
}

void Connection::handle(Incoming& incoming) {
  const std::string_view payload(incoming.payload.data(), incoming.payload.size());
  if (incoming.kind == Incoming::Kind::close) return handle_close(incoming);
  if (state_ != State::open) return;  // discarded: RFC 6455 section 1.4
  switch (incoming.kind) {
    case Incoming::Kind::message:
      counters_.messages_received.add();
      counters_.message_bytes_received.add(payload.size());
      return handler_->on_message(incoming.message_kind, incoming.payload);
    case Incoming::Kind::ping: counters_.pings_received.add(); return answer_ping(payload);
    case Incoming::Kind::pong: return handler_->on_pong(payload);
    default: return;
  }
}

}  // namespace banter::websocket
