// Everything at once, for a while: what belongs to threads and to clients that come and go, and no test of
// one thing would find.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>

#include "tests/server/storm_clients.h"

namespace banter::test {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds usual_duration = 4s;

std::chrono::seconds duration() {
  const char* seconds = std::getenv("BANTER_STORM_SECONDS");
  return seconds ? std::chrono::seconds{std::stoi(seconds)} : usual_duration;
}

Options storm_options() {
  return {.ping_interval = 500ms, .ping_timeout = 3s, .signals = false};
}

// Without those that libuv keeps once it was used.
std::ptrdiff_t open_files() {
  const Server server;
  return std::distance(std::filesystem::directory_iterator("/dev/fd"), {});
}

// Waits until the server has noticed that all clients have left, at the latest by their silence. A session on
// long-polling that it has ended stays for 30 s, for the client to fetch the rest: who has time for a longer
// storm waits for that, too.
void wait_for_departures(const Server& io) {
  const auto give_up = std::chrono::steady_clock::now() + 60s;
  for (;;) {
    const Metrics now = io.metrics();
    const std::uint64_t sessions = now.connections.polling + now.connections.websocket;
    if (now.sockets.joined_now == 0 && (sessions == 0 || duration() <= usual_duration)) return;
    CAPTURE(now.sockets.joined_now);
    CAPTURE(sessions);
    REQUIRE(std::chrono::steady_clock::now() < give_up);
    RunningServer::waiter()();
  }
}

// A callback that will run has done so by then.
void wait_for(const Tally& tally) {
  const auto give_up = std::chrono::steady_clock::now() + 20s;
  while (tally.kept != 0 && std::chrono::steady_clock::now() < give_up)
    RunningServer::waiter()();
}

void check_that_each_has_run_once(const Tally& tally) {
  CHECK(tally.run == tally.owed);
  CHECK(tally.run_again == 0);
  CHECK(tally.kept == 0);
}

// Answers how many clients came back to what they had.
int storm(Options options) {
  Server io(std::move(options));
  Storm storm(io);
  RunningServer running(io);
  StormClients clients(running.port(), storm);
  storm.begin();
  const auto end = std::chrono::steady_clock::now() + duration();
  while (std::chrono::steady_clock::now() < end)
    RunningServer::waiter()();
  clients.end();
  storm.end();
  wait_for_departures(io);
  for (const Tally* tally : {&storm.acks, &storm.questions, &storm.tasks})
    wait_for(*tally);
  io.close();
  running.wait();
  CHECK(storm.complaints.text() == "");
  CHECK(clients.visits() > 10);
  CHECK(static_cast<std::size_t>(storm.visits.come()) == storm.visits.left());
  CHECK(storm.acks.owed > 0);
  CHECK(storm.questions.owed > 0);
  check_that_each_has_run_once(storm.acks);
  check_that_each_has_run_once(storm.questions);
  CHECK(storm.tasks.kept == 0);
  CHECK(storm.tasks.run_again == 0);
  CHECK(io.metrics().handshakes.upgraded > 0);
  MESSAGE(clients.visits(), " visits, ", clients.recovered(), " recovered, ", clients.packets(), " packets, ",
          storm.acks.run.load(), " acknowledgements, ", storm.questions.run.load(), " questions to many");
  return clients.recovered();
}

}  // namespace

TEST_SUITE("storm") {
  TEST_CASE(
      "eight threads, clients come and go: each thread's events in order and complete, each answer once") {
    const std::ptrdiff_t files = open_files();
    CHECK(storm(storm_options()) == 0);
    CHECK(open_files() == files);
  }

  TEST_CASE("and nothing is lost or doubled for clients that are recovered") {
    const std::ptrdiff_t files = open_files();
    Options options = storm_options();
    options.recovery.emplace();
    CHECK(storm(std::move(options)) > 0);
    CHECK(open_files() == files);
  }

  TEST_CASE("a server closes while eight threads use it") {
    Options options = storm_options();
    options.close_timeout = 50ms;  // a client that does not answer
    for (int round = 0; round < 10; ++round) {
      std::optional<Server> io(std::in_place, options);
      Storm storm(*io);
      std::optional<RunningServer> running(std::in_place, *io);
      Known known;
      StormClient client(SocketioClient(running->port(), RunningServer::waiter()), known, storm);
      storm.begin();
      for (int packet = 0; packet < 100 && client.step(); ++packet) {
      }
      running.reset();
      storm.end();
      io.reset();
      check_that_each_has_run_once(storm.acks);
      CHECK(storm.complaints.text() == "");
      CHECK(storm.questions.run_again == 0);
      CHECK(storm.questions.kept == 0);
      CHECK(storm.tasks.kept == 0);
    }
  }
}

}  // namespace banter::test
