#include "engine/probe.h"

#include <utility>

namespace banter::engine {

Probe::Probe(loop::Loop& loop, std::unique_ptr<WebSocketTransport> transport, ProbeOwner& owner)
    : loop_(loop), transport_(std::move(transport)), owner_(owner) {}

Probe::~Probe() = default;

void Probe::start(loop::Milliseconds timeout, std::string_view behind_head) {
  deadline_.set(loop_.wheel(), loop_.now() + timeout);
  transport_->start(*this, behind_head);
}

std::unique_ptr<WebSocketTransport> Probe::take(TransportHandler& handler) {
  deadline_.cancel();
  transport_->set_handler(handler);
  return std::move(transport_);
}

void Probe::close() {
  deadline_.cancel();
  if (transport_) transport_->close_unused();
}

void Probe::on_packet(std::string_view text) {
  if (text == "2probe") {
    transport_->send_packet("3probe");
    if (!std::exchange(is_probed_, true)) owner_.on_probed();
  } else if (is_probed_ && text == "5") {
    owner_.on_upgrade();
  } else {
    give_up();
  }
}

void Probe::on_binary(BytesView) {
  give_up();
}

void Probe::on_transport_end(const DisconnectReason&) {
  give_up();
}

void Probe::on_timeout() {
  give_up();
}

void Probe::give_up() {
  close();
  owner_.on_given_up();
}

}  // namespace banter::engine
