#include "socketio/native_client.h"

#include <array>

#include "socketio/error.h"
#include "socketio/hub.h"
#include "socketio/namespace.h"
#include "socketio/native_packet.h"

namespace banter::socketio {

namespace {

// WebSocket close codes of this protocol.
constexpr std::uint16_t left_by_server = 4000;
constexpr std::uint16_t refused = 4401;
constexpr std::uint16_t not_text = 1003;
constexpr std::uint16_t not_an_event = 1007;

}  // namespace

void NativeClient::join(Namespace& nsp, std::string auth) {
  if (Socket* socket = add_socket(nsp, std::move(auth))) socket->begin_joining();
}

SendResult NativeClient::send(const Payload& payload, std::optional<std::uint64_t> id,
                              engine::Delivery delivery) {
  detail::ScratchText text;
  append_native_packet(text.get(), payload, id);
  const std::string_view part = text.get();
  return link().send(std::span(&part, 1), {}, delivery);
}

SendResult NativeClient::send_event(const Socket&, const Payload& payload, std::optional<std::uint64_t> id,
                                    engine::Delivery delivery) {
  return send(payload, id, delivery);
}

void NativeClient::send_ack(const Socket&, const Payload& payload, std::uint64_t id) {
  send(payload, id, loop::Policy::queue);
}

void NativeClient::send_connect(const Socket& socket) {
  detail::ScratchText text;
  text.get().append("{\"name\":\"connect\",\"data\":[{\"sid\":\"").append(socket.id()).append("\"}]}");
  const std::string_view part = text.get();
  link().send(std::span(&part, 1), {}, loop::Policy::queue);
}

void NativeClient::send_refusal(const Socket&, std::string_view message, const json&) {
  close({.kind = Reason::server_namespace_disconnect,
         .close_code = refused,
         .detail = std::string(message),
         .by = EndedBy::server,
         .layer = Layer::application});
}

void NativeClient::send_disconnect(const Socket&) {
  close({.kind = Reason::server_namespace_disconnect,
         .close_code = left_by_server,
         .detail = std::string(to_text(Reason::server_namespace_disconnect)),
         .by = EndedBy::server,
         .layer = Layer::application});
}

void NativeClient::refuse_message(std::uint16_t close_code, std::error_code error) {
  hub().counters().invalid_packets.add();
  close({.kind = Reason::transport_error,
         .close_code = close_code,
         .error = error,
         .detail = error.message(),
         .layer = Layer::socketio});
}

void NativeClient::on_text(std::string_view text) {
  if (is_closing()) return;
  handle(hub().packet(), text);
}

void NativeClient::replay(std::string_view text, std::span<const Bytes>) {
  Packet packet;  // the Hub's may be in use further up
  handle(packet, text);
}

void NativeClient::handle(Packet& packet, std::string_view text) {
  if (const auto error = read_native_packet(text, packet)) return refuse_message(not_an_event, error);
  Socket* socket = first_socket();
  if (!socket) return;
  if (const auto error = socket->deliver(packet, text, {})) refuse_message(not_an_event, error);
}

void NativeClient::on_binary(BytesView) {
  if (!is_closing()) refuse_message(not_text, Error::unexpected_binary);
}

}  // namespace banter::socketio
