#include "load/frame.h"

#include <cstring>

#include "load/failure.h"

namespace bench {
namespace {

constexpr std::size_t mask_size = 4;

// xorshift32: good enough to make masks differ, and the same in every run.
std::uint32_t next_mask() {
  static std::uint32_t state = 0x9e3779b9;
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

void append_length(std::string& out, std::size_t length) {
  constexpr std::size_t mask_bit = 0x80;
  if (length < 126) {
    out += static_cast<char>(mask_bit | length);
  } else if (length <= max_frame_payload) {
    out += static_cast<char>(mask_bit | 126);
    out += static_cast<char>(length >> 8);
    out += static_cast<char>(length & 0xff);
  } else {
    throw Failure("a frame of " + std::to_string(length) + " bytes is longer than this client sends");
  }
}

// Eight bytes at a time: a byte loop would make the client the slowest part of the measurement.
void apply_mask(char* data, std::size_t size, std::uint32_t mask) {
  const std::uint64_t mask_twice = static_cast<std::uint64_t>(mask) << 32 | mask;
  std::size_t at = 0;
  for (; at + sizeof mask_twice <= size; at += sizeof mask_twice) {
    std::uint64_t word;
    std::memcpy(&word, data + at, sizeof word);
    word ^= mask_twice;
    std::memcpy(data + at, &word, sizeof word);
  }
  char bytes[mask_size];
  std::memcpy(bytes, &mask, sizeof bytes);
  for (; at < size; ++at)
    data[at] = static_cast<char>(data[at] ^ bytes[at % mask_size]);
}

bool is_known(Opcode opcode) {
  return opcode == Opcode::text || opcode == Opcode::close || opcode == Opcode::ping ||
         opcode == Opcode::pong;
}

std::uint8_t byte_at(std::string_view input, std::size_t index) {
  return static_cast<std::uint8_t>(input[index]);
}

}  // namespace

void append_frame(std::string& out, Opcode opcode, std::string_view payload) {
  constexpr std::uint8_t fin = 0x80;
  const std::uint32_t mask = next_mask();
  out += static_cast<char>(fin | static_cast<std::uint8_t>(opcode));
  append_length(out, payload.size());
  char mask_bytes[mask_size];
  std::memcpy(mask_bytes, &mask, sizeof mask_bytes);
  out.append(mask_bytes, sizeof mask_bytes);
  const std::size_t start = out.size();
  out += payload;
  apply_mask(out.data() + start, payload.size(), mask);
}

std::optional<ServerFrame> read_frame(std::string_view input) {
  if (input.size() < 2) return std::nullopt;
  const auto opcode = static_cast<Opcode>(byte_at(input, 0) & 0x0f);
  if ((byte_at(input, 0) & 0xf0) != 0x80) throw Failure("the server sent a fragment or reserved bits");
  if (!is_known(opcode)) throw Failure("the server sent opcode " + std::to_string(byte_at(input, 0) & 0x0f));
  std::size_t length = byte_at(input, 1);  // a masked frame shows here as a length above 127
  std::size_t header = 2;
  if (length == 126) {
    header = 4;
    if (input.size() < header) return std::nullopt;
    length = static_cast<std::size_t>(byte_at(input, 2)) << 8 | byte_at(input, 3);
    if (length < 126) throw Failure("the server sent a length that is not minimal");
  } else if (length > 126) {
    throw Failure("the server sent a masked frame or one of more than 64 KiB");
  }
  if (input.size() - header < length) return std::nullopt;
  return ServerFrame{opcode, input.substr(header, length), header + length};
}

}  // namespace bench
