// Engine.IO over HTTP long-polling: a GET is held until there is something to send, and POSTs bring what the
// client sends.
//
//   GET    none --poll()--> held --turn's end, if something waits--> answered: none
//   POST   none --begin_post()--> being read --complete--> delivered and answered: none
//
// What is sent waits for the end of the turn, so that everything of one turn goes out in one answer. What is
// left over are packets that wait for a poll and bytes of an answer that the kernel has not taken. There is
// no heartbeat here: the ping is a packet as any other, so a client that does not poll does not get it and
// times out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include "engine/settings.h"
#include "engine/transport.h"
#include "http/content_coding.h"
#include "http/exchange.h"
#include "http/request_handler.h"
#include "loop/ledger.h"
#include "loop/loop.h"
#include "loop/output_queue.h"
#include "loop/timer_wheel.h"
#include "loop/turn_task.h"

namespace banter::engine {

class PollingTransport final : public Transport, public loop::Retired, private http::AnswerHandler {
 public:
  // `settings` outlives the transport; `handler` does until on_transport_end, or close() that does not
  // linger.
  PollingTransport(loop::Loop& loop, const Settings& settings, TransportHandler& handler);
  ~PollingTransport() override;

  // A GET. A second one while one is held ends the session.
  void poll(const http::Request& request, http::Responder responder);

  // Ends the session if the held GET's connection has gone and nobody has told yet. To be called before a
  // request that came on another connection.
  void check_poll();

  // The head of a POST whose body follows; the whole one comes to post(). A second one while one is being
  // read ends the session, as does a body that is no text.
  [[nodiscard]] http::BodyPlan begin_post(const http::Request& request, http::Incoming& incoming);
  void post(const http::Request& request, http::Responder responder);

  // While a WebSocket is being probed polls are not held: the client waits for theirs to end.
  void set_probed(bool is_probed);

  // Another transport has taken over: answers a held poll and gives away what waits, in its order. A POST
  // that is being read is still delivered; from now on its loss, or anything else here, ends nothing.
  [[nodiscard]] std::string retire();
  [[nodiscard]] bool is_reading_post() const noexcept { return post_.is_open(); }

  void send_open(std::string_view packet) override;
  SendResult send_packet(std::string_view packet) override;
  SendResult send(std::span<const std::string_view> parts, std::span<const base::SharedBytes> attachments,
                  Delivery delivery) override;
  SendResult send_binary(BytesView bytes, Delivery delivery) override;
  SendResult send_form(const base::SharedBytes& form, Delivery delivery) override;
  [[nodiscard]] FormKind form_kind(Compress) const noexcept override { return FormKind::polling; }

  // A close that the application asked for lets the client fetch what waits, for at most
  // Settings::close_grace.
  Closing close(const DisconnectReason& reason) override;
  [[nodiscard]] bool is_reachable() const noexcept override { return poll_.is_open(); }
  [[nodiscard]] std::size_t buffered() const noexcept override { return waiting() + watch_.unsent(); }
  [[nodiscard]] bool owes_drain() const noexcept override { return pressure_ != nullptr; }
  [[nodiscard]] PollingTransport* polling() noexcept override { return this; }

 private:
  enum class State : std::uint8_t { open, closing, retired, ended };
  enum class TooSlow : std::uint8_t { no, max_queue, budget };  // the end comes with the end of the turn

  // The client has until then to fetch what waits.
  struct Grace {
    explicit Grace(PollingTransport& transport)
        : deadline(transport, loop::Deadline::Calls<&PollingTransport::on_grace_over>{}) {}
    loop::Deadline deadline;
  };

  // Packets that wait for a poll, each with a separator behind it.
  struct Backlog {
    explicit Backlog(PollingTransport& transport)
        : account(transport,
                  loop::Account::Calls<&PollingTransport::waiting, &PollingTransport::end_for_budget>{}) {}
    loop::OutputQueue packets;
    loop::Account account;
  };

  // From above high_water to half of it: polls for progress, as a stream does.
  struct Pressure {
    explicit Pressure(PollingTransport& transport)
        : deadline(transport, loop::Deadline::Calls<&PollingTransport::look_for_progress>{}) {}
    loop::Deadline deadline;
    std::uint64_t answered = 0;  // bytes
    std::uint64_t taken = 0;     // of these, at the last look
    int idle_looks = 0;
  };

  // Bytes of the payload that waits.
  [[nodiscard]] std::size_t waiting() const noexcept {
    return backlog_ && !backlog_->packets.empty() ? backlog_->packets.size() - 1 : 0;
  }
  void end_for_budget();
  void look_for_progress();
  void look_again();
  void check_drain();
  void charge();
  void on_answer_drain() override { check_drain(); }
  void on_answer_lost(std::error_code error) override;

  [[nodiscard]] bool ends_session(const http::Request& post);
  [[nodiscard]] std::optional<SendResult> refuse(std::size_t size, Delivery delivery);
  SendResult queue(loop::Piece packets, Delivery delivery);
  [[nodiscard]] std::string take_waiting();
  void end_turn();
  void answer(std::string payload);
  void answer_while_closing();
  void poll_while_closing();
  void on_grace_over();
  void fail(Reason kind, EndedBy by, std::string_view detail);

  loop::Loop& loop_;
  const Settings& settings_;
  TransportHandler* handler_;
  std::unique_ptr<Backlog> backlog_;    // null: nothing waits
  std::unique_ptr<Pressure> pressure_;  // null unless on_drain is owed
  http::AnswerWatch watch_;
  http::Responder poll_;
  http::Incoming post_;
  std::unique_ptr<Grace> grace_;
  loop::TurnTask end_of_turn_;
  std::optional<Reason> closed_for_;
  State state_ = State::open;
  http::ContentCoding coding_ = http::ContentCoding::identity;  // that the held poll takes
  bool is_probed_ = false;
  bool is_compressible_ = false;  // a message that may be compressed is waiting
  TooSlow too_slow_ = TooSlow::no;
  bool was_held_ = false;      // a poll has been held since an earlier turn
  bool is_left_over_ = false;  // something has been waiting since an earlier turn
};

}  // namespace banter::engine
