#include "websocket/message_reader.h"

#include <utility>

#include "websocket/deflate.h"

namespace banter::websocket {

namespace {

std::string_view view(std::span<const char> bytes) noexcept {
  return {bytes.data(), bytes.size()};
}

MessageKind kind_of(const FramePart& part) noexcept {
  return part.opcode == Opcode::text ? MessageKind::text : MessageKind::binary;
}

// RFC 6455 section 5.5.1: nothing, or a code in network byte order and a reason in UTF-8.
Error read_close(Incoming& incoming) {
  incoming.kind = Incoming::Kind::close;
  incoming.close_code = CloseCode::no_status;
  if (incoming.payload.empty()) return {};
  if (incoming.payload.size() == 1) return Error::close_payload_too_short;
  const auto high = static_cast<unsigned char>(incoming.payload[0]);
  const auto low = static_cast<unsigned char>(incoming.payload[1]);
  incoming.close_code = static_cast<CloseCode>(high << 8 | low);
  incoming.payload = incoming.payload.subspan(2);
  if (!is_allowed_on_wire(incoming.close_code)) return Error::close_code_not_allowed;
  if (!base::is_valid_utf8(view(incoming.payload))) return Error::close_reason_not_utf8;
  return {};
}

}  // namespace

std::error_code MessageReader::read(std::span<char>& input, Incoming& incoming, PermessageDeflate* deflate) {
  incoming.kind = Incoming::Kind::nothing;
  std::optional<FramePart> part;
  while (error_ == no_error && incoming.kind == Incoming::Kind::nothing) {
    if (const std::error_code error = frames_.read(input, part)) return error;
    if (!part) return {};
    error_ = is_control(part->opcode) ? take_control(*part, incoming) : take_data(*part, incoming, deflate);
  }
  return error_ == no_error ? std::error_code{} : error_;
}

Error MessageReader::take_data(const FramePart& part, Incoming& incoming, PermessageDeflate* deflate) {
  if (part.begins) {
    if (part.is_deflated && !deflate) return Error::reserved_bit;
    if (const Error error = check_data_frame(part); error != no_error) return error;
    if (!message_ && part.ends && part.is_final) {
      if (!part.is_deflated) return take_whole_message(part, incoming);
      return inflate(kind_of(part), view(part.payload), incoming, *deflate);
    }
  }
  if (const Error error = append(part); error != no_error) return error;
  return part.ends && part.is_final ? finish_message(incoming, deflate) : no_error;
}

Error MessageReader::check_data_frame(const FramePart& part) const {
  if (part.opcode == Opcode::continuation && !message_) return Error::nothing_to_continue;
  if (part.opcode != Opcode::continuation && message_) return Error::message_not_finished;
  if (part.length > limits_->max_message - announced()) return Error::message_too_big;
  if (message_ && message_->fragments >= limits_->max_fragments) return Error::too_many_fragments;
  return no_error;
}

// The usual case: a frame that is a message and lies in the input. Nothing is copied.
Error MessageReader::take_whole_message(const FramePart& part, Incoming& incoming) const {
  const bool is_text = part.opcode == Opcode::text;
  if (is_text && part.has_high_byte && !base::is_valid_utf8(view(part.payload))) return Error::text_not_utf8;
  incoming.kind = Incoming::Kind::message;
  incoming.message_kind = kind_of(part);
  incoming.was_deflated = false;
  incoming.payload = part.payload;
  return no_error;
}

Error MessageReader::append(const FramePart& part) {
  if (!message_) {
    message_ = std::make_unique<Unfinished>();
    message_->kind = kind_of(part);
    message_->is_deflated = part.is_deflated;
  }
  if (part.begins) {
    message_->announced += part.length;
    ++message_->fragments;
  }
  const bool is_text = message_->kind == MessageKind::text && !message_->is_deflated;
  const bool is_plain_ascii = !part.has_high_byte && message_->text.is_complete();
  if (is_text && !is_plain_ascii && !message_->text.append(view(part.payload))) {
    return Error::text_not_utf8;  // early: with the first wrong byte, not at the end of the message
  }
  message_->payload.append(view(part.payload));
  return no_error;
}

Error MessageReader::finish_message(Incoming& incoming, PermessageDeflate* deflate) {
  const std::unique_ptr<Unfinished> message = std::move(message_);
  if (message->is_deflated) return inflate(message->kind, message->payload, incoming, *deflate);
  if (!message->text.is_complete()) return Error::text_not_utf8;
  incoming.kind = Incoming::Kind::message;
  incoming.message_kind = message->kind;
  incoming.was_deflated = false;
  incoming.assembled = std::move(message->payload);
  incoming.payload = incoming.assembled;
  return no_error;
}

Error MessageReader::inflate(MessageKind kind, std::string_view payload, Incoming& incoming,
                             PermessageDeflate& deflate) const {
  const Error error = deflate.inflate(incoming.assembled, payload, limits_->max_message);
  if (error != no_error) return error;
  const bool is_text = kind == MessageKind::text;
  if (is_text && !base::is_valid_utf8(incoming.assembled)) return Error::text_not_utf8;
  incoming.kind = Incoming::Kind::message;
  incoming.message_kind = kind;
  incoming.was_deflated = true;
  incoming.payload = incoming.assembled;
  return no_error;
}

Error MessageReader::take_control(const FramePart& part, Incoming& incoming) {
  incoming.payload = part.payload;
  if (!part.begins || !part.ends) {
    if (!control_) control_ = std::make_unique<std::string>();
    control_->append(view(part.payload));
    if (!part.ends) return no_error;
    incoming.assembled = std::move(*std::exchange(control_, nullptr));
    incoming.payload = incoming.assembled;
  }
  switch (part.opcode) {
    case Opcode::ping: incoming.kind = Incoming::Kind::ping; return no_error;
    case Opcode::pong: incoming.kind = Incoming::Kind::pong; return no_error;
    default: return read_close(incoming);
  }
}

std::size_t MessageReader::held() const noexcept {
  return (message_ ? message_->payload.capacity() : 0) + (control_ ? control_->capacity() : 0);
}

std::string MessageReader::describe(std::error_code error) const {
  std::string text = error.message();
  if (error == Error::message_too_big) {
    text += ": " + std::to_string(announced() + frames_.length()) + " bytes, the limit is " +
            std::to_string(limits_->max_message);
  } else if (error == Error::inflated_too_big) {
    text += ", the limit is " + std::to_string(limits_->max_message);
  } else if (error == Error::too_many_fragments) {
    text += ", the limit is " + std::to_string(limits_->max_fragments);
  }
  return text;
}

}  // namespace banter::websocket
