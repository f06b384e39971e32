#include "socketio/error.h"

#include <string>

namespace banter::socketio {

namespace {

const char* text_of(Error error) noexcept {
  switch (error) {
    case Error::empty_packet: return "empty Socket.IO packet";
    case Error::unknown_type: return "unknown Socket.IO packet type";
    case Error::bad_attachment_count: return "bad count of attachments";
    case Error::too_many_attachments: return "more attachments than max_attachments";
    case Error::namespace_too_long: return "namespace longer than 1024 bytes";
    case Error::bad_id: return "acknowledgement id out of place or above 2^53-1";
    case Error::bad_json: return "payload is not JSON";
    case Error::bad_payload: return "payload does not fit the packet's type";
    case Error::bad_event_name: return "event name is neither a string nor a number";
    case Error::reserved_event_name: return "reserved event name";
    case Error::text_while_collecting: return "text message while attachments are due";
    case Error::unexpected_binary: return "binary message while no attachment is due";
    case Error::bad_placeholder: return "placeholder without its attachment";
    case Error::packet_too_big: return "packet with its attachments longer than max_packet";
    case Error::not_connected: return "packet for a namespace that is not joined";
    case Error::already_connected: return "second CONNECT for a namespace";
    case Error::unexpected_packet: return "packet that only a server sends";
    case Error::bad_native_message: return "not an event object with name and data";
    case Error::held_too_much: return "too much sent while a middleware was deciding";
    case Error::event_name_too_long: return "event name longer than max_event_name";
  }
  return "unknown";
}

class Category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "banter.socketio"; }
  std::string message(int code) const override { return text_of(static_cast<Error>(code)); }
};

}  // namespace

const std::error_category& category() noexcept {
  static const Category instance;
  return instance;
}

}  // namespace banter::socketio
