// Puts the frames of a client together to messages and checks what belongs to whole messages: order of
// fragments, limits, UTF-8, the payload of close frames (RFC 6455 sections 5.4, 5.5, 8.1).
//
//   text, binary --> [continuation ...] --> message
//         \--^ ping, pong, close at any point between two frames
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "banter/message_kind.h"
#include "base/utf8.h"
#include "websocket/close_code.h"
#include "websocket/error.h"
#include "websocket/frame_reader.h"

namespace banter::websocket {

class PermessageDeflate;

struct Limits {
  // Longest message in bytes, all its fragments together. Checked on the announced lengths: a longer one is
  // an error (1009) before its payload is read. Of a compressed message both forms are bound, and inflating
  // stops at the limit.
  std::size_t max_message = 1'000'000;

  // Most frames in one message, empty ones included. One more is an error (1008).
  std::uint32_t max_fragments = 131'072;
};

// Something a client has sent, complete. Neither copied nor moved: `payload` may lie inside it.
struct Incoming {
  enum class Kind : std::uint8_t { nothing, message, ping, pong, close };

  Incoming() = default;
  Incoming(const Incoming&) = delete;
  Incoming& operator=(const Incoming&) = delete;

  Kind kind = Kind::nothing;
  MessageKind message_kind = MessageKind::binary;  // of a message
  bool was_deflated = false;                       // of a message
  CloseCode close_code = CloseCode::no_status;     // of a close; no_status if the frame was empty

  // The message (inflated), a ping's or pong's payload, a close frame's reason. Writable. In the bytes that
  // were read if it lay there in one piece, else in `assembled`.
  std::span<char> payload;
  std::string assembled;
};

// Nothing is allocated by a length the peer announced: what waits for its rest is as long as what has come.
class MessageReader {
 public:
  // `limits` must outlive the reader.
  explicit MessageReader(const Limits& limits) noexcept : limits_(&limits) {}
  explicit MessageReader(const Limits&&) = delete;

  // Takes bytes off the front of `input`, changing them, and describes in `incoming` what became complete
  // with them. Kind `nothing` means that all input is used up. An error is final: each later call answers it
  // again. `deflate` is the same at every call: null if compressed messages are not agreed on.
  [[nodiscard]] std::error_code read(std::span<char>& input, Incoming& incoming,
                                     PermessageDeflate* deflate = nullptr);

  // Bytes kept because their rest has not come.
  [[nodiscard]] std::size_t held() const noexcept;

  // The error in words for the close frame, with the limit it has passed. At most max_close_reason bytes.
  [[nodiscard]] std::string describe(std::error_code error) const;

 private:
  // A message whose end has not come.
  struct Unfinished {
    MessageKind kind;
    bool is_deflated = false;
    std::uint32_t fragments = 0;
    std::uint64_t announced = 0;  // bytes, of the fragments that have begun
    std::string payload;
    base::Utf8Validator text;  // only of a message that is not compressed
  };

  static constexpr Error no_error{};

  [[nodiscard]] Error take_data(const FramePart& part, Incoming& incoming, PermessageDeflate* deflate);
  [[nodiscard]] Error check_data_frame(const FramePart& part) const;
  [[nodiscard]] Error take_whole_message(const FramePart& part, Incoming& incoming) const;
  [[nodiscard]] Error append(const FramePart& part);
  [[nodiscard]] Error finish_message(Incoming& incoming, PermessageDeflate* deflate);
  [[nodiscard]] Error inflate(MessageKind kind, std::string_view payload, Incoming& incoming,
                              PermessageDeflate& deflate) const;
  [[nodiscard]] Error take_control(const FramePart& part, Incoming& incoming);
  [[nodiscard]] std::uint64_t announced() const noexcept { return message_ ? message_->announced : 0; }

  const Limits* limits_;
  std::unique_ptr<Unfinished> message_;
  std::unique_ptr<std::string> control_;  // a control frame's payload of which only a part has come
  FrameReader frames_;
  Error error_ = no_error;
};

}  // namespace banter::websocket
