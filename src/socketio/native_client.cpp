#include "socketio/native_client.h"

#include <utility>

#include "base/json_scanner.h"
#include "socketio/error.h"
#include "socketio/hub.h"
#include "socketio/namespace.h"
#include "socketio/native_packet.h"

namespace banter::socketio {

namespace {

// What passes a limit has the right shape all the same.
std::uint16_t close_code_for(std::error_code error) noexcept {
  const bool is_limit = error == Error::held_too_much || error == Error::event_name_too_long;
  return is_limit ? close_code::policy_violation : close_code::not_an_event;
}

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
  refuse(message);
}

void NativeClient::refuse(std::string_view message) {
  close({.kind = Reason::server_namespace_disconnect,
         .close_code = close_code::refused,
         .detail = std::string(message),
         .by = EndedBy::server,
         .layer = Layer::application});
}

void NativeClient::send_disconnect(const Socket&) {
  close({.kind = Reason::server_namespace_disconnect,
         .close_code = close_code::left_by_server,
         .detail = std::string(to_text(Reason::server_namespace_disconnect)),
         .by = EndedBy::server,
         .layer = Layer::application});
}

void NativeClient::refuse_message(std::uint16_t code, std::error_code error) {
  hub().counters().invalid_packets.add();
  close({.kind = Reason::transport_error,
         .close_code = code,
         .error = error,
         .detail = error.message(),
         .layer = Layer::socketio});
}

void NativeClient::on_text(std::string_view text) {
  if (is_closing()) return;
  Packet& packet = hub().packet();
  if (const auto error = read_native_packet(text, packet))
    return refuse_message(close_code::not_an_event, error);
  if (packet.is_event() && !allow_event()) return;
  if (awaiting_) return authenticate(packet);
  dispatch(packet, text);
}

// The first message of a client that is to say who it is: {"name":"auth","data":[{…}]}.
void NativeClient::authenticate(const Packet& packet) {
  const bool is_auth = packet.is_event() && packet.name.view() == "auth";
  const std::string_view auth = packet.arguments.empty() ? std::string_view("{}") : packet.arguments[0];
  if (is_auth && base::kind_of(auth) == base::JsonKind::object)
    return join(*std::exchange(awaiting_, nullptr), std::string(auth));
  hub().counters().refused.add();
  refuse("the first message must be auth with an object");
}

void NativeClient::replay(std::string_view text, std::span<const Bytes>) {
  Packet packet;  // the Hub's may be in use further up
  if (const auto error = read_native_packet(text, packet))
    return refuse_message(close_code::not_an_event, error);
  dispatch(packet, text);
}

void NativeClient::dispatch(const Packet& packet, std::string_view text) {
  Socket* socket = first_socket();
  if (!socket) return;
  if (const auto error = socket->deliver(packet, text, {})) refuse_message(close_code_for(error), error);
}

void NativeClient::on_binary(BytesView) {
  if (!is_closing()) refuse_message(close_code::not_text, Error::unexpected_binary);
}

}  // namespace banter::socketio
