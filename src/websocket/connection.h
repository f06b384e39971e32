// One open WebSocket on a stream: messages in both directions, ping and pong, the closing handshake.
//
//   open --close()--> closing --peer's close frame | TCP end | close_grace over--> closed
//      \---peer's close frame | protocol error | TCP end or failure ---------------^
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "banter/message_kind.h"
#include "banter/send_result.h"
#include "base/compress.h"
#include "base/shared_bytes.h"
#include "loop/loop.h"
#include "loop/output_queue.h"
#include "loop/stream.h"
#include "loop/time.h"
#include "loop/timer_wheel.h"
#include "websocket/close_code.h"
#include "websocket/counters.h"
#include "websocket/deflate.h"
#include "websocket/message_reader.h"

namespace banter::websocket {

// Whether a peer that does not take what is sent to it is listened to all the same.
enum class Reading : std::uint8_t {
  always,
  pauses_above_high_water,  // not while more than the stream's high_water is left over
};

struct Settings {
  // What a peer may send.
  Limits limits;

  // How long the peer's close frame is awaited after ours; then the connection is dropped.
  loop::Milliseconds close_grace = std::chrono::seconds{30};

  // How long, after the last frame of a connection, what the peer still sends is read and discarded. Closing
  // TCP with unread input would send RST, and the peer might never see why it was closed.
  loop::Milliseconds linger = std::chrono::seconds{1};

  Reading reading = Reading::always;
};

// How a connection ended.
struct CloseInfo {
  enum class By : std::uint8_t { peer, us };

  By by = By::peer;

  // Of the peer's close frame, no_status if it had none; of ours, if we began; abnormal if there was no close
  // frame.
  CloseCode code = CloseCode::abnormal;

  // The close frame's reason; for a protocol error the rule that was broken.
  std::string reason;

  // Set if this was no orderly end: an Error of this layer, a loop::Error (slow consumer), or the network's.
  // Not set for a TCP connection that just ended.
  std::error_code error;

  // Bytes that waited for the peer.
  std::size_t queued = 0;
};

// Whom a connection tells. Every call may send on, close or destroy the connection.
class ConnectionHandler {
 public:
  // A complete message; text is valid UTF-8. `payload` is writable and valid until the call returns, even if
  // that destroys the connection. Not called any more once close() was.
  virtual void on_message(MessageKind kind, std::span<char> payload) = 0;

  virtual void on_pong(std::string_view /*payload*/) {}

  // The last call, exactly once, never from inside a call of the connection's own members. Not called if the
  // owner destroys or forgets the connection first.
  virtual void on_close(const CloseInfo& info) = 0;

  // What was left over has fallen to half of the stream's high_water, having been above it.
  virtual void on_drain() {}

 protected:
  ~ConnectionHandler() = default;
};

// One of the messages that are sent together. Pieces as in loop::Stream::write: long shared ones are not
// copied.
struct OutgoingMessage {
  MessageKind kind;
  std::span<const loop::Piece> payload;
};

// A resource on the stream's loop, on whose thread all calls are made. Its owner may destroy it at any time,
// also inside the handler's calls; that closes TCP at once, without a close frame.
class Connection final : public loop::Retired, private loop::StreamHandler {
 public:
  // `stream` has just sent or queued the 101 answer. `settings` and `counters` outlive the connection,
  // `handler` does until on_close. `deflate` is null if the extension is not agreed on.
  Connection(loop::StreamPtr stream, const Settings& settings, ConnectionHandler& handler, Counters& counters,
             std::unique_ptr<PermessageDeflate> deflate = nullptr);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() override;

  // Begins to read, first the bytes that came behind the request's head: a client may send frames at once.
  // They may be wrong as well; on_close then follows later, as always.
  void start(std::string_view behind_head);

  // Queues messages as one entry of the output queue: all of them go out, or none. Answers as
  // loop::Stream::write does, and `closed` once close() was called. The text must be valid UTF-8. With the
  // extension, messages of at least its threshold are compressed unless `compress` says no, or `policy` is
  // latest and the extension keeps context: what may be taken out again must not be part of that. `key` as in
  // loop::Stream::write.
  SendResult send(std::span<const OutgoingMessage> messages, loop::Policy policy = loop::Policy::queue,
                  Compress compress = Compress::yes, std::string_view key = {});
  SendResult send(MessageKind kind, std::span<const loop::Piece> payload,
                  loop::Policy policy = loop::Policy::queue, Compress compress = Compress::yes,
                  std::string_view key = {});
  SendResult send(MessageKind kind, std::string_view payload, loop::Policy policy = loop::Policy::queue,
                  Compress compress = Compress::yes);

  // Queues frames that are shared with other connections. Without `compress` they go out as they are: those
  // of append_message to any connection, those of append_deflated_message where shares_deflated(). With it
  // they are append_message's, and are treated as the messages they hold would be by send().
  SendResult send_framed(const base::SharedBytes& frames, loop::Policy policy = loop::Policy::queue,
                         Compress compress = Compress::no, std::string_view key = {});

  // True if a message compressed once for many may be sent to this connection. The extension may be agreed on
  // without: then the connection compresses for itself.
  [[nodiscard]] bool shares_deflated() const noexcept { return deflate_ && deflate_->takes_shared(); }

  // At most max_control_payload bytes; the answer comes as on_pong.
  SendResult ping(std::string_view payload = {});

  // Begins the closing handshake behind everything queued so far. `code` is one allowed on the wire, or
  // no_status for a close frame without payload; `reason` goes through fitting_reason. Does nothing on a
  // connection that is not open.
  void close(CloseCode code = CloseCode::normal, std::string_view reason = {});

  // The same for an owner that is going: the handler hears nothing any more, and the loop keeps the
  // connection until the closing handshake is over; where the peer is likely to be gone as well, no longer
  // than Settings::linger.
  enum class Patience : std::uint8_t { full, brief };
  static void close_and_forget(std::unique_ptr<Connection> connection, CloseCode code = CloseCode::normal,
                               std::string_view reason = {}, Patience patience = Patience::full);

  [[nodiscard]] bool is_open() const noexcept { return state_ == State::open; }

  // Bytes queued that the kernel has not taken.
  [[nodiscard]] std::size_t buffered() const noexcept { return stream_ ? stream_->buffered() : 0; }

  // True from the message that passed the stream's high_water until on_drain.
  [[nodiscard]] bool owes_drain() const noexcept { return stream_ && stream_->owes_drain(); }

 private:
  enum class State : std::uint8_t { open, closing, closed };

  // From close(), or an end that on_close has not been told of yet.
  struct Ending {
    Ending(Connection& connection, CloseInfo how);
    CloseInfo info;
    loop::Deadline deadline;
  };

  // The answer to the latest ping of a peer that leaves the earlier ones unread, until it reads again.
  struct HeldPong {
    explicit HeldPong(Connection& connection);
    std::string payload;
    loop::Deadline deadline;
  };

  void on_read(std::span<char> bytes) override;
  void on_end(std::error_code error) override;
  void on_drain() override;

  [[nodiscard]] bool receive(std::span<char> bytes);
  void handle(Incoming& incoming);
  void handle_close(const Incoming& incoming);
  void fail(std::error_code error);
  SendResult send_short(const OutgoingMessage& message, std::size_t size, loop::Policy policy);
  SendResult send_plain(std::span<const OutgoingMessage> messages, loop::Policy policy, std::string_view key);
  SendResult send_deflated(std::span<const OutgoingMessage> messages, loop::Policy policy,
                           std::string_view key);
  [[nodiscard]] bool may_deflate(loop::Policy policy, Compress compress) const noexcept;
  [[nodiscard]] bool is_left_out(loop::Policy policy) const noexcept;
  void append_deflated(std::string& out, const OutgoingMessage& message);
  SendResult send_shared(const base::SharedBytes& frames, std::size_t messages, loop::Policy policy,
                         std::string_view key);
  SendResult write_control(Opcode opcode, std::string_view payload);

  void answer_ping(std::string_view payload);
  [[nodiscard]] bool has_room_for_pong(std::size_t size) noexcept;
  void send_pong(std::string_view payload);
  void send_held_pong();

  void end_politely(CloseInfo info);
  void end_at_once(CloseInfo info);
  void tell(CloseInfo info);
  void on_ending_deadline();

  loop::StreamPtr stream_;  // null once closed
  loop::Loop& loop_;
  const Settings& settings_;
  Counters& counters_;
  ConnectionHandler* handler_;  // null once told of the end, or forgotten
  MessageReader reader_;
  std::unique_ptr<PermessageDeflate> deflate_;  // null: not agreed on
  std::unique_ptr<Ending> ending_;
  std::unique_ptr<HeldPong> held_pong_;
  bool* is_gone_ = nullptr;        // set while receive() runs, for the destructor to tell it
  std::size_t pongs_waiting_ = 0;  // bytes of pongs in the output queue, at most
  State state_ = State::open;
  bool is_starting_ = false;
};

}  // namespace banter::websocket
