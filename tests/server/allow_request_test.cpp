#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/server/test_server.h"

namespace banter::test {

namespace {

using namespace std::chrono_literals;

// A handshake on either transport, with the status of the answer that opens the session. What a refusal says
// is JSON on polling and the bare message on a WebSocket.
struct Transport {
  std::string name;
  std::string request;
  int opened;
  [[nodiscard]] bool is_polling() const { return opened == 200; }
};

const std::vector<Transport>& transports() {
  static const std::vector<Transport> both{
      {"polling", text_of({.line = "GET /socket.io/?EIO=4&transport=polling"}), 200},
      {"websocket", upgrade_request({}), 101}};
  return both;
}

HttpAnswer shake_hands(TestServer& server, const Transport& transport) {
  HttpClient client = server.http_client();
  client.raw().send(transport.request);
  return client.read();
}

std::string forbidden(const Transport& transport, const std::string& message) {
  return transport.is_polling() ? json{{"code", 4}, {"message", message}}.dump() : message;
}

// One way to decide; without `decide` the Admission is only destroyed.
struct Decision {
  std::string name;
  void (*decide)(const Admission&);
  const char* message;  // null: it is let in
};

const std::vector<Decision>& decisions() {
  static const std::vector<Decision> all{
      {"allow", [](const Admission& admission) { admission.allow(); }, nullptr},
      {"refuse", [](const Admission& admission) { admission.refuse(); }, "Forbidden"},
      {"refuse with a message", [](const Admission& admission) { admission.refuse("no \"x\"\\\n"); },
       "no \"x\"\\\n"},
      {"nothing", nullptr, "Forbidden"},
      {"allow, then refuse",
       [](const Admission& admission) {
         admission.allow();
         const Admission copy = admission;
         copy.refuse("late");
       },
       nullptr},
      {"refuse, then allow",
       [](const Admission& admission) {
         admission.refuse("first");
         admission.allow();
       },
       "first"},
  };
  return all;
}

void apply(const Decision& decision, std::unique_ptr<Admission>& kept) {
  if (decision.decide) decision.decide(*kept);
  kept.reset();
}

// When and where a decision is made. `open` answers with what the client of the handshake is told.
struct Moment {
  std::string name;
  HttpAnswer (*open)(const Decision&, const Transport&);
};

HttpAnswer decide_at_once(const Decision& decision, const Transport& transport) {
  TestServer server;
  server->allow_request([&](const Request&, Admission admission) {
    auto kept = std::make_unique<Admission>(std::move(admission));
    apply(decision, kept);
  });
  return shake_hands(server, transport);
}

HttpAnswer decide_at_once_elsewhere(const Decision& decision, const Transport& transport) {
  TestServer server;
  server->allow_request([&](const Request&, Admission admission) {
    auto kept = std::make_unique<Admission>(std::move(admission));
    std::thread([&] { apply(decision, kept); }).join();
  });
  return shake_hands(server, transport);
}

// Keeps the Admission until the client has waited for it.
HttpAnswer decide_later(const Transport& transport, Function<void(std::unique_ptr<Admission>&)> decide) {
  TestServer server;
  std::unique_ptr<Admission> kept;
  server->allow_request(
      [&](const Request&, Admission admission) { kept = std::make_unique<Admission>(std::move(admission)); });
  HttpClient client = server.http_client();
  client.raw().send(transport.request);
  server.run_until([&] { return kept != nullptr; });
  server.settle();
  CHECK(client.raw().read_available().empty());
  decide(kept);
  return client.read();
}

const std::vector<Moment>& moments() {
  static const std::vector<Moment> all{
      {"at once", decide_at_once},
      {"at once, from another thread", decide_at_once_elsewhere},
      {"later",
       [](const Decision& decision, const Transport& transport) {
         return decide_later(transport, [&](std::unique_ptr<Admission>& kept) { apply(decision, kept); });
       }},
      {"later, from another thread",
       [](const Decision& decision, const Transport& transport) {
         return decide_later(transport, [&](std::unique_ptr<Admission>& kept) {
           std::thread([&] { apply(decision, kept); }).join();
         });
       }},
  };
  return all;
}

}  // namespace

TEST_SUITE("allow_request") {
  TEST_CASE("without it every handshake passes") {
    for (const Transport& transport : transports()) {
      CAPTURE(transport.name);
      TestServer server;
      CHECK(shake_hands(server, transport).status == transport.opened);
    }
  }

  TEST_CASE("decides about a handshake once, at any time, from any thread, on either transport") {
    for (const Transport& transport : transports()) {
      for (const Moment& moment : moments()) {
        for (const Decision& decision : decisions()) {
          CAPTURE(transport.name);
          CAPTURE(moment.name);
          CAPTURE(decision.name);
          const HttpAnswer answer = moment.open(decision, transport);
          CHECK(answer.status == (decision.message ? 403 : transport.opened));
          if (decision.message) CHECK(answer.body == forbidden(transport, decision.message));
        }
      }
    }
  }

  TEST_CASE("sees the request") {
    for (const Transport& transport : transports()) {
      CAPTURE(transport.name);
      std::string seen;
      TestServer server;
      server->allow_request([&](const Request& request, Admission admission) {
        seen = std::string(request.method()) + " " + std::string(request.path()) + " " +
               request.query("token").value_or("(none)") + " " + std::string(request.header("x-token"));
        admission.allow();
      });
      std::string request = transport.request;
      request.insert(request.find(" HTTP/1.1"), "&token=t%201");
      request.insert(request.size() - 2, "X-Token: secret\r\n");
      HttpClient client = server.http_client();
      client.raw().send(request);
      CHECK(client.read().status == transport.opened);
      CHECK(seen == "GET /socket.io/ t 1 secret");
    }
  }

  TEST_CASE("that throws refuses, and the problem says what it was") {
    for (const Transport& transport : transports()) {
      CAPTURE(transport.name);
      TestServer server;
      server->allow_request([](const Request&, Admission) { throw std::runtime_error("no database"); });
      const HttpAnswer answer = shake_hands(server, transport);
      CHECK(answer.status == 403);
      CHECK(answer.body == forbidden(transport, "Forbidden"));
      REQUIRE(server.problems.size() == 1);
      CHECK(server.problems[0].where == Problem::Where::http);
      CHECK(server.problems[0].event == "allow_request");
      CHECK(server.problems[0].text == "no database");
    }
  }

  TEST_CASE("that does not decide in time refuses, and a later decision does nothing") {
    for (const Transport& transport : transports()) {
      CAPTURE(transport.name);
      std::unique_ptr<Admission> kept;
      TestServer server({.allow_request_timeout = 1ms});
      server->allow_request([&](const Request&, Admission admission) {
        kept = std::make_unique<Admission>(std::move(admission));
      });
      HttpClient client = server.http_client();
      client.raw().send(transport.request);
      const HttpAnswer answer = client.read();
      CHECK(answer.status == 403);
      CHECK(answer.body == forbidden(transport, "no decision in time"));
      kept->allow();
      server.settle();
      CHECK(client.raw().read_available().empty());
    }
  }

  TEST_CASE("is not asked about later requests of a session, nor about its upgrade") {
    int asked = 0;
    TestServer server;
    server->allow_request([&](const Request&, Admission admission) {
      ++asked;
      admission.allow();
    });
    PollingClient client = server.poll();
    client.join();
    client.emit(R"(["hello"])");
    WebSocketClient upgrade = server.websocket(client.upgrade_target());
    CHECK(upgrade.status() == 101);
    upgrade.send_text("2probe");
    CHECK(upgrade.read_message() == "3probe");
    CHECK(asked == 1);
  }

  TEST_CASE("a client that has gone before the decision opens no session") {
    std::unique_ptr<Admission> kept;
    bool has_opened = false;
    TestServer server;
    server->engine("/bare", {.on_open = [&](EngineSocket) { has_opened = true; }});
    server->allow_request([&](const Request&, Admission admission) {
      kept = std::make_unique<Admission>(std::move(admission));
    });
    HttpClient client = server.http_client();
    client.send({.line = "GET /bare?EIO=4&transport=polling"});
    server.run_until([&] { return kept != nullptr; });
    SUBCASE("closed") {
      client.raw().close();
    }
    SUBCASE("reset") {
      client.raw().reset();
    }
    server.settle();
    kept->allow();
    server.settle();
    CHECK_FALSE(has_opened);
  }

  TEST_CASE("a handshake that still waits when the server closes gets 503") {
    for (const Transport& transport : transports()) {
      CAPTURE(transport.name);
      std::unique_ptr<Admission> kept;
      {
        TestServer server;
        server->allow_request([&](const Request&, Admission admission) {
          kept = std::make_unique<Admission>(std::move(admission));
        });
        HttpClient client = server.http_client();
        client.raw().send(transport.request);
        server.run_until([&] { return kept != nullptr; });
        server->close();
        CHECK(client.read().status == 503);
        kept->allow();  // while it closes
        client.raw().close();
      }
      kept->refuse();  // and when it is gone
      std::thread([&] { kept.reset(); }).join();
    }
  }
}

}  // namespace banter::test
