#include "socketio/split_event.h"

#include <cassert>
#include <span>

#include "base/json_scanner.h"

namespace banter::socketio {

SplitEvent::SplitEvent(const Payload& payload) : text_(payload.json) {
  text_ += ']';
  const bool is_array = base::split_array(text_, arguments_);
  const bool is_event = is_array && !arguments_.empty() && detail::decode_text(arguments_[0], name_);
  assert(is_event && "an event on its way out is an array that begins with its name");
  if (!is_event) return;
  args_ = Args(std::span(arguments_).subspan(1), payload.attachments);
}

}  // namespace banter::socketio
