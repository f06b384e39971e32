#include "engine/websocket_transport.h"

#include <array>
#include <cassert>
#include <string>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "engine/packet.h"
#include "engine/payload.h"
#include "loop/error.h"

namespace banter::engine {

namespace {

constexpr char message_mark = static_cast<char>(PacketType::message);

std::string base64_packet(BytesView bytes) {
  std::string packet(1, base64_mark);
  base::append_base64(packet, bytes);
  return packet;
}

}  // namespace

DisconnectReason to_reason(const websocket::CloseInfo& info) {
  DisconnectReason reason;
  const bool had_code =
      info.code != websocket::CloseCode::no_status && info.code != websocket::CloseCode::abnormal;
  reason.close_code = had_code ? to_number(info.code) : 0;
  reason.error = info.error;
  reason.detail = info.reason;
  reason.queued = info.queued;
  reason.by = info.by == websocket::CloseInfo::By::us ? EndedBy::server : EndedBy::client;
  reason.layer = info.code == websocket::CloseCode::abnormal ? Layer::tcp : Layer::websocket;
  if (info.error.category() == loop::loop_category()) {
    reason.kind = Reason::slow_consumer;
    reason.by = EndedBy::server;
  } else if (info.error) {
    reason.kind = Reason::transport_error;
    const bool broke_a_rule = info.error.category() == websocket::websocket_category();
    reason.by = broke_a_rule ? EndedBy::client : EndedBy::network;
    reason.layer = broke_a_rule ? Layer::websocket : Layer::tcp;
  }
  if (reason.detail.empty() && info.error) reason.detail = info.error.message();
  return reason;
}

websocket::CloseCode close_code_for(const DisconnectReason& reason) noexcept {
  return reason.close_code == 0 ? websocket::CloseCode::no_status : websocket::CloseCode{reason.close_code};
}

WebSocketTransport::WebSocketTransport(loop::StreamPtr stream, const websocket::Settings& settings,
                                       websocket::Counters& counters, BinaryMessages binary,
                                       std::unique_ptr<websocket::PermessageDeflate> deflate)
    : connection_(std::make_unique<websocket::Connection>(std::move(stream), settings,
                                                          static_cast<websocket::ConnectionHandler&>(*this),
                                                          counters, std::move(deflate))),
      binary_(binary) {}

void WebSocketTransport::start(TransportHandler& handler, std::string_view behind_head) {
  handler_ = &handler;
  if (connection_) connection_->start(behind_head);  // else it was closed before it was used
}

SendResult WebSocketTransport::send_packet(std::string_view packet) {
  if (!connection_) return SendResult::closed;
  return connection_->send(MessageKind::text, packet);
}

void WebSocketTransport::send_payload(std::string_view payload) {
  if (payload.empty()) return;
  PayloadReader packets(payload);
  while (const auto packet = packets.next()) {
    Bytes bytes;
    const bool is_binary = packet->starts_with(base64_mark) && base::decode_base64(packet->substr(1), bytes);
    is_binary ? send_binary(bytes.span(), loop::Policy::queue) : send_packet(*packet);
  }
}

SendResult WebSocketTransport::send_binary(BytesView bytes, Delivery delivery) {
  if (!connection_) return SendResult::closed;
  if (binary_ == BinaryMessages::plain)
    return connection_->send(MessageKind::binary, as_text(bytes), delivery.policy, delivery.compress);
  return connection_->send(MessageKind::text, base64_packet(bytes), delivery.policy, delivery.compress);
}

SendResult WebSocketTransport::send(std::span<const std::string_view> parts,
                                    std::span<const base::SharedBytes> attachments, Delivery delivery) {
  if (!connection_) return SendResult::closed;
  constexpr std::size_t most_parts = 7;
  std::array<loop::Piece, most_parts + 1> text;
  std::size_t count = 0;
  text[count++] = {std::string_view(&message_mark, 1)};
  assert(parts.size() <= most_parts);
  for (const std::string_view part : parts)
    text[count++] = {part};
  const auto pieces = std::span<const loop::Piece>(text).first(count);
  if (attachments.empty()) {
    return connection_->send(MessageKind::text, pieces, delivery.policy, delivery.compress, delivery.key);
  }

  std::vector<std::string> encoded;
  std::vector<loop::Piece> binary;
  std::vector<websocket::OutgoingMessage> messages{{MessageKind::text, pieces}};
  encoded.reserve(attachments.size());
  binary.reserve(attachments.size());
  for (const base::SharedBytes& bytes : attachments) {
    if (binary_ == BinaryMessages::plain) {
      binary.push_back({bytes.view(), &bytes});
    } else {
      binary.push_back({encoded.emplace_back(base64_packet(as_bytes(bytes.view())))});
    }
    const auto kind = binary_ == BinaryMessages::plain ? MessageKind::binary : MessageKind::text;
    messages.push_back({kind, std::span(&binary.back(), 1)});
  }
  return connection_->send(messages, delivery.policy, delivery.compress, delivery.key);
}

SendResult WebSocketTransport::send_form(const base::SharedBytes& form, Delivery delivery) {
  if (!connection_) return SendResult::closed;
  const bool is_ready = form_kind(delivery.compress) == FormKind::websocket_deflated;
  return connection_->send_framed(form, delivery.policy, is_ready ? Compress::no : delivery.compress,
                                  delivery.key);
}

FormKind WebSocketTransport::form_kind(Compress compress) const noexcept {
  if (binary_ == BinaryMessages::as_base64) return FormKind::websocket_base64;
  const bool shares = compress == Compress::yes && connection_ && connection_->shares_deflated();
  return shares ? FormKind::websocket_deflated : FormKind::websocket;
}

Transport::Closing WebSocketTransport::close(const DisconnectReason& reason) {
  using Patience = websocket::Connection::Patience;
  close_connection(reason, reason.kind == Reason::ping_timeout ? Patience::brief : Patience::full);
  return Closing::done;
}

void WebSocketTransport::close_unused() {
  close_connection({}, websocket::Connection::Patience::brief);
}

void WebSocketTransport::close_connection(const DisconnectReason& reason,
                                          websocket::Connection::Patience patience) {
  if (!connection_) return;
  if (!handler_) connection_->start({});  // closed before it was used: the peer's answer must be read
  websocket::Connection::close_and_forget(std::move(connection_), close_code_for(reason), reason.detail,
                                          patience);
}

void WebSocketTransport::on_message(MessageKind kind, std::span<char> payload) {
  const std::string_view text(payload.data(), payload.size());
  if (kind == MessageKind::binary) return handler_->on_binary(as_bytes(text));
  deliver(*handler_, text);
}

void WebSocketTransport::on_close(const websocket::CloseInfo& info) {
  handler_->on_transport_end(to_reason(info));
}

}  // namespace banter::engine
