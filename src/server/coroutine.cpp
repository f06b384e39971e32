// Coroutines that the server has started: who owns their frames, where they go on, and how they end.
#include "banter/coroutine.h"

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "banter/ask.h"
#include "banter/coroutine_handler.h"
#include "banter/socket.h"
#include "server/handles.h"
#include "server/timers.h"
#include "socketio/namespace.h"
#include "socketio/socket.h"
#include "socketio/user_code.h"

namespace banter {

namespace detail {

// --- starting and ending tasks ---

namespace {

// Of one call of start(): a task that ends while it lasts is gone on behind it, not above it on the stack.
struct Starting {
  const void* task;
  bool has_ended;
  Starting* outer;
};

thread_local Starting* innermost_start = nullptr;
thread_local HandOver* innermost_hand_over = nullptr;

}  // namespace

bool start(std::coroutine_handle<> task) {
  Starting starting{task.address(), false, innermost_start};
  innermost_start = &starting;
  task.resume();
  innermost_start = starting.outer;
  return starting.has_ended;
}

// What a coroutine handler and the tasks it awaits have in common. It owns the handler's frame, which owns
// the others; whoever holds the Resume, or runs it, owns this.
class Coroutine {
 public:
  Coroutine(Task<> task, const Origin& origin)
      : home(origin.socket.port),
        frame_(task.release()),
        socket_(origin.socket),
        where_(origin.where),
        event_(origin.event),
        function_(origin.function) {
    frame_.promise().coroutine = this;
  }
  Coroutine(const Coroutine&) = delete;
  Coroutine& operator=(const Coroutine&) = delete;
  ~Coroutine() { frame_.destroy(); }  // what function_ holds is still there

  [[nodiscard]] Task<>::promise_type& promise() const noexcept { return frame_.promise(); }
  [[nodiscard]] std::coroutine_handle<> frame() const noexcept { return frame_; }
  [[nodiscard]] bool is_home() const noexcept { return home && home->is_here(); }

  // It has ended, behind a suspension; `whole` goes.
  static void finish(std::unique_ptr<Coroutine> whole) noexcept;

  PortRef home;  // of the Worker it was last known to be on

 private:
  std::coroutine_handle<Task<>::promise_type> frame_;
  SocketRef socket_;
  Problem::Where where_;
  std::string event_;
  std::shared_ptr<void> function_;
};

std::coroutine_handle<> end(std::coroutine_handle<> task, TaskPromiseBase& promise) noexcept {
  if (innermost_start && innermost_start->task == task.address()) {
    innermost_start->has_ended = true;
    return std::noop_coroutine();
  }
  if (promise.awaiting) return promise.awaiting;
  Coroutine::finish(std::unique_ptr<Coroutine>(promise.coroutine));
  return std::noop_coroutine();
}

void start_handler(Task<> task, Origin origin) {
  auto whole = std::make_unique<Coroutine>(std::move(task), origin);
  if (!start(whole->frame())) return static_cast<void>(whole.release());  // now its Resume's
  if (whole->promise().exception) std::rethrow_exception(whole->promise().exception);
}

Problem::Where where_of(std::string_view event) noexcept {
  const bool is_local = event == "connection" || event == "disconnecting" || event == "disconnect";
  return is_local ? Problem::Where::connection : Problem::Where::event;
}

// --- what they throw ---

namespace {

// What a coroutine threw once it had been suspended.
struct Failure {
  SocketRef socket;
  Problem::Where where;
  std::string event;
  std::exception_ptr exception;
};

// On the Worker. A connection handler that throws has left its socket half set up: it goes.
void report(const Failure& failure) {
  server::Worker* worker = server::begun_worker(*failure.socket.port);
  if (!worker) return;
  Problem context;
  context.where = failure.where;
  const socketio::Namespace* nsp = worker->hub().namespaces().find(failure.socket.nsp);
  if (nsp) context.nsp = nsp->name();  // else it was cleaned up meanwhile
  context.socket_id = failure.socket.id_view();
  context.event = failure.event;
  socketio::call_user(worker->shared().problems, context, [&] { std::rethrow_exception(failure.exception); });
  if (failure.event != "connection") return;
  if (socketio::Socket* socket = server::find(failure.socket)) socket->disconnect();
}

}  // namespace

void Coroutine::finish(std::unique_ptr<Coroutine> whole) noexcept {
  if (!whole->promise().exception) return;
  Failure failure{whole->socket_, whole->where_, std::move(whole->event_), whole->promise().exception};
  whole.reset();  // as a handler that has thrown is unwound before it is reported
  Port& port = *failure.socket.port;
  if (port.is_here()) return report(failure);
  port.post([failure = std::move(failure)] { report(failure); });
}

// --- what they wait for ---

HandOver::HandOver(Coroutine& whole) noexcept : whole_(&whole), outer_(innermost_hand_over) {
  innermost_hand_over = this;
}

HandOver::~HandOver() {
  innermost_hand_over = outer_;
}

bool HandOver::note_dropped(const Coroutine& whole) noexcept {
  HandOver* at = innermost_hand_over;
  while (at && at->whole_ != &whole)
    at = at->outer_;
  if (at) at->was_dropped_ = true;
  return at != nullptr;
}

namespace {

// A coroutine that sleeps: kept by the loop, which destroys it at the latest when it closes.
class Sleeper final : public loop::Retired {
 public:
  Sleeper(loop::Loop& loop, loop::TimePoint until, Resume resume) : loop_(loop), resume_(std::move(resume)) {
    deadline_.set(loop.wheel(), until);
  }

 private:
  void on_deadline() {
    Resume resume = std::move(resume_);
    loop_.release(*this);
    resume();
  }

  loop::Loop& loop_;
  Resume resume_;
  loop::Deadline deadline_{*this, loop::Deadline::Calls<&Sleeper::on_deadline>{}};
};

// What an asking coroutine waits for: the callback's, and the caller's until it knows that it was taken.
struct Asking {
  AckCallback take;
  Resume resume;
  PortRef home;
};

bool is_still_there(const SocketRef& ref) noexcept {
  const socketio::Socket* socket = server::find(ref);
  return socket && socket->state() <= socketio::Socket::State::joined;
}

}  // namespace

bool sleep(std::chrono::milliseconds delay, Resume resume) noexcept {
  const Coroutine& whole = *resume.whole();
  if (!whole.is_home()) {
    resume.release();
    return false;
  }
  loop::Loop& loop = server::Worker::of(*whole.home)->loop();
  const loop::TimePoint until = loop.now() + server::bounded(delay);
  loop.keep(std::make_unique<Sleeper>(loop, until, std::move(resume)));
  return true;
}

// A port that is closed destroys the task, and with it the coroutine.
bool go_to(SocketRef socket, bool& is_there, Resume resume) noexcept {
  if (socket.port->is_here()) {
    resume.whole()->home = socket.port;
    is_there = is_still_there(socket);
    resume.release();
    return false;
  }
  const PortRef port = socket.port;
  port->post([socket = std::move(socket), &is_there, resume = std::move(resume)]() mutable {
    resume.whole()->home = socket.port;
    is_there = is_still_there(socket);
    resume();
  });
  return true;
}

bool ask(SocketRef socket, QuestionPtr question, EmitFlags flags, AckCallback take, Resume resume) noexcept {
  auto asking = std::make_shared<Asking>(Asking{std::move(take), std::move(resume), socket.port});
  const SendResult result = send(socket, *question, flags, [asking](AckAnswer& answer) {
    asking->take(answer);
    asking->resume.whole()->home = asking->home;
    asking->resume();
  });
  const bool is_asked = result != SendResult::closed && result != SendResult::dropped;
  if (!is_asked) asking->resume.release();
  return is_asked;
}

}  // namespace detail

detail::GoTo on(const Socket& socket) {
  const detail::SocketRef& ref = detail::ref_of(socket);
  if (!ref.port) throw std::logic_error("banter: on: the Socket names nobody");
  return detail::GoTo(ref);
}

void Resume::destroy(detail::Coroutine& whole) noexcept {
  if (!detail::HandOver::note_dropped(whole)) delete &whole;
}

}  // namespace banter
