// Any sequence of messages: nothing is delivered behind an invalid one, and every socket that joined leaves
// once.
//
// Input: messages, each a byte for its kind (even: text, odd: binary), two for its length, then the message.
#include <uv.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/handshake_record.h"
#include "engine/link.h"
#include "socketio/hub.h"
#include "socketio/namespace.h"

namespace {

using banter::DisconnectReason;
using banter::SendResult;
using banter::detail::Invocation;

void require(bool holds) {
  if (!holds) std::abort();
}

class Link final : public banter::engine::Link {
 public:
  SendResult send(std::span<const std::string_view>, std::span<const banter::base::SharedBytes>,
                  banter::engine::Delivery) override {
    return is_open ? SendResult::sent : SendResult::closed;
  }
  SendResult send_form(const banter::base::SharedBytes&, banter::engine::Delivery) override {
    return is_open ? SendResult::sent : SendResult::closed;
  }
  [[nodiscard]] banter::engine::FormKind form_kind(banter::Compress) const noexcept override {
    return banter::engine::FormKind::websocket;
  }
  void close(DisconnectReason why) override {
    is_open = false;
    reason = std::move(why);
  }
  [[nodiscard]] banter::Transport transport() const noexcept override { return banter::Transport::websocket; }
  [[nodiscard]] std::size_t buffered() const noexcept override { return 0; }
  [[nodiscard]] bool is_reachable() const noexcept override { return true; }
  [[nodiscard]] banter::engine::HandshakeRecord& handshake() noexcept override { return handshake_; }

  bool is_open = true;
  DisconnectReason reason;

 private:
  banter::engine::HandshakeRecord handshake_{"/", "127.0.0.1", false, {}};
};

class Quiet final : public banter::socketio::ProblemSink {
  void report(const banter::Problem&) noexcept override {}
};

// What does not depend on the input is made once; the handlers count what they hear of the present client.
class World {
 public:
  World() : hub_((add_handlers(), loop_), settings_, counters_, registry_, quiet_) {}

  void run(std::string_view input) {
    link_ = std::make_unique<Link>();
    joined_ = left_ = 0;
    banter::engine::LinkHandler& handler = hub_.accept(*link_);
    while (input.size() >= 3 && link_->is_open) {
      const bool is_text = (input[0] & 1) == 0;
      const std::size_t length =
          static_cast<unsigned char>(input[1]) * 256U + static_cast<unsigned char>(input[2]);
      const std::string message(input.substr(3, length));
      input.remove_prefix(3 + message.size());
      is_text ? handler.on_text(message) : handler.on_binary(banter::as_bytes(message));
    }
    if (!link_->is_open) {  // as if the peer had sent more
      const int heard = heard_;
      handler.on_text("2[\"e\"]");
      handler.on_binary({});
      require(heard_ == heard);
    }
    link_->is_open = false;
    handler.on_close(link_->reason);
    require(joined_ == left_ && counters_.sockets.value() == 0 && counters_.clients.value() == 0);
    uv_run(loop_.uv(), UV_RUN_NOWAIT);  // destroys what is retired
  }

 private:
  void on(std::string_view nsp, std::string_view event, banter::detail::Handler handler) {
    add_handler(registry_.get(nsp).handlers, event, {}, std::move(handler));
  }
  void add_handlers() {
    for (const std::string_view nsp : {"/", "/a"}) {
      on(nsp, "connection", [this](Invocation& call) {
        ++joined_;
        socket(call).join("room");
      });
      on(nsp, "disconnect", [this](Invocation&) { ++left_; });
      on(nsp, "e", [this](Invocation& call) {
        ++heard_;
        require(link_->is_open);
        static_cast<void>(call.args.to_json());
      });
    }
    on("/", "leave", [this](Invocation& call) { socket(call).disconnect(); });
    on("/", "close", [this](Invocation& call) { socket(call).client().disconnect(); });
    on("/", "ask", [this](Invocation& call) {
      socket(call).emit({"[\"q\"", 4}, {}, [](banter::detail::AckAnswer&) {});
    });
  }
  banter::socketio::Socket& socket(Invocation& call) { return *hub_.find(call.socket.slot); }

  banter::loop::Loop loop_;
  banter::socketio::Settings settings_{.max_packet = 1000, .max_held = 1000};
  banter::socketio::Counters counters_;
  banter::socketio::Registry registry_;
  Quiet quiet_;
  banter::socketio::Hub hub_;
  std::unique_ptr<Link> link_;
  int joined_ = 0, left_ = 0, heard_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static auto& world = *new World;  // its loop has no end of its own
  world.run({reinterpret_cast<const char*>(data), size});
  return 0;
}
