// Runs bytes through a MessageReader and keeps what came out, for comparing.
#pragma once

#include <algorithm>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "websocket/message_reader.h"

namespace banter::test {

struct Event {
  websocket::Incoming::Kind kind = websocket::Incoming::Kind::nothing;
  MessageKind message_kind = MessageKind::binary;
  websocket::CloseCode close_code = websocket::CloseCode::no_status;
  std::string payload;

  bool operator==(const Event&) const = default;
};

inline Event text(std::string payload) {
  return {websocket::Incoming::Kind::message, MessageKind::text, {}, std::move(payload)};
}
inline Event binary(std::string payload) {
  return {websocket::Incoming::Kind::message, MessageKind::binary, {}, std::move(payload)};
}
inline Event ping(std::string payload = {}) {
  return {websocket::Incoming::Kind::ping, {}, {}, std::move(payload)};
}
inline Event pong(std::string payload = {}) {
  return {websocket::Incoming::Kind::pong, {}, {}, std::move(payload)};
}
inline Event close(websocket::CloseCode code, std::string reason = {}) {
  return {websocket::Incoming::Kind::close, {}, code, std::move(reason)};
}

inline std::ostream& operator<<(std::ostream& out, const Event& event) {
  return out << "kind " << int(event.kind) << '/' << int(event.message_kind) << ", code "
             << websocket::to_number(event.close_code) << ", " << event.payload.size() << " bytes";
}

struct Outcome {
  std::vector<Event> events;
  std::error_code error;  // after the events

  bool operator==(const Outcome&) const = default;
};

inline std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  for (const Event& event : outcome.events)
    out << '[' << event << "] ";
  return out << (outcome.error ? outcome.error.message() : "no error");
}

// Only what the kind gives a meaning to, so that events compare by content.
inline Event event_of(const websocket::Incoming& incoming) {
  using Kind = websocket::Incoming::Kind;
  const std::string payload(incoming.payload.begin(), incoming.payload.end());
  switch (incoming.kind) {
    case Kind::message: return {incoming.kind, incoming.message_kind, {}, payload};
    case Kind::close: return close(incoming.close_code, payload);
    default: return {incoming.kind, {}, {}, payload};
  }
}

// Gives `reader` one piece of input. Its bytes lie in memory of exactly their size, so that a sanitizer sees
// an access beside them.
inline void read_piece(websocket::MessageReader& reader, std::string_view piece, Outcome& outcome,
                       websocket::PermessageDeflate* deflate = nullptr) {
  const std::unique_ptr<char[]> bytes(new char[piece.size()]);
  std::copy(piece.begin(), piece.end(), bytes.get());
  std::span<char> input(bytes.get(), piece.size());
  while (!input.empty() && !outcome.error) {
    websocket::Incoming incoming;
    outcome.error = reader.read(input, incoming, deflate);
    if (!outcome.error && incoming.kind != websocket::Incoming::Kind::nothing) {
      outcome.events.push_back(event_of(incoming));
    }
  }
}

inline Outcome read_all(std::string_view bytes, const websocket::Limits& limits = {},
                        std::size_t chunk = std::string_view::npos) {
  websocket::MessageReader reader(limits);
  Outcome outcome;
  for (std::size_t at = 0; at < bytes.size() && !outcome.error;) {
    const std::string_view piece = bytes.substr(at, chunk);
    read_piece(reader, piece, outcome);
    at += piece.size();
  }
  return outcome;
}

// In two pieces with every cut, and in pieces of every size up to 20: true if the outcome is always
// `expected`.
inline bool is_same_at_every_cut(std::string_view bytes, const Outcome& expected,
                                 const websocket::Limits& limits = {}) {
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    websocket::MessageReader reader(limits);
    Outcome outcome;
    read_piece(reader, bytes.substr(0, cut), outcome);
    if (!outcome.error) read_piece(reader, bytes.substr(cut), outcome);
    if (outcome != expected) return false;
  }
  for (std::size_t chunk = 1; chunk <= 20; ++chunk) {
    if (read_all(bytes, limits, chunk) != expected) return false;
  }
  return true;
}

}  // namespace banter::test
