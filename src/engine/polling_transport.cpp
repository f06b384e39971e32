#include "engine/polling_transport.h"

#include <array>
#include <utility>

#include "base/base64.h"
#include "base/deflate.h"
#include "base/utf8.h"
#include "engine/packet.h"
#include "engine/payload.h"
#include "http/text.h"
#include "loop/error.h"

namespace banter::engine {

namespace {

constexpr std::string_view close_packet = "1";
constexpr std::string_view noop_packet = "6";

// Compressing more would keep the loop for too long: zlib takes about 20 ms for it.
constexpr std::size_t longest_compressed = 1024 * 1024;

// A binary body cannot hold packets; clients of an older revision send such.
bool is_binary_body(const http::Request& request) {
  const std::string_view type = request.header("Content-Type");
  return http::equals_ignoring_case(http::trim(type.substr(0, type.find(';'))), "application/octet-stream");
}

http::Response bad_request() {
  return http::Response(400);
}

http::Response post_taken() {
  http::Response response(200, "text/html", "ok");
  response.set_header("Cache-Control", "no-store");
  return response;
}

constexpr int looks = 4;  // for progress, in one stall_timeout

bool is_fault_of_client(Reason reason) noexcept {
  return reason == Reason::parse_error || reason == Reason::transport_error;
}

// Whether the client may still fetch what is queued when a session is closed for `reason`.
bool is_polite(Reason reason) noexcept {
  return reason == Reason::forced_close || reason == Reason::forced_server_close ||
         reason == Reason::server_namespace_disconnect || reason == Reason::client_namespace_disconnect;
}

}  // namespace

PollingTransport::PollingTransport(loop::Loop& loop, const Settings& settings, TransportHandler& handler)
    : loop_(loop),
      settings_(settings),
      handler_(&handler),
      watch_(static_cast<http::AnswerHandler&>(*this)),
      end_of_turn_(loop, *this, loop::TurnTask::Calls<&PollingTransport::end_turn>{}) {}

PollingTransport::~PollingTransport() = default;

// --- requests

void PollingTransport::poll(const http::Request& request, http::Responder responder) {
  if (poll_.is_open()) {
    responder.send(bad_request());
    return fail(Reason::transport_error, EndedBy::client, "a GET while another one was held");
  }
  poll_ = std::move(responder);
  coding_ = http::choose_coding(request);
  if (state_ == State::closing) return poll_while_closing();
  poll_.on_gone(
      [this] { fail(Reason::transport_error, EndedBy::network, "the connection of a held GET was lost"); });
  end_of_turn_.schedule();
}

void PollingTransport::check_poll() {
  if (state_ != State::open || !poll_.is_open() || !poll_.is_lost()) return;
  fail(Reason::transport_error, EndedBy::network, "the connection of a held GET was lost");
}

http::BodyPlan PollingTransport::begin_post(const http::Request& request, http::Incoming& incoming) {
  if (ends_session(request)) return http::BodyPlan::refuse(bad_request());
  post_ = std::move(incoming);
  post_.on_gone(
      [this] { fail(Reason::transport_error, EndedBy::network, "the connection of a POST was lost"); });
  post_.on_complete(
      [this](http::Request& whole, http::Responder responder) { post(whole, std::move(responder)); });
  http::BodyPlan plan = http::BodyPlan::read(settings_.max_payload);
  plan.too_long = std::make_unique<http::Response>(413);
  return plan;
}

// A POST that must not be.
bool PollingTransport::ends_session(const http::Request& post) {
  const bool overlaps = post_.is_open();
  if (!overlaps && !is_binary_body(post)) return false;
  if (overlaps) post_.abort();
  fail(Reason::transport_error, EndedBy::client,
       overlaps ? "a POST while another one was being read" : "a POST with a binary body");
  return true;
}

// Packets behind one that has closed the session mean nothing any more.
void PollingTransport::post(const http::Request& request, http::Responder responder) {
  if (ends_session(request)) return responder.send(bad_request());
  const bool is_text = base::is_valid_utf8(request.body);
  PayloadReader packets(request.body);
  while (!closed_for_) {
    const auto packet = packets.next();
    if (!packet) break;
    deliver(*handler_, is_text || base::is_valid_utf8(*packet) ? *packet : std::string_view{});
  }
  responder.send(closed_for_ && is_fault_of_client(*closed_for_) ? bad_request() : post_taken());
}

// --- sending

std::optional<SendResult> PollingTransport::refuse(std::size_t size, Delivery delivery) {
  if (state_ != State::open) return SendResult::closed;
  if (too_slow_ != TooSlow::no) return SendResult::dropped;
  if (delivery.policy == loop::Policy::drop && (!was_held_ || is_left_over_)) return SendResult::dropped;
  if (delivery.policy == loop::Policy::latest && backlog_) backlog_->packets.remove(delivery.key);
  const std::size_t total = buffered() + size;
  if (total > settings_.max_queue) {
    too_slow_ = TooSlow::max_queue;
  } else if (total > settings_.high_water && loop_.ledger().is_spent()) {
    too_slow_ = TooSlow::budget;
  } else {
    return std::nullopt;
  }
  end_of_turn_.schedule();
  return SendResult::dropped;
}

SendResult PollingTransport::queue(loop::Piece packets, Delivery delivery) {
  if (!backlog_) backlog_ = std::make_unique<Backlog>(*this);
  const std::array<loop::Piece, 2> entry{packets, loop::Piece{std::string_view(&packet_separator, 1)}};
  if (delivery.policy == loop::Policy::latest) {
    backlog_->packets.append_latest(entry, delivery.key);
  } else {
    backlog_->packets.append(entry);
  }
  is_compressible_ = is_compressible_ || delivery.compress == Compress::yes;
  end_of_turn_.schedule();
  const bool is_above = buffered() > settings_.high_water;
  if (is_above) charge();
  if (is_above && !pressure_) {
    pressure_ = std::make_unique<Pressure>(*this);
    look_again();
  }
  return poll_.is_open() && !is_above ? SendResult::sent : SendResult::queued;
}

SendResult PollingTransport::send_packet(std::string_view packet) {
  if (const auto refusal = refuse(packet.size() + 1, loop::Policy::queue)) return *refusal;
  return queue({packet}, {loop::Policy::queue, Compress::no});
}

SendResult PollingTransport::send(std::span<const std::string_view> parts,
                                  std::span<const base::SharedBytes> attachments, Delivery delivery) {
  std::size_t size = 2;  // type and separator
  for (const std::string_view part : parts)
    size += part.size();
  for (const base::SharedBytes& bytes : attachments)
    size += 2 + base::base64_size(bytes.view().size());
  if (const auto refusal = refuse(size, delivery)) return *refusal;
  std::string packets;
  packets.reserve(size);
  append_message(packets, parts);
  for (const base::SharedBytes& bytes : attachments)
    append_binary(packets, as_bytes(bytes.view()));
  return queue({packets}, delivery);
}

SendResult PollingTransport::send_binary(BytesView bytes, Delivery delivery) {
  if (const auto refusal = refuse(2 + base::base64_size(bytes.size()), delivery)) return *refusal;
  std::string packet;
  append_binary(packet, bytes);
  return queue({packet}, delivery);
}

SendResult PollingTransport::send_form(const base::SharedBytes& form, Delivery delivery) {
  if (const auto refusal = refuse(form.view().size() + 1, delivery)) return *refusal;
  return queue({form.view(), &form}, delivery);
}

void PollingTransport::send_open(std::string_view packet) {
  answer(std::string(packet));
}

void PollingTransport::end_turn() {
  if (state_ != State::open) return;
  if (too_slow_ == TooSlow::budget) return end_for_budget();
  if (too_slow_ == TooSlow::max_queue)
    return fail(Reason::slow_consumer, EndedBy::server,
                "more was waiting for a poll than Options::max_queue");
  const bool waits = waiting() > 0;
  is_left_over_ = !poll_.is_open() && waits;
  if (is_left_over_) charge();
  was_held_ = poll_.is_open() && !waits && !is_probed_;
  if (poll_.is_open() && !was_held_) answer(waits ? take_waiting() : std::string(noop_packet));
  check_drain();
}

std::string PollingTransport::take_waiting() {
  if (!backlog_) return {};
  std::string payload = backlog_->packets.take();
  if (!payload.empty()) payload.pop_back();  // separators stand between packets only
  backlog_.reset();
  return payload;
}

void PollingTransport::answer(std::string payload) {
  http::Response response(200, "text/plain; charset=UTF-8", {});
  response.set_header("Cache-Control", "no-store");
  const bool has_size = settings_.compress_polls_from && payload.size() >= *settings_.compress_polls_from &&
                        payload.size() <= longest_compressed;
  if (std::exchange(is_compressible_, false) && has_size && coding_ != http::ContentCoding::identity) {
    payload = base::compress(
        payload, coding_ == http::ContentCoding::gzip ? base::Coding::gzip : base::Coding::deflate);
    response.set_header("Content-Encoding", http::name_of(coding_));
  }
  if (pressure_) pressure_->answered += payload.size();
  response.set_body(std::move(payload));
  poll_.send(std::move(response), watch_);
}

// --- what is left over

void PollingTransport::charge() {
  backlog_->packets.charge_to(loop_.ledger().budget());
  backlog_->account.open(loop_.ledger());
}

void PollingTransport::end_for_budget() {
  fail(Reason::slow_consumer, EndedBy::server, make_error_code(loop::Error::over_budget).message());
}

void PollingTransport::check_drain() {
  if (!pressure_ || buffered() > settings_.high_water / 2) return;
  pressure_.reset();
  handler_->on_drain();
}

void PollingTransport::look_again() {
  pressure_->deadline.set(loop_.wheel(), loop_.now() + settings_.stall_timeout / looks);
}

// Counts looks, not time: what passes while our own loop stands still is not the peer's fault.
void PollingTransport::look_for_progress() {
  const bool is_above = buffered() > settings_.high_water;
  const std::uint64_t before = std::exchange(pressure_->taken, pressure_->answered - watch_.unsent());
  pressure_->idle_looks = is_above && before == pressure_->taken ? pressure_->idle_looks + 1 : 0;
  if (pressure_->idle_looks < looks) return look_again();
  fail(Reason::slow_consumer, EndedBy::server, make_error_code(loop::Error::stalled).message());
}

// What is lost would be missing from a stream that goes on.
void PollingTransport::on_answer_lost(std::error_code error) {
  if (error.category() == loop::loop_category())
    return fail(Reason::slow_consumer, EndedBy::server, error.message());
  fail(Reason::transport_error, EndedBy::network, "the connection of an answered GET was lost");
}

// --- upgrade and end

void PollingTransport::set_probed(bool is_probed) {
  is_probed_ = is_probed;
  end_of_turn_.schedule();
}

std::string PollingTransport::retire() {
  state_ = State::retired;
  pressure_.reset();
  if (poll_.is_open()) answer(std::string(noop_packet));
  return take_waiting();
}

Transport::Closing PollingTransport::close(const DisconnectReason& reason) {
  closed_for_ = reason.kind;
  pressure_.reset();
  if (!is_polite(reason.kind)) {
    state_ = State::ended;
    backlog_.reset();
    const bool has_left = reason.kind == Reason::transport_close;
    if (poll_.is_open()) answer(std::string(has_left ? noop_packet : close_packet));
    return Closing::done;
  }
  state_ = State::closing;
  if (poll_.is_open()) answer_while_closing();
  if (state_ == State::ended) return Closing::done;
  grace_ = std::make_unique<Grace>(*this);
  grace_->deadline.set(loop_.wheel(), loop_.now() + settings_.close_grace);
  return Closing::lingers;
}

// What waits, and the close packet behind it. Socket.IO's goodbye goes alone and the close packet with the
// next poll: stock clients handle events a tick later, and would take a close right behind it for a lost
// connection, which they make anew.
void PollingTransport::answer_while_closing() {
  std::string payload = take_waiting();
  if (closed_for_ == Reason::server_namespace_disconnect && !payload.empty())
    return answer(std::move(payload));
  state_ = State::ended;
  if (payload.empty() && grace_) append_packet(payload, noop_packet);  // to a poll that came after the close
  append_packet(payload, close_packet);
  answer(std::move(payload));
}

void PollingTransport::poll_while_closing() {
  answer_while_closing();
  if (state_ != State::ended) return;
  grace_.reset();
  handler_->on_transport_end({});
}

void PollingTransport::on_grace_over() {
  state_ = State::ended;
  backlog_.reset();
  handler_->on_transport_end({});
}

void PollingTransport::fail(Reason kind, EndedBy by, std::string_view detail) {
  if (state_ == State::retired || state_ == State::ended) return;
  state_ = State::ended;
  closed_for_ = kind;
  grace_.reset();
  const std::size_t queued = buffered();
  pressure_.reset();
  backlog_.reset();
  if (poll_.is_open()) answer(std::string(close_packet));
  handler_->on_transport_end(
      {.kind = kind, .detail = std::string(detail), .by = by, .layer = Layer::http, .queued = queued});
}

}  // namespace banter::engine
