#include "http/connection.h"

#include <cassert>
#include <utility>

#include "http/connection_set.h"
#include "http/error.h"
#include "http/error_page.h"
#include "http/status.h"
#include "http/text.h"

namespace banter::http {

namespace {

base::Counter& answers_of(Counters& counters, int status) noexcept {
  if (status >= 500) return counters.server_errors;
  if (status >= 400) return counters.client_errors;
  return status >= 300 ? counters.redirections : counters.successes;
}

}  // namespace

Connection::Connection(ConnectionSet& set, loop::StreamPtr stream)
    : set_(set), stream_(std::move(stream)), parser_(set.settings_.limits) {
  stream_->set_settings(set_.settings_.stream);
}

Connection::~Connection() = default;

// A client that sends nothing at all has no answer to expect, so it is timed as an idle one.
void Connection::start() {
  stream_->start(*this);
  timed_ = Timed::idle;
  set_deadline(set_.settings_.head_timeout);
}

// --- requests in

void Connection::on_read(std::span<char> bytes) {
  std::string_view input(bytes.data(), bytes.size());
  process(input);
  if (state_ == State::closed) return;
  keep(input);
  arm();
}

void Connection::process(std::string_view& input) {
  while (takes_input() && step(input)) {
  }
}

void Connection::process_pending() {
  const std::string bytes = std::exchange(pending_, {});
  std::string_view input = bytes;
  process(input);
  if (state_ == State::closed) return;
  keep(input);
  if (pending_.empty()) stream_->resume();
  arm();
}

void Connection::keep(std::string_view input) {
  if (input.empty()) return;
  pending_.append(input);
  stream_->pause();
}

bool Connection::step(std::string_view& input) {
  switch (parser_.read(input)) {
    case RequestParser::Event::need_input: return false;
    case RequestParser::Event::head: take_head(input); break;
    case RequestParser::Event::body:
      if (keeps_body_) parser_.request().body.append(parser_.body_piece());
      break;
    case RequestParser::Event::end: complete(); break;
    case RequestParser::Event::error: take_error(); break;
  }
  return true;
}

void Connection::take_head(std::string_view& input) {
  Request& request = parser_.request();
  set_.counters_.requests.add();
  version_ = request.version;
  answers_head_ = request.method == "HEAD";
  is_last_ = is_last_ || !request.keep_alive;
  state_ = State::body;
  if (request.is_upgrade) {
    take_upgrade(input);
  } else if (request.has_body()) {
    plan_body();
  }
}

void Connection::take_upgrade(std::string_view& input) {
  state_ = State::waiting;
  is_last_ = true;
  pending_.assign(std::exchange(input, {}));
  stream_->pause();
  Request request = std::move(parser_.request());
  set_.handler_.on_upgrade(request, Upgrade(*this));
}

void Connection::plan_body() {
  const Request& request = parser_.request();
  const std::string_view expect = request.header("Expect");
  if (!expect.empty() && !equals_ignoring_case(expect, "100-continue"))
    return fail(Error::expectation_failed);
  const bool client_waits = !expect.empty() && version_ == Version::http_1_1;  // RFC 9110 section 10.1.1

  BodyPlan plan = ask_for_plan();
  if (state_ == State::closed) return;
  keeps_body_ = plan.max_size.has_value();
  if (!keeps_body_) return drop_body(std::move(plan.refusal), client_waits);
  refusal_ = std::move(plan.too_long);
  parser_.set_max_body(*plan.max_size);
  const bool is_too_long = request.content_length.value_or(0) > *plan.max_size;
  if (client_waits && !is_too_long) stream_->write("HTTP/1.1 100 Continue\r\n\r\n");
}

BodyPlan Connection::ask_for_plan() {
  Incoming incoming(*this);
  return set_.handler_.on_head(parser_.request(), incoming);
}

// A body that is short enough is read, so that the connection stays in step; else it ends with this answer.
void Connection::drop_body(std::unique_ptr<Response> refusal, bool client_waits) {
  refusal_ = std::move(refusal);
  parser_.set_max_body(set_.settings_.max_dropped_body);
  if (client_waits || parser_.request().content_length.value_or(0) > set_.settings_.max_dropped_body) {
    is_last_ = true;
    complete();
  }
}

void Connection::take_error() {
  if (state_ != State::body || parser_.error() != Error::body_too_large) return fail(parser_.error());
  is_last_ = true;
  if (!keeps_body_) return complete();
  cut_incoming();
  if (!refusal_) return fail(parser_.error());
  answer(std::move(*std::exchange(refusal_, nullptr)));
}

void Connection::complete() {
  state_ = State::waiting;
  Request request = std::move(parser_.request());  // also where it is not needed: its memory goes
  Incoming::Complete on_complete = cut_incoming();
  const std::unique_ptr<Response> refusal = std::move(refusal_);
  if (refusal && !keeps_body_) return answer(std::move(*refusal));
  if (on_complete) return on_complete(request, Responder(*this));
  set_.handler_.on_request(request, Responder(*this));
}

// Whoever follows the body hears nothing more, unless by what is returned.
Incoming::Complete Connection::cut_incoming() {
  Incoming::Complete on_complete;
  if (exchange_) {
    Incoming& incoming = static_cast<Incoming&>(*exchange_);
    on_complete = std::move(incoming.on_complete_);
    incoming.cut();
  }
  on_gone_.reset();
  return on_complete;
}

// --- answers out

// Whoever follows the body hears of it last, since the callback may do anything.
void Connection::fail(std::error_code error) {
  Function<void()> on_gone = std::move(on_gone_);
  if (exchange_) exchange_->cut();
  is_last_ = true;
  set_.handler_.on_bad_request(error, *stream_);
  answer(error_page(status_of(error), error.message()));
  if (on_gone) on_gone();
}

void Connection::add_header(std::string_view name, std::string_view value) {
  check_header(name, value);
  if (!headers_) headers_ = std::make_unique<Headers>();
  headers_->add(std::string(name), std::string(value));
}

Headers Connection::take_headers() {
  const std::unique_ptr<Headers> taken = std::move(headers_);
  return taken ? std::move(*taken) : Headers{};
}

void Connection::answer(Response response) {
  assert(state_ != State::closed && state_ != State::sending);
  on_gone_.reset();
  if (headers_) response.add_missing(take_headers());
  const int status = response.status();
  answers_of(set_.counters_, status).add();
  is_last_ = is_last_ || response.closes_connection() || !set_.keeps_alive_;

  const bool sends_body = !answers_head_ && may_have_body(status);
  const std::string head =
      write_head(response, {.version = version_, .keep_alive = !is_last_, .date = set_.date()});
  const base::SharedBytes body = sends_body ? response.take_bytes() : base::SharedBytes{};
  const loop::Piece pieces[] = {{head}, {body.view(), &body}};
  stream_->write(std::span(pieces, body.view().empty() ? 1U : 2U));

  source_ = sends_body ? response.take_source() : nullptr;
  source_left_ = source_ ? source_->size() : 0;
  state_ = State::sending;
  send_on();
}

// Goes on with the body, or with what comes after it, as far as the client takes it.
void Connection::send_on() {
  if (reads_source_ || stream_->owes_drain()) return;
  if (source_left_ == 0) return end_exchange();
  reads_source_ = true;
  source_->read([this](std::error_code error, std::string piece) { on_piece(error, std::move(piece)); });
}

void Connection::on_piece(std::error_code error, std::string piece) {
  reads_source_ = false;
  // The length is promised already; only a connection that breaks off tells the client.
  if (error || piece.empty() || piece.size() > source_left_) return close();
  source_left_ -= piece.size();
  const base::SharedBytes bytes = base::SharedBytes::take(std::move(piece));
  const loop::Piece whole{bytes.view(), &bytes};
  stream_->write(std::span(&whole, 1));
  send_on();
}

void Connection::set_watch(AnswerWatch& watch) noexcept {
  watch.cut();
  if (watch_) watch_->cut();
  watch_ = &watch;
  watch.connection_ = this;
}

void Connection::on_drain() {
  if (state_ == State::sending) send_on();
  if (watch_) watch_->handler_.on_answer_drain();
}

void Connection::end_exchange() {
  source_.reset();
  if (is_last_) return finish();
  answers_head_ = false;
  state_ = State::head;
  timed_ = Timed::nothing;
  arm();
}

Upgrade::Accepted Connection::hand_over(std::string_view head) {
  set_.counters_.upgrades.add();
  on_gone_.reset();
  headers_.reset();
  stream_->write(head);
  Upgrade::Accepted accepted{std::move(stream_), std::move(pending_)};
  leave();
  return accepted;
}

// --- the end, and time

void Connection::on_end(std::error_code error) {
  if (error) return close(error);
  // The client may have closed only its side, and read on.
  if (takes_input()) return stream_->buffered() > 0 ? finish() : close();
  is_last_ = true;
  stream_->start(*this);  // to hear of on_drain
  tell_gone();
}

void Connection::stop_keep_alive() {
  if (state_ == State::head && !parser_.is_in_head() && pending_.empty() && stream_->buffered() == 0) {
    return finish();
  }
  is_last_ = true;
}

void Connection::close(std::error_code error) {
  if (state_ == State::closed) return;
  AnswerWatch* const lost = stream_->buffered() > 0 ? std::exchange(watch_, nullptr) : nullptr;
  if (lost) lost->connection_ = nullptr;
  stream_.reset();
  leave();
  if (lost) lost->handler_.on_answer_lost(error);
}

void Connection::finish() {
  loop::Stream::finish(std::move(stream_), set_.settings_.linger);
  leave();
}

void Connection::leave() {
  state_ = State::closed;
  deadline_.cancel();
  source_.reset();
  if (exchange_) exchange_->cut();
  if (watch_) watch_->cut();
  set_.remove(*this);
  tell_gone();
}

void Connection::tell_gone() {
  if (Function<void()> callback = std::move(on_gone_)) callback();
}

// Keeps the deadline in line with the state; called at the end of what may have changed it.
void Connection::arm() {
  Timed timed = Timed::nothing;
  if (state_ == State::body) timed = Timed::body;
  if (state_ == State::head) timed = parser_.is_in_head() ? Timed::head : Timed::idle;
  const Timed before = std::exchange(timed_, timed);
  switch (timed) {
    case Timed::nothing: return;  // a deadline that is still set finds nothing to do
    case Timed::body: return set_deadline(set_.settings_.body_timeout);
    case Timed::head:
      if (before != timed) set_deadline(set_.settings_.head_timeout);
      return;
    case Timed::idle:
      if (before == timed) return;
      last_buffered_ = SIZE_MAX;
      // Requests that wait are taken up from the loop, never from inside the handler that gave the answer.
      set_deadline(pending_.empty() ? set_.settings_.idle_timeout : loop::Milliseconds{0});
  }
}

void Connection::set_deadline(loop::Milliseconds delay) {
  loop::Loop& loop = stream_->loop();
  deadline_.set(loop.wheel(), loop.now() + delay);
}

void Connection::on_deadline() {
  switch (timed_) {
    case Timed::nothing: return;
    case Timed::idle: {
      if (!pending_.empty()) return process_pending();
      const std::size_t buffered = stream_->buffered();
      if (buffered == 0 || buffered >= last_buffered_) return close();
      last_buffered_ = buffered;
      return set_deadline(set_.settings_.idle_timeout);
    }
    case Timed::head: set_.counters_.timeouts.add(); return fail(Error::head_timeout);
    case Timed::body: set_.counters_.timeouts.add(); return fail(Error::body_timeout);
  }
}

}  // namespace banter::http
