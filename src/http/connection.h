// One client's HTTP/1.1 connection: reads its requests one after the other and sends the answers in their
// order.
//
//   head --> body --> waiting --> sending --> head ...
//    ^ \---------------^   \--(upgrade accepted)--> closed
//
// `waiting` is for the answer, or the decision about an upgrade; bytes that come meanwhile are kept and
// reading pauses.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "banter/function.h"
#include "http/body_source.h"
#include "http/exchange.h"
#include "http/request_handler.h"
#include "http/request_parser.h"
#include "loop/loop.h"
#include "loop/stream.h"
#include "loop/timer_wheel.h"

namespace banter::http {

class ConnectionSet;

// Owned by its ConnectionSet until it is over, then by the loop until the end of the turn: no call destroys
// it.
class Connection final : public loop::StreamHandler, public loop::Retired {
 public:
  Connection(ConnectionSet& set, loop::StreamPtr stream);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() override;

  // Begins to read.
  void start();

  // Ends at once; an open exchange hears of it, and who watches an answer that is not taken.
  void close(std::error_code error = {});

  // Ends with the next answer, or at once where no request is under way.
  void stop_keep_alive();

 private:
  friend class ConnectionSet;
  friend class AnswerWatch;
  friend class Exchange;
  friend class Incoming;
  friend class Responder;
  friend class Upgrade;

  enum class State : std::uint8_t { head, body, waiting, sending, closed };
  enum class Timed : std::uint8_t { nothing, idle, head, body };

  void on_read(std::span<char> bytes) override;
  void on_end(std::error_code error) override;
  void on_drain() override;
  void on_deadline();

  // Requests in.
  [[nodiscard]] bool takes_input() const noexcept { return state_ == State::head || state_ == State::body; }
  void process(std::string_view& input);
  void process_pending();
  [[nodiscard]] bool step(std::string_view& input);
  void keep(std::string_view input);
  void take_head(std::string_view& input);
  void take_upgrade(std::string_view& input);
  void plan_body();
  [[nodiscard]] BodyPlan ask_for_plan();
  void drop_body(std::unique_ptr<Response> refusal, bool client_waits);
  void take_error();
  void complete();
  Incoming::Complete cut_incoming();

  // Answers out.
  void add_header(std::string_view name, std::string_view value);
  [[nodiscard]] Headers take_headers();
  void answer(Response response);
  void fail(std::error_code error);
  void set_watch(AnswerWatch& watch) noexcept;
  void send_on();
  void on_piece(std::error_code error, std::string piece);
  void end_exchange();
  [[nodiscard]] Upgrade::Accepted hand_over(std::string_view head);

  // The end, and time.
  void finish();
  void leave();
  void tell_gone();
  void arm();
  void set_deadline(loop::Milliseconds delay);

  ConnectionSet& set_;
  loop::StreamPtr stream_;
  RequestParser parser_;
  std::string pending_;           // arrived while not taking input; reading is paused if it is not empty
  Exchange* exchange_ = nullptr;  // in State::body an Incoming
  AnswerWatch* watch_ = nullptr;  // of the last answer
  Function<void()> on_gone_;
  std::unique_ptr<Headers> headers_;   // for the answer, whatever it will be
  std::unique_ptr<Response> refusal_;  // of a body that was dropped, or one that keeps_body_ and is too long
  std::unique_ptr<BodySource> source_;
  std::uint64_t source_left_ = 0;
  loop::Deadline deadline_{*this, loop::Deadline::Calls<&Connection::on_deadline>{}};
  std::size_t last_buffered_ = 0;  // at the last look while idle
  std::uint32_t index_ = 0;        // in the set
  State state_ = State::head;
  Timed timed_ = Timed::nothing;
  Version version_ = Version::http_1_1;
  bool keeps_body_ = false;
  bool answers_head_ = false;  // the request is a HEAD
  bool is_last_ = false;       // the connection closes after this answer
  bool reads_source_ = false;
};

}  // namespace banter::http
