// Payloads of long-polling: their packets joined again are the payload, and what can be sent is read as it
// was.
#include "engine/payload.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/base64.h"
#include "engine/packet.h"
#include "engine/transport.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// Writes every packet that it is told into a payload again.
class Echo final : public banter::engine::TransportHandler {
 public:
  void on_packet(std::string_view packet) override {
    const auto read = banter::engine::read_packet(packet);
    is_valid = read.has_value();
    if (!is_valid) return;
    again.clear();
    const std::string_view text = read->payload;
    if (read->type == banter::engine::PacketType::message) {
      banter::engine::append_message(again, std::span(&text, 1));
    } else {
      banter::engine::append_packet(again, packet);
    }
  }
  void on_binary(banter::BytesView bytes) override {
    is_valid = true;
    again.clear();
    banter::engine::append_binary(again, bytes);
  }
  void on_transport_end(const banter::DisconnectReason&) override { std::abort(); }

  bool is_valid = false;
  std::string again;
};

void require_join(std::string_view payload) {
  std::string joined;
  std::size_t count = 0;
  Echo echo;
  banter::engine::PayloadReader packets(payload);
  while (const auto packet = packets.next()) {
    if (count++ > 0) joined += banter::engine::packet_separator;
    joined += *packet;
    echo.is_valid = false;
    banter::engine::deliver(echo, *packet);
    if (echo.is_valid) require(echo.again == *packet);
    require(echo.is_valid || packet->empty() || packet->front() < '0' || packet->front() > '6');
  }
  require(joined == payload);
  require(!packets.next());
  const auto separators = std::count(payload.begin(), payload.end(), banter::engine::packet_separator);
  require(count == static_cast<std::size_t>(separators) + 1);
}

// Whatever a message holds, it is one packet, and the next one begins behind it.
void require_round_trip(std::string_view text) {
  std::string payload;
  const std::string_view parts[] = {text.substr(0, text.size() / 2), text.substr(text.size() / 2)};
  banter::engine::append_message(payload, parts);
  banter::engine::append_binary(payload, banter::as_bytes(text));
  banter::engine::PayloadReader packets(payload);
  std::string expected = "4" + std::string(text);
  std::replace(expected.begin(), expected.end(), banter::engine::packet_separator, ' ');
  require(packets.next() == expected);
  banter::Bytes bytes;
  require(banter::base::decode_base64(packets.next()->substr(1), bytes));
  require(bytes.text() == text);
  require(!packets.next());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string payload(reinterpret_cast<const char*>(data), size);
  require_join(payload);
  require_round_trip(payload);
  return 0;
}
