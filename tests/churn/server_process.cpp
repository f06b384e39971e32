#include "server_process.h"

#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <uv.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>

#include "failure.h"
#include "loop/mailbox.h"
#include "server/core.h"

namespace churn {
namespace {

using namespace std::chrono_literals;

banter::Options options() {
  banter::Options options;
  options.ping_interval = 300ms;
  options.ping_timeout = 200ms;
  options.upgrade_timeout = 1s;
  options.http.head_timeout = 400ms;
  options.http.body_timeout = 400ms;
  options.http.keep_alive_timeout = 400ms;
  return options;
}

Report report_on(banter::server::Counters& counters) {
  return {.sessions = counters.engine.sessions.value(),
          .polling = counters.engine.polling.value(),
          .connections = counters.http.open_connections.value(),
          .opened = counters.engine.opened.value(),
          .given_up = counters.engine.ping_timeouts.value() + counters.http.timeouts.value(),
          .heap = mallinfo2().uordblks};
}

// The server's end of the control socket, watched on the server's own loop: reports are taken between two of
// its callbacks.
class Control {
 public:
  Control(uv_loop_t& loop, int socket, banter::detail::Core& core) : socket_(socket), core_(core) {
    uv_poll_init(&loop, &poll_, socket);
    poll_.data = this;
    uv_poll_start(&poll_, UV_READABLE | UV_DISCONNECT,
                  [](uv_poll_t* poll, int, int) { static_cast<Control*>(poll->data)->on_readable(); });
  }

 private:
  void on_readable() {
    char asked = 0;
    if (recv(socket_, &asked, 1, 0) != 1) {
      uv_close(reinterpret_cast<uv_handle_t*>(&poll_), nullptr);
      return core_.close(nullptr);
    }
    const Report report = report_on(banter::server::Worker::of(core_.port())->counters());
    send(socket_, &report, sizeof report, MSG_NOSIGNAL);
  }

  int socket_;
  banter::detail::Core& core_;
  uv_poll_t poll_{};
};

// The whole life of the server; answers its exit status.
int serve(int control_socket) {
  mallopt(M_MMAP_MAX, 0);  // large blocks count in uordblks as well
  uv_loop_t loop;
  uv_loop_init(&loop);
  auto core = std::make_shared<banter::detail::Core>(options(), &loop);
  const std::uint16_t port = core->listen("127.0.0.1", 0).port;
  send(control_socket, &port, sizeof port, MSG_NOSIGNAL);
  Control control(loop, control_socket, *core);
  uv_run(&loop, UV_RUN_DEFAULT);
  core.reset();
  return uv_loop_close(&loop) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

template <class T>
T receive(int socket) {
  T value{};
  if (recv(socket, &value, sizeof value, MSG_WAITALL) != sizeof value) throw Failure("the server has died");
  return value;
}

}  // namespace

ServerProcess::ServerProcess() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) fail_with_errno("socketpair");
  control_ = Descriptor(ends[0]);
  Descriptor servers_end(ends[1]);
  pid_ = fork();
  if (pid_ < 0) fail_with_errno("fork");
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    control_.reset();
    std::exit(serve(servers_end.get()));
  }
  servers_end.reset();
  port_ = receive<std::uint16_t>(control_.get());
}

ServerProcess::~ServerProcess() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

Report ServerProcess::report() const {
  if (send(control_.get(), "?", 1, MSG_NOSIGNAL) != 1) throw Failure("the server has died");
  return receive<Report>(control_.get());
}

std::size_t ServerProcess::descriptors() const {
  const auto folder = std::filesystem::path("/proc") / std::to_string(pid_) / "fd";
  const std::filesystem::directory_iterator entries(folder);
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

void ServerProcess::pause() const {
  if (kill(pid_, SIGSTOP) != 0) fail_with_errno("kill");
}

void ServerProcess::resume() const {
  if (kill(pid_, SIGCONT) != 0) fail_with_errno("kill");
}

void ServerProcess::stop() {
  control_.reset();
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  if (status != 0) throw Failure("the server did not end well: wait status " + std::to_string(status));
}

}  // namespace churn
