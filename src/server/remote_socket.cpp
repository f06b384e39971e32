#include "banter/remote_socket.h"

#include "banter/error.h"

namespace banter::detail {

// A second answer would be that of a socket which has joined the room of the other's id.
bool SingleAnswer::take(std::string_view, const RawArgument& value) {
  if (!text_.empty()) return true;
  text_ = value.text;
  attachments_.assign(value.attachments.begin(), value.attachments.end());
  binary_ = value.binary;
  return true;
}

std::error_code SingleAnswer::finish(AnswersEnd end) {
  const std::string_view text = text_;
  if (text.empty()) {
    const Args none;
    AckAnswer answer{end.error ? end.error : make_error_code(AckError::disconnected), none, {}};
    callback_(answer);
    return answer.unheard;
  }
  const Args args(std::span(&text, 1), attachments_, binary_);
  AckAnswer answer{{}, args, {}};
  callback_(answer);
  return answer.unheard;
}

}  // namespace banter::detail
