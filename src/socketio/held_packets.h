// Packets of one socket that wait, in order, until something is decided.
#pragma once

#include <cstddef>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "banter/bytes.h"
#include "socketio/error.h"

namespace banter::socketio {

class HeldPackets {
 public:
  struct Packet {
    std::string text;
    std::vector<Bytes> attachments;

    [[nodiscard]] std::size_t size() const noexcept {
      std::size_t size = text.size() + sizeof(Packet);
      for (const Bytes& bytes : attachments)
        size += bytes.size();
      return size;
    }
  };

  // An error if more than `most` bytes would be held; then nothing is.
  [[nodiscard]] std::error_code add(std::string_view text, std::span<const Bytes> attachments,
                                    std::size_t most) {
    Packet packet{std::string(text), {attachments.begin(), attachments.end()}};
    if (size_ + packet.size() > most) return Error::held_too_much;
    size_ += packet.size();
    packets_.push_back(std::move(packet));
    return {};
  }
  [[nodiscard]] Packet take() {
    Packet packet = std::move(packets_.front());
    packets_.pop_front();
    size_ -= packet.size();
    return packet;
  }

  [[nodiscard]] bool empty() const noexcept { return packets_.empty(); }

 private:
  std::deque<Packet> packets_;
  std::size_t size_ = 0;
};

}  // namespace banter::socketio
