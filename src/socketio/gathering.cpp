#include "socketio/gathering.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace banter::socketio {

Gathering::Gathering(ProblemSink& problems, std::string_view what, Done done)
    : problems_(problems), what_(what), done_(std::move(done)) {}

Gathering::Gathering(ProblemSink& problems, std::string_view what,
                     std::unique_ptr<detail::AnswerSink> replies)
    : problems_(problems), what_(what), replies_(std::move(replies)) {}

// A reply without values is one of `null`, as it is between servers.
void Gathering::on_reply(std::string_view from, const detail::RawArgument& value) {
  if (is_finished_ || !replies_) return;
  if (replies_->take(from, value.with_text(value.text.empty() ? "null" : value.text))) return;
  missing_.emplace_back(from);
  if (!gathered_.error) gathered_.error = AckError::bad_reply;
}

void Gathering::on_sockets(std::vector<SocketRecord> sockets) {
  if (is_finished_) return;
  std::move(sockets.begin(), sockets.end(), std::back_inserter(gathered_.sockets));
}

void Gathering::on_rooms(std::vector<RoomInfo> rooms) {
  if (is_finished_) return;
  std::move(rooms.begin(), rooms.end(), std::back_inserter(gathered_.rooms));
}

void Gathering::on_done(std::error_code error, std::vector<std::string> missing) {
  if (is_finished_) return;
  worsen(error);
  std::move(missing.begin(), missing.end(), std::back_inserter(missing_));
  if (--parts_ == 0) finish();
}

// A deadline that passed says more than that somebody has left, and that more than a reply that does not fit.
void Gathering::worsen(std::error_code error) noexcept {
  if (!error) return;
  const bool is_first = !gathered_.error || gathered_.error == AckError::bad_reply;
  if (is_first || error == AckError::timeout) gathered_.error = error;
}

void Gathering::finish() {
  is_finished_ = true;
  Problem context;
  context.where = replies_ ? Problem::Where::ack : Problem::Where::task;
  context.event = what_;
  std::error_code unheard;
  call_user(problems_, context, [&] {
    if (!replies_) return done_(gathered_);
    unheard = replies_->finish({gathered_.error, std::move(missing_), expected_});
  });
  if (!unheard) return;
  context.text = unheard.message();
  problems_.report(context);
}

}  // namespace banter::socketio
