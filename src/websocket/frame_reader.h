// Incremental reader of client-to-server frames (RFC 6455 section 5.2).
//
//   first two bytes --> rest of the header (length, mask) --> payload --> first two bytes ...
//                                                                \--^ in as many parts as the input has
//
// Knows one frame at a time: what a message is, and how long it may be, is for MessageReader.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <system_error>

#include "websocket/error.h"
#include "websocket/opcode.h"
#include "websocket/unmask.h"

namespace banter::websocket {

// What the input holds of a frame: for a frame that lies in it complete, all of it.
struct FramePart {
  Opcode opcode = Opcode::continuation;
  bool is_final = false;       // FIN: the last frame of its message
  bool is_deflated = false;    // RSV1: the first frame of a compressed message
  bool begins = false;         // the first part of the frame; comes as soon as the header is complete
  bool ends = false;           // the last part of the frame
  bool has_high_byte = false;  // the payload has a byte of 0x80 or above
  std::uint64_t length = 0;    // of the whole frame's payload, as announced
  std::span<char> payload;     // this part of it, unmasked, inside the input
};

// Holds at most the 14 bytes of an incomplete header, never payload.
class FrameReader {
 public:
  // Takes bytes off the front of `input`, unmasks the payload among them in place, and sets `part` if there
  // is one. Without a part all input is used up. An error is final: each later call answers it again.
  [[nodiscard]] std::error_code read(std::span<char>& input, std::optional<FramePart>& part);

  // The payload's length of the frame that was read last, as announced.
  [[nodiscard]] std::uint64_t length() const noexcept { return length_; }

 private:
  enum class State : std::uint8_t { first_two, rest_of_header, payload };
  static constexpr std::size_t max_header = 14;
  static constexpr Error no_error{};

  [[nodiscard]] bool collect(std::span<char>& input, std::size_t wanted);
  [[nodiscard]] bool begins_deflated() const;
  [[nodiscard]] Error check_first_two() const;
  [[nodiscard]] Error read_length();
  [[nodiscard]] FramePart take_payload(std::span<char>& input);

  [[nodiscard]] std::uint8_t byte(std::size_t index) const {
    return static_cast<std::uint8_t>(header_[index]);
  }
  [[nodiscard]] std::uint64_t number(std::size_t first, std::size_t size) const;
  [[nodiscard]] Opcode opcode() const { return static_cast<Opcode>(byte(0) & 0x0F); }
  [[nodiscard]] bool is_final() const { return (byte(0) & 0x80) != 0; }
  [[nodiscard]] bool has_rsv1() const { return (byte(0) & 0x40) != 0; }
  [[nodiscard]] std::uint8_t short_length() const { return byte(1) & 0x7F; }
  [[nodiscard]] std::size_t header_length() const;

  std::uint64_t length_ = 0;
  std::uint64_t missing_ = 0;  // bytes of the payload that have not come yet
  std::array<char, max_header> header_{};
  std::uint8_t have_ = 0;  // bytes in header_
  State state_ = State::first_two;
  MaskKey key_{};
  Error error_ = no_error;
};

}  // namespace banter::websocket
