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

// How often to look whether such a peer has begun to read: a stream tells only what falls from above
// high_water.
constexpr loop::Milliseconds held_pong_retry{100};

// Longer ones are left where they are until the output queue takes them.
constexpr std::size_t short_payload = loop::OutputQueue::copy_limit;

bool is_queued(SendResult result) noexcept {
  return result == SendResult::sent || result == SendResult::queued;
}

std::size_t size_of(std::span<const loop::Piece> pieces) noexcept {
  std::size_t size = 0;
  for (const loop::Piece& piece : pieces)
    size += piece.bytes.size();
  return size;
}

}  // namespace

Connection::Ending::Ending(Connection& connection, CloseInfo how)
    : info(std::move(how)), deadline(connection, loop::Deadline::Calls<&Connection::on_ending_deadline>{}) {}

Connection::HeldPong::HeldPong(Connection& connection)
    : deadline(connection, loop::Deadline::Calls<&Connection::send_held_pong>{}) {}

Connection::Connection(loop::StreamPtr stream, const Settings& settings, ConnectionHandler& handler,
                       Counters& counters, std::unique_ptr<PermessageDeflate> deflate)
    : stream_(std::move(stream)),
      loop_(stream_->loop()),
      settings_(settings),
      counters_(counters),
      handler_(&handler),
      reader_(settings.limits),
      deflate_(std::move(deflate)) {}

Connection::~Connection() {
  if (is_gone_) *is_gone_ = true;
}

void Connection::start(std::string_view behind_head) {
  stream_->start(*this);
  if (behind_head.empty()) return;
  std::string bytes(behind_head);
  is_starting_ = true;
  if (receive(bytes)) is_starting_ = false;
}

void Connection::on_read(std::span<char> bytes) {
  static_cast<void>(receive(bytes));
}

// The handler may destroy this object in any of its calls: false then.
bool Connection::receive(std::span<char> bytes) {
  if (state_ == State::closed) return true;
  bool is_gone = false;
  is_gone_ = &is_gone;
  Incoming incoming;
  do {
    if (const std::error_code error = reader_.read(bytes, incoming, deflate_.get())) {
      fail(error);
    } else {
      handle(incoming);
    }
  } while (!is_gone && state_ != State::closed && !bytes.empty());
  if (is_gone) return false;
  is_gone_ = nullptr;
  const bool may_pause = settings_.reading == Reading::pauses_above_high_water && state_ == State::open;
  if (may_pause && stream_->owes_drain()) stream_->pause();
  return true;
}

void Connection::handle(Incoming& incoming) {
  const std::string_view payload(incoming.payload.data(), incoming.payload.size());
  if (incoming.kind == Incoming::Kind::close) return handle_close(incoming);
  if (state_ != State::open) return;  // discarded: RFC 6455 section 1.4
  switch (incoming.kind) {
    case Incoming::Kind::message:
      counters_.messages_received.add();
      counters_.message_bytes_received.add(payload.size());
      if (incoming.was_deflated) counters_.messages_inflated.add();
      return handler_->on_message(incoming.message_kind, incoming.payload);
    case Incoming::Kind::ping: counters_.pings_received.add(); return answer_ping(payload);
    case Incoming::Kind::pong: return handler_->on_pong(payload);
    default: return;
  }
}

void Connection::handle_close(const Incoming& incoming) {
  if (state_ == State::closing) return end_politely(std::move(ending_->info));
  if (const auto pong = std::move(held_pong_)) send_pong(pong->payload);  // its ping came before the close
  write_control(Opcode::close, close_payload(incoming.close_code));
  const std::string_view reason(incoming.payload.data(), incoming.payload.size());
  end_politely({CloseInfo::By::peer, incoming.close_code, std::string(reason), {}});
}

// A peer that breaks the protocol is told why and not listened to any more (RFC 6455 section 7.1.7).
void Connection::fail(std::error_code error) {
  if (state_ == State::closing) return end_politely(std::move(ending_->info));
  counters_.protocol_errors.add();
  if (error == Error::corrupt_deflate || error == Error::inflated_too_big) counters_.inflate_refusals.add();
  CloseInfo info{CloseInfo::By::us, close_code_for(static_cast<Error>(error.value())),
                 reader_.describe(error), error};
  write_control(Opcode::close, close_payload(info.code, info.reason));
  end_politely(std::move(info));
}

// What could be taken out again must not go through a context that the peer's has to follow.
bool Connection::may_deflate(loop::Policy policy, Compress compress) const noexcept {
  return deflate_ && compress == Compress::yes &&
         (policy != loop::Policy::latest || !deflate_->keeps_context());
}

SendResult Connection::send(std::span<const OutgoingMessage> messages, loop::Policy policy, Compress compress,
                            std::string_view key) {
  if (state_ != State::open) return SendResult::closed;
  const auto is_long = [this](const OutgoingMessage& message) {
    return size_of(message.payload) >= deflate_->threshold();
  };
  const bool deflates =
      may_deflate(policy, compress) && std::any_of(messages.begin(), messages.end(), is_long);
  return deflates ? send_deflated(messages, policy, key) : send_plain(messages, policy, key);
}

// The usual case: a frame that is put together here for less than it would cost to hand on its pieces.
SendResult Connection::send_short(const OutgoingMessage& message, std::size_t size, loop::Policy policy) {
  std::array<char, FrameHeader::max_size + short_payload> frame;
  const FrameHeader header(opcode_of(message.kind), size);
  char* end = std::copy(header.view().begin(), header.view().end(), frame.data());
  for (const loop::Piece& piece : message.payload)
    end = std::copy(piece.bytes.begin(), piece.bytes.end(), end);
  const loop::Piece whole{std::string_view(frame.data(), static_cast<std::size_t>(end - frame.data()))};
  const SendResult result = stream_->write(std::span(&whole, 1), policy);
  if (is_queued(result)) counters_.messages_sent.add();
  return result;
}

SendResult Connection::send_plain(std::span<const OutgoingMessage> messages, loop::Policy policy,
                                  std::string_view key) {
  if (messages.size() == 1 && policy != loop::Policy::latest) {
    const std::size_t size = size_of(messages.front().payload);
    if (size <= short_payload) return send_short(messages.front(), size, policy);
  }
  std::array<std::byte, 1024> room;  // enough for a packet with its attachments; more goes to the heap
  std::pmr::monotonic_buffer_resource memory(room.data(), room.size());
  std::pmr::vector<FrameHeader> headers(&memory);
  std::pmr::vector<loop::Piece> pieces(&memory);
  headers.reserve(messages.size());
  std::size_t piece_count = messages.size();
  for (const OutgoingMessage& message : messages)
    piece_count += message.payload.size();
  pieces.reserve(piece_count);
  for (const OutgoingMessage& message : messages) {
    headers.emplace_back(opcode_of(message.kind), size_of(message.payload));
    pieces.push_back({headers.back().view()});
    pieces.insert(pieces.end(), message.payload.begin(), message.payload.end());
  }
  const SendResult result = stream_->write(pieces, policy, key);
  if (is_queued(result)) counters_.messages_sent.add(messages.size());
  return result;
}

SendResult Connection::send(MessageKind kind, std::span<const loop::Piece> payload, loop::Policy policy,
                            Compress compress, std::string_view key) {
  const OutgoingMessage message{kind, payload};
  return send(std::span(&message, 1), policy, compress, key);
}

SendResult Connection::send(MessageKind kind, std::string_view payload, loop::Policy policy,
                            Compress compress) {
  const loop::Piece piece{payload};
  return send(kind, std::span(&piece, 1), policy, compress);
}

SendResult Connection::send_framed(const base::SharedBytes& frames, loop::Policy policy, Compress compress,
                                   std::string_view key) {
  if (state_ != State::open) return SendResult::closed;
  if (!may_deflate(policy, compress) || frames.view().size() < deflate_->threshold()) {
    return send_shared(frames, 1, policy, key);
  }
  if (is_left_out(policy)) return SendResult::dropped;
  std::string deflated;
  std::size_t count = 0;
  for (std::string_view rest = frames.view(); !rest.empty(); ++count) {
    const WrittenMessage message = take_message(rest);
    const loop::Piece piece{message.payload};
    append_deflated(deflated, {message.kind, {&piece, 1}});
  }
  return send_shared(base::SharedBytes::take(std::move(deflated)), count, policy, key);
}

// To be asked before anything goes through a context that the peer's has to follow. What fails later, because
// the queue is full, ends the connection.
bool Connection::is_left_out(loop::Policy policy) const noexcept {
  return policy == loop::Policy::drop && stream_->has_left_over();
}

SendResult Connection::send_deflated(std::span<const OutgoingMessage> messages, loop::Policy policy,
                                     std::string_view key) {
  if (is_left_out(policy)) return SendResult::dropped;
  std::string frames;
  for (const OutgoingMessage& message : messages)
    append_deflated(frames, message);
  return send_shared(base::SharedBytes::take(std::move(frames)), messages.size(), policy, key);
}

// Appends the frame of a message, which is compressed if it is long enough.
void Connection::append_deflated(std::string& out, const OutgoingMessage& message) {
  const std::size_t size = size_of(message.payload);
  if (size < deflate_->threshold()) {
    out.append(FrameHeader(opcode_of(message.kind), size).view());
    for (const loop::Piece& piece : message.payload)
      out.append(piece.bytes);
    return;
  }
  base::Deflater& deflater = deflate_->deflater();
  std::string deflated;
  for (const loop::Piece& piece : message.payload)
    deflater.write(deflated, piece.bytes);
  deflater.finish(deflated);
  out.append(FrameHeader(opcode_of(message.kind), deflated.size(), PayloadCoding::deflated).view());
  out.append(deflated);
  counters_.messages_deflated.add();
  counters_.bytes_before_deflate.add(size);
  counters_.bytes_after_deflate.add(deflated.size());
}

SendResult Connection::send_shared(const base::SharedBytes& frames, std::size_t messages, loop::Policy policy,
                                   std::string_view key) {
  const loop::Piece piece{frames.view(), &frames};
  const SendResult result = stream_->write(std::span(&piece, 1), policy, key);
  if (is_queued(result)) counters_.messages_sent.add(messages);
  return result;
}

SendResult Connection::ping(std::string_view payload) {
  return state_ == State::open ? write_control(Opcode::ping, payload) : SendResult::closed;
}

SendResult Connection::write_control(Opcode opcode, std::string_view payload) {
  assert(payload.size() <= max_control_payload);
  const FrameHeader header(opcode, payload.size());
  const std::array<loop::Piece, 2> pieces{{{header.view()}, {payload}}};
  return stream_->write(pieces);
}

void Connection::close(CloseCode code, std::string_view reason) {
  if (state_ != State::open) return;
  reason = fitting_reason(reason);
  write_control(Opcode::close, close_payload(code, reason));
  state_ = State::closing;
  held_pong_.reset();
  ending_ = std::make_unique<Ending>(*this, CloseInfo{CloseInfo::By::us, code, std::string(reason), {}});
  ending_->deadline.set(loop_.wheel(), loop_.now() + settings_.close_grace);
  stream_->resume();  // the peer's answer must be read whatever is left over
}

void Connection::close_and_forget(std::unique_ptr<Connection> connection, CloseCode code,
                                  std::string_view reason, Patience patience) {
  Connection& leaving = *connection;
  leaving.handler_ = nullptr;
  if (leaving.stream_) leaving.stream_->start(leaving);  // if it never was: its former handler is gone
  leaving.close(code, reason);
  if (leaving.state_ != State::closing) return;
  if (patience == Patience::brief) {
    leaving.ending_->deadline.set(leaving.loop_.wheel(), leaving.loop_.now() + leaving.settings_.linger);
  }
  leaving.loop_.keep(std::move(connection));
}

// The peer ended its side, or the stream failed.
void Connection::on_end(std::error_code error) {
  CloseInfo info{CloseInfo::By::peer, CloseCode::abnormal, {}, error};
  if (state_ == State::closing) info = std::move(ending_->info);
  error ? end_at_once(std::move(info)) : end_politely(std::move(info));
}

void Connection::on_drain() {
  if (state_ != State::open) return;
  stream_->resume();
  handler_->on_drain();
}

// What is queued still goes out. The server closes TCP first (RFC 6455 section 7.1.1).
void Connection::end_politely(CloseInfo info) {
  info.queued = stream_->buffered();
  loop::Stream::finish(std::move(stream_), settings_.linger);
  tell(std::move(info));
}

void Connection::end_at_once(CloseInfo info) {
  info.queued = buffered();
  stream_.reset();
  tell(std::move(info));
}

void Connection::tell(CloseInfo info) {
  state_ = State::closed;
  held_pong_.reset();
  if (!handler_) return loop_.release(*this);
  if (is_starting_) {
    ending_ = std::make_unique<Ending>(*this, std::move(info));
    return ending_->deadline.set(loop_.wheel(), loop_.now());
  }
  std::exchange(handler_, nullptr)->on_close(info);  // may destroy this object
}

// close_grace is over, or start() met the end and may not tell it.
void Connection::on_ending_deadline() {
  end_at_once(std::move(ending_->info));
}

// A peer may send pings and read no pongs. RFC 6455 section 5.5.3 allows to answer only the latest; some
// clients count the answers, so this begins only when many wait.
void Connection::answer_ping(std::string_view payload) {
  if (!held_pong_ && has_room_for_pong(payload.size())) return send_pong(payload);
  if (held_pong_) {
    counters_.pongs_left_out.add();
  } else {
    held_pong_ = std::make_unique<HeldPong>(*this);
    held_pong_->deadline.set(loop_.wheel(), loop_.now() + held_pong_retry);
  }
  held_pong_->payload = payload;
}

bool Connection::has_room_for_pong(std::size_t size) noexcept {
  pongs_waiting_ = std::min(pongs_waiting_, stream_->buffered());
  // What this turn has queued says nothing about the peer: it has not been flushed yet.
  return !stream_->has_left_over() || pongs_waiting_ + size <= max_pongs_waiting;
}

void Connection::send_pong(std::string_view payload) {
  write_control(Opcode::pong, payload);
  pongs_waiting_ += payload.size() + 2;
}

void Connection::send_held_pong() {
  if (!has_room_for_pong(held_pong_->payload.size())) {
    return held_pong_->deadline.set(loop_.wheel(), loop_.now() + held_pong_retry);
  }
  const std::unique_ptr<HeldPong> pong = std::move(held_pong_);
  send_pong(pong->payload);
}

}  // namespace banter::websocket
