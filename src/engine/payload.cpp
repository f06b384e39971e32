#include "engine/payload.h"

#include <algorithm>

#include "base/base64.h"
#include "engine/packet.h"

namespace banter::engine {

namespace {

void separate(std::string& payload) {
  if (!payload.empty()) payload += packet_separator;
}

}  // namespace

std::optional<std::string_view> PayloadReader::next() noexcept {
  if (is_over_) return std::nullopt;
  const std::size_t end = std::min(rest_.find(packet_separator), rest_.size());
  const std::string_view packet = rest_.substr(0, end);
  is_over_ = end == rest_.size();
  rest_.remove_prefix(is_over_ ? end : end + 1);
  return packet;
}

void append_packet(std::string& payload, std::string_view packet) {
  separate(payload);
  payload.append(packet);
}

void append_message(std::string& payload, std::span<const std::string_view> parts) {
  separate(payload);
  payload += static_cast<char>(PacketType::message);
  const std::size_t begin = payload.size();
  for (const std::string_view part : parts)
    payload.append(part);
  std::replace(payload.begin() + static_cast<std::ptrdiff_t>(begin), payload.end(), packet_separator, ' ');
}

void append_binary(std::string& payload, BytesView bytes) {
  separate(payload);
  payload += base64_mark;
  base::append_base64(payload, bytes);
}

}  // namespace banter::engine
