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
#include "loop/ledger.h"
#include "socketio/client.h"
#include "socketio/error.h"
#include "socketio/hub.h"

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

  // `client` ends if the budget of the process demands it.
  explicit HeldPackets(Client& client)
      : kept_(client.hub().loop().ledger(), client, loop::Kept::Calls<&Client::end_for_budget>{}) {}

  // An error if more than `most` bytes would be held; then nothing is.
  [[nodiscard]] std::error_code add(std::string_view text, std::span<const Bytes> attachments,
                                    std::size_t most) {
    Packet packet{std::string(text), {attachments.begin(), attachments.end()}};
    if (size_ + packet.size() > most) return Error::held_too_much;
    size_ += packet.size();
    packets_.push_back(std::move(packet));
    charge();
    return {};
  }
  [[nodiscard]] Packet take() {
    Packet packet = std::move(packets_.front());
    packets_.pop_front();
    size_ -= packet.size();
    charge();
    return packet;
  }

  // Bytes of a packet that the owner keeps besides: they count for the budget, and not for `most`.
  void keep_besides(std::size_t bytes) {
    besides_ = bytes;
    charge();
  }

  [[nodiscard]] bool empty() const noexcept { return packets_.empty(); }

 private:
  void charge() { kept_.resize(size_ + besides_); }

  std::deque<Packet> packets_;
  std::size_t size_ = 0;
  std::size_t besides_ = 0;
  loop::Kept kept_;
};

}  // namespace banter::socketio
