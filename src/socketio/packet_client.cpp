#include "socketio/packet_client.h"

#include <algorithm>
#include <array>
#include <functional>

#include "banter/encode.h"
#include "base/placeholders.h"
#include "socketio/error.h"
#include "socketio/hub.h"
#include "socketio/namespace.h"

namespace banter::socketio {

namespace {

constexpr std::size_t max_left = 64;  // namespaces remembered as left; a packet for an older one is invalid

std::size_t hash_of(std::string_view nsp) noexcept {
  return std::hash<std::string_view>{}(nsp);
}

PacketType with_attachments(PacketType type) noexcept {
  return type == PacketType::event ? PacketType::binary_event : PacketType::binary_ack;
}

}  // namespace

PacketClient::Collecting::Collecting(PacketClient& client)
    : kept(client.hub().loop().ledger(), client, loop::Kept::Calls<&PacketClient::end_collecting>{}) {}

// The bytes go at once, not with the connection.
void PacketClient::end_collecting() {
  const std::unique_ptr<Collecting> given_up = std::move(collecting_);
  end_for_budget();
}

SendResult PacketClient::send_packet(PacketType type, const Socket& socket, const Payload& payload,
                                     std::optional<std::uint64_t> id, engine::Delivery delivery) {
  const std::size_t count = payload.attachments.size();
  std::string head;  // mostly so short that it needs no memory
  append_head(head, count == 0 ? type : with_attachments(type), count, socket.nsp().name(), id);
  const std::array<std::string_view, 3> parts{head, payload.json, "]"};
  std::vector<base::SharedBytes> attachments;
  attachments.reserve(count);
  for (const Bytes& bytes : payload.attachments)
    attachments.push_back(base::SharedBytes::take(bytes));
  return link().send(parts, attachments, delivery);
}

SendResult PacketClient::send_event(const Socket& socket, const Payload& payload,
                                    std::optional<std::uint64_t> id, engine::Delivery delivery) {
  return send_packet(PacketType::event, socket, payload, id, delivery);
}

void PacketClient::send_ack(const Socket& socket, const Payload& payload, std::uint64_t id) {
  send_packet(PacketType::ack, socket, payload, id, loop::Policy::queue);
}

void PacketClient::send_text(std::string_view text) {
  link().send(std::span(&text, 1), {}, loop::Policy::queue);
}

void PacketClient::send_connect(const Socket& socket) {
  detail::ScratchText text;
  append_head(text.get(), PacketType::connect, 0, socket.nsp().name(), std::nullopt);
  text.get().append("{\"sid\":\"").append(socket.id());
  if (!socket.pid().empty()) text.get().append("\",\"pid\":\"").append(socket.pid());
  text.get().append("\"}");
  send_text(text.get());
}

void PacketClient::send_refusal(const Socket& socket, std::string_view message, const json& data) {
  send_refusal(socket.nsp().name(), message, data);
}

void PacketClient::send_refusal(std::string_view nsp, std::string_view message, const json& data) {
  detail::ScratchText text;
  append_head(text.get(), PacketType::connect_error, 0, nsp, std::nullopt);
  Encoder out(text.get());
  text.get() += "{\"message\":";
  out.write_string(message);
  if (!data.is_null()) {
    text.get() += ",\"data\":";
    out.write_json(data);
  }
  text.get() += '}';
  send_text(text.get());
}

void PacketClient::send_disconnect(const Socket& socket) {
  detail::ScratchText text;
  append_head(text.get(), PacketType::disconnect, 0, socket.nsp().name(), std::nullopt);
  send_text(text.get());
  remember(socket.nsp().name(), LeftBy::server);
}

void PacketClient::on_text(std::string_view text) {
  if (is_closing()) return;
  if (collecting_) return fail(Error::text_while_collecting);
  Packet& packet = hub().packet();
  if (const auto error = read_packet(text, hub().settings().max_attachments, packet)) return fail(error);
  const bool is_ack = packet.type == PacketType::ack || packet.type == PacketType::binary_ack;
  if (!is_ack && !allow_event()) return;
  if (packet.attachments == 0) return dispatch(packet, text, {});
  // Whoever has joined nothing does not get memory for attachments either.
  if (!find(packet.nsp) && !was_under_way(packet)) return fail(Error::not_connected);
  collecting_ = std::make_unique<Collecting>(*this);
  collecting_->text = text;
  collecting_->wanted = packet.attachments;
  collecting_->kept.resize(text.size());
}

void PacketClient::on_binary(BytesView bytes) {
  if (is_closing()) return;
  if (!collecting_) return fail(Error::unexpected_binary);
  collecting_->kept.resize(collecting_->kept.bytes() + bytes.size());
  if (collecting_->kept.bytes() > hub().settings().max_packet) return fail(Error::packet_too_big);
  collecting_->attachments.emplace_back(bytes);
  if (collecting_->attachments.size() < collecting_->wanted) return;

  const std::unique_ptr<Collecting> complete = std::move(collecting_);
  Packet& packet = hub().packet();
  if (const auto error = read_packet(complete->text, hub().settings().max_attachments, packet))
    return fail(error);
  if (!base::check_placeholders(packet.data, complete->attachments)) return fail(Error::bad_placeholder);
  dispatch(packet, complete->text, complete->attachments);
}

void PacketClient::replay(std::string_view text, std::span<const Bytes> attachments) {
  Packet packet;  // the Hub's may be in use further up
  if (const auto error = read_packet(text, hub().settings().max_attachments, packet)) return fail(error);
  dispatch(packet, text, attachments);
}

void PacketClient::dispatch(const Packet& packet, std::string_view text, std::span<const Bytes> attachments) {
  if (packet.type == PacketType::connect) return connect(packet);
  Socket* socket = find(packet.nsp);
  if (!socket) return was_under_way(packet) ? void() : fail(Error::not_connected);
  if (packet.type == PacketType::disconnect && socket->is_joined()) {
    remember(socket->nsp().name(), LeftBy::client);
    return socket->leave({.kind = Reason::client_namespace_disconnect, .layer = Layer::socketio});
  }
  if (const auto error = socket->deliver(packet, text, attachments)) fail(error);
}

void PacketClient::connect(const Packet& packet) {
  if (find(packet.nsp)) return fail(Error::already_connected);
  if (namespaces() >= hub().settings().max_namespaces)
    return refuse_connect(packet.nsp, "Too many namespaces");
  Namespace* nsp = hub().namespaces().enter(packet.nsp, packet.data);
  if (!nsp) return refuse_connect(packet.nsp, "Invalid namespace");
  if (is_closing()) return hub().namespaces().forget_if_empty(*nsp);  // user code was asked
  forget(packet.nsp);
  if (Socket* socket = add_socket(*nsp, std::string(packet.data))) socket->begin_joining();
}

void PacketClient::refuse_connect(std::string_view nsp, std::string_view message) {
  hub().counters().refused.add();
  hub().counters().unknown_namespaces.add();
  send_refusal(nsp, message, nullptr);
}

// A packet for a namespace that the client is not in. What was under way when either side left is ignored.
bool PacketClient::was_under_way(const Packet& packet) const noexcept {
  const bool is_ack = packet.type == PacketType::ack || packet.type == PacketType::binary_ack;
  if (!left_) return false;
  const std::size_t name = hash_of(packet.nsp);
  return std::any_of(left_->begin(), left_->end(), [&](const Left& left) {
    return left.name == name && (left.by == LeftBy::server || is_ack);
  });
}

void PacketClient::remember(std::string_view nsp, LeftBy by) {
  if (!left_) left_ = std::make_unique<std::vector<Left>>();
  forget(nsp);
  if (left_->size() == max_left) left_->erase(left_->begin());
  left_->push_back({hash_of(nsp), by});
}

void PacketClient::forget(std::string_view nsp) {
  if (!left_) return;
  std::erase_if(*left_, [name = hash_of(nsp)](const Left& left) { return left.name == name; });
}

}  // namespace banter::socketio
