#include "websocket/frame_reader.h"

#include <algorithm>

namespace banter::websocket {

std::error_code FrameReader::read(std::span<char>& input, std::optional<FramePart>& part) {
  part.reset();
  if (error_ != no_error) return error_;
  switch (state_) {
    case State::first_two: {
      const bool has_all = have_ == 0 && input.size() >= max_header;
      if (has_all) {
        std::copy_n(input.begin(), max_header, header_.begin());
      } else if (!collect(input, 2)) {
        return {};
      }
      if ((error_ = check_first_two()) != no_error) return error_;
      if (has_all) {
        have_ = static_cast<std::uint8_t>(header_length());
        input = input.subspan(have_);
      }
      state_ = State::rest_of_header;
      [[fallthrough]];
    }
    case State::rest_of_header:
      if (!collect(input, header_length())) return {};
      if ((error_ = read_length()) != no_error) return error_;
      state_ = State::payload;
      part = take_payload(input);
      part->begins = true;
      return {};
    case State::payload:
      if (input.empty()) return {};
      part = take_payload(input);
      return {};
  }
  return {};
}

// True once header_ holds `wanted` bytes.
bool FrameReader::collect(std::span<char>& input, std::size_t wanted) {
  const std::size_t count = std::min(wanted - have_, input.size());
  std::copy_n(input.begin(), count, header_.begin() + have_);
  have_ = static_cast<std::uint8_t>(have_ + count);
  input = input.subspan(count);
  return have_ == wanted;
}

// RSV1 is permessage-deflate's (RFC 7692 section 6) on the first frame of a data message. Whether that is
// agreed is for MessageReader.
bool FrameReader::begins_deflated() const {
  return (byte(0) & 0x70) == 0x40 && (opcode() == Opcode::text || opcode() == Opcode::binary);
}

Error FrameReader::check_first_two() const {
  if ((byte(0) & 0x70) != 0 && !begins_deflated()) return Error::reserved_bit;
  if (!is_known(opcode())) return Error::reserved_opcode;
  if ((byte(1) & 0x80) == 0) return Error::not_masked;
  if (!is_control(opcode())) return no_error;
  if (!is_final()) return Error::control_fragmented;
  if (short_length() > max_control_payload) return Error::control_too_long;
  return no_error;
}

std::size_t FrameReader::header_length() const {
  const std::size_t extended = short_length() == 126 ? 2 : short_length() == 127 ? 8 : 0;
  return 2 + extended + key_.size();
}

Error FrameReader::read_length() {
  length_ = short_length();
  if (short_length() == 126) {
    length_ = number(2, 2);
    if (length_ < 126) return Error::length_not_minimal;
  } else if (short_length() == 127) {
    length_ = number(2, 8);
    if (length_ >> 63 != 0) return Error::length_out_of_range;
    if (length_ <= 0xFFFF) return Error::length_not_minimal;
  }
  missing_ = length_;
  std::copy_n(header_.begin() + static_cast<std::ptrdiff_t>(have_ - key_.size()), key_.size(), key_.begin());
  return no_error;
}

// Network byte order.
std::uint64_t FrameReader::number(std::size_t first, std::size_t size) const {
  std::uint64_t value = 0;
  for (std::size_t i = first; i < first + size; ++i)
    value = value << 8 | byte(i);
  return value;
}

FramePart FrameReader::take_payload(std::span<char>& input) {
  FramePart part{.opcode = opcode(), .is_final = is_final(), .is_deflated = has_rsv1(), .length = length_};
  part.payload = input.first(static_cast<std::size_t>(std::min<std::uint64_t>(missing_, input.size())));
  part.has_high_byte = unmask(part.payload, key_);
  input = input.subspan(part.payload.size());
  missing_ -= part.payload.size();
  part.ends = missing_ == 0;
  if (part.ends) {
    state_ = State::first_two;
    have_ = 0;
  }
  return part;
}

}  // namespace banter::websocket
