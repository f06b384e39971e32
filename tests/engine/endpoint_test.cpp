// Requests that open sessions, and those that are refused, over real connections.
#include "engine/endpoint.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "tests/engine/endpoint_fixture.h"

namespace banter::engine {
namespace {

using Fixture = test::EndpointFixture;
using Log = Fixture::Log;
using http::Answer;
using http::TestClient;
using std::chrono::seconds;
using test::WebSocketPeer;

constexpr std::string_view poll_query = "EIO=4&transport=polling";
constexpr std::string_view socket_query = "EIO=4&transport=websocket";

// Handshakes wait until the test decides.
class Deciding : public Fixture {
 public:
  Deciding() { decide_with.emplace(); }

  void ask(TestClient& client, std::string_view query = poll_query) {
    const std::size_t before = asked.size();
    client.send(head("GET", query));
    server.run_until_true([&] { return asked.size() > before; });
  }
  void ask_for_websocket(TestClient& client, const std::string& query = std::string(socket_query)) {
    const std::size_t before = asked.size();
    client.send(test::upgrade_request({.target = "/engine.io/?" + query}));
    server.run_until_true([&] { return asked.size() > before; });
  }
};

}  // namespace

TEST_SUITE("engine endpoint") {
  TEST_CASE_FIXTURE(Fixture,
                    "a GET opens a session: the open packet is the whole answer, and POSTs are taken") {
    TestClient client = server.connect();
    const Answer answer = request(client, "GET", std::string(poll_query) + "&t=abc");
    sid = answer.body.substr(9, session_id_size);
    CHECK(answer.status == 200);
    CHECK(answer.header("Content-Type") == "text/plain; charset=UTF-8");
    CHECK(answer.header("Cache-Control") == "no-store");
    CHECK(answer.header("Set-Cookie") == "io=1");
    CHECK(answer.body == "0{\"sid\":\"" + sid +
                             R"(","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,)"
                             R"("maxPayload":1000000})");
    CHECK(heard == Log{"open"});
    CHECK(request(client, "POST", polling(), "4a").body == "ok");
    CHECK(heard == Log{"open", "text a"});
    CHECK(counters.polling.value() == 1);
  }

  TEST_CASE_FIXTURE(Fixture,
                    "what is sent as a session opens comes with the first poll, behind the open packet") {
    when_open = [this] { send("a"); };
    TestClient client = server.connect();
    open(client);
    poll(client);
    CHECK(client.answer().body == "4a");
  }

  TEST_CASE_FIXTURE(Fixture, "an upgrade opens a session with the open packet as its first message") {
    WebSocketPeer socket(*this, socket_query, test::client_text("4a"));
    CHECK(socket.answer.status == 101);
    CHECK(socket.answer.header("Set-Cookie") == "io=1");
    const std::string opening = socket.read();
    sid = opening.substr(9, session_id_size);
    CHECK(opening == "0{\"sid\":\"" + sid +
                         R"(","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})");
    wait_for(2);
    CHECK(heard == Log{"open", "text a"});
    CHECK(counters.polling.value() == 0);
    CHECK(counters.sessions.value() == 1);
    socket.client.send(test::client_close(1000));
    wait_for(3);
    CHECK(heard.back() == "close transport close");
    CHECK(counters.sessions.value() == 0);
  }

  TEST_CASE_FIXTURE(Fixture,
                    "each session has an id of its own, which names the Worker and is not used again") {
    TestClient client = server.connect();
    open(client);
    const std::string first = sid;
    open(client);
    CHECK(sid != first);
    CHECK(place_of(first)->worker == 7);
    CHECK(place_of(sid)->slot != place_of(first)->slot);
    CHECK(request(client, "POST", polling(), "1").body == "ok");
    const std::string second = sid;
    turn();
    open(client);
    CHECK(place_of(sid)->slot == place_of(second)->slot);
    CHECK(sid != second);
    CHECK(request(client, "GET", "EIO=4&transport=polling&sid=" + second).body ==
          R"({"code":1,"message":"Session ID unknown"})");
  }

  TEST_CASE_FIXTURE(Fixture, "a refusal is told to the client, counted and reported") {
    struct Row {
      std::string_view method, query, code, context, message;
    };
    const std::vector<Row> rows{
        {"GET", "EIO=4&transport=x", "0", "TRANSPORT_UNKNOWN", "Transport unknown"},
        {"GET", "EIO=4&transport=polling&sid=x", "1", "UNKNOWN_SID", "Session ID unknown"},
        {"POST", "EIO=4&transport=polling&sid=x", "1", "UNKNOWN_SID", "Session ID unknown"},
        {"POST", poll_query, "2", "BAD_HANDSHAKE_METHOD", "Bad handshake method"},
        {"PUT", poll_query, "2", "BAD_HANDSHAKE_METHOD", "Bad handshake method"},
        {"GET", socket_query, "3", "TRANSPORT_HANDSHAKE_ERROR", "Bad request"},
        {"GET", "EIO=3&transport=polling", "5", "UNSUPPORTED_PROTOCOL_VERSION",
         "Unsupported protocol version"},
        {"GET", "transport=polling", "5", "UNSUPPORTED_PROTOCOL_VERSION", "Unsupported protocol version"},
    };
    TestClient client = server.connect();  // one for all: it stays in step, behind bodies too
    for (const Row& row : rows) {
      CAPTURE(row.query);
      const std::string_view body = row.method == "GET" ? "" : "4a";
      const Answer answer = request(client, row.method, row.query, body);
      CHECK(answer.status == 400);
      CHECK(answer.header("Content-Type") == "application/json");
      CHECK(answer.body ==
            "{\"code\":" + std::string(row.code) + ",\"message\":\"" + std::string(row.message) + "\"}");
      CHECK(refused.back() ==
            std::string(row.code) + " " + std::string(row.context) + ": " + std::string(row.message));
    }
    CHECK(refused.size() == rows.size());
    CHECK(counters.refused[1].value() == 2);
    CHECK(counters.refused[5].value() == 2);
    CHECK(counters.opened.value() == 0);
  }

  TEST_CASE("a refused upgrade gets the bare message, before any 101, and its connection ends") {
    struct Row {
      std::string_view query, headers;
      int status;
      std::string_view body;
    };
    const std::vector<Row> rows{
        {"EIO=4&transport=x", "", 400, "Transport unknown"},
        {"EIO=4&transport=websocket&sid=x", "", 400, "Session ID unknown"},
        {poll_query, "", 400, "Bad request"},
        {"EIO=3&transport=websocket", "", 400, "Unsupported protocol version"},
        {"transport=websocket", "", 400, "Unsupported protocol version"},
        {socket_query, "Origin: http://evil.example\r\n", 403, origin_refused},
        {socket_query, "Origin: \x01\r\n", 400, {}},  // already no HTTP
    };
    for (const Row& row : rows) {
      CAPTURE(row.query);
      Fixture fixture;
      WebSocketPeer socket(fixture, row.query, {}, std::string(row.headers));
      CHECK(socket.answer.status == row.status);
      CHECK(socket.answer.header("Connection") == "close");
      if (!row.body.empty()) CHECK(socket.answer.header("Content-Type") == "text/html");
      if (!row.body.empty()) CHECK(socket.answer.body == row.body);
      socket.client.wait_for_end();
      CHECK(fixture.refused.size() == (row.body.empty() ? 0 : 1));
      CHECK(fixture.counters.opened.value() == 0);
    }
  }

  TEST_CASE_FIXTURE(Fixture, "other methods of a session are answered 405, and it does not notice") {
    TestClient client = server.connect();
    open(client);
    for (const std::string_view method : {"PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"}) {
      CAPTURE(method);
      const Answer answer = request(client, method, polling(), method == "PUT" ? "4a" : "");
      CHECK(answer.status == 405);
      CHECK(answer.header("Allow") == "GET, POST");
    }
    CHECK(request(client, "POST", polling(), "4b").body == "ok");
    CHECK(heard == Log{"open", "text b"});
  }

  TEST_CASE_FIXTURE(Fixture, "a session that times out is unknown from then on") {
    TestClient client = server.connect();
    open(client);
    poll(client);
    pass(settings.ping_interval);
    CHECK(client.answer().body == "2");
    poll(client);
    pass(settings.ping_timeout - seconds{1});
    CHECK(is_quiet(client));
    pass(seconds{1});
    CHECK(client.answer().body == "1");
    CHECK(heard == Log{"open", "close ping timeout"});
    CHECK(request(client, "GET", polling()).body == R"({"code":1,"message":"Session ID unknown"})");
    CHECK(request(client, "POST", polling(), "4a").body == R"({"code":1,"message":"Session ID unknown"})");
  }

  TEST_CASE("a POST is answered 400 if a packet of it is the client's fault, else ok, and ends with it") {
    struct Row {
      std::string_view body;
      int status;
      std::string_view reason;
    };
    for (const Row& row : {Row{"4a\x1e"
                               "2\x1e"
                               "4b",
                               400, "transport error"},
                           Row{"4a\x1e"
                               "2probe",
                               400, "transport error"},
                           Row{"4a\x1e"
                               "7\x1e"
                               "4b",
                               400, "parse error"},
                           Row{"4a\x1e", 400, "parse error"},
                           Row{"4a\x1e"
                               "1\x1e"
                               "4b",
                               200, "transport close"},
                           Row{"4a\x1e"
                               "1x",
                               200, "transport close"}}) {
      CAPTURE(row.body);
      Fixture fixture;
      TestClient client = fixture.server.connect();
      fixture.open(client);
      CHECK(Fixture::request(client, "POST", fixture.polling(), row.body).status == row.status);
      CHECK(fixture.heard == Log{"open", "text a", "close " + std::string(row.reason)});
      CHECK(Fixture::request(client, "GET", fixture.polling()).body ==
            R"({"code":1,"message":"Session ID unknown"})");
    }
  }

  TEST_CASE_FIXTURE(Fixture, "a closed session is known until its client has fetched the rest") {
    TestClient client = server.connect();
    open(client);
    send("a");
    session->close({.kind = Reason::forced_close});
    end_turn();
    CHECK(heard == Log{"open", "close forced close"});
    CHECK(request(client, "POST", polling(), "4b").body == "ok");
    CHECK(counters.sessions.value() == 1);
    CHECK(request(client, "GET", polling()).body ==
          "4a\x1e"
          "1");
    CHECK(counters.sessions.value() == 0);
    CHECK(request(client, "GET", polling()).status == 400);
    CHECK(heard.size() == 2);
  }
}

TEST_SUITE("engine endpoint, the application's decision") {
  TEST_CASE_FIXTURE(Deciding, "is asked behind the other checks, for handshakes alone") {
    TestClient client = server.connect();
    CHECK(request(client, "GET", "EIO=4&transport=x").status == 400);
    CHECK(request(client, "POST", poll_query).status == 400);
    CHECK(asked.empty());
    decide_with.emplace([this] { endpoint->decided(last_handshake, {}); });
    open(client);
    CHECK(asked == Log{std::string(poll_query)});
    CHECK(request(client, "POST", polling(), "4a").body == "ok");
    WebSocketPeer socket(*this, websocket());
    CHECK(socket.answer.status == 101);
    CHECK(asked.size() == 1);
  }

  TEST_CASE_FIXTURE(Deciding, "may come later, and then opens the session") {
    TestClient poller = server.connect(), socket = server.connect();
    ask(poller);
    const std::uint64_t first = last_handshake;
    ask_for_websocket(socket);
    CHECK(last_handshake != first);
    CHECK(is_quiet(poller));
    CHECK(is_quiet(socket));
    CHECK(heard.empty());
    endpoint->decided(last_handshake, {});
    CHECK(socket.answer().status == 101);
    endpoint->decided(first, {});
    CHECK(poller.answer().body.starts_with("0{"));
    CHECK(heard == Log{"open", "open"});
    endpoint->decided(first, "too late");
    CHECK(refused.empty());
    CHECK(counters.sessions.value() == 2);
  }

  TEST_CASE_FIXTURE(Deciding, "may refuse, in its own words") {
    TestClient poller = server.connect(), socket = server.connect();
    ask(poller);
    endpoint->decided(last_handshake, "say \"no\"\n\x1e");
    const Answer answer = poller.answer();
    CHECK(answer.status == 403);
    CHECK(answer.body == R"({"code":4,"message":"say \"no\"\n\u001e"})");
    ask(poller);
    endpoint->decided(last_handshake, "");
    CHECK(poller.answer().body == R"({"code":4,"message":"Forbidden"})");
    ask_for_websocket(socket);
    endpoint->decided(last_handshake, "say \"no\"");
    const Answer refusal = socket.answer();
    CHECK(refusal.status == 403);
    CHECK(refusal.body == "say \"no\"");
    CHECK(refusal.header("Set-Cookie").empty());
    CHECK(refused == Log{"4 NOT_ALLOWED_BY_APPLICATION: say \"no\"\n\x1e",
                         "4 NOT_ALLOWED_BY_APPLICATION: Forbidden",
                         "4 NOT_ALLOWED_BY_APPLICATION: say \"no\""});
    CHECK(heard.empty());
  }

  TEST_CASE_FIXTURE(Deciding, "comes before the check of the revision") {
    TestClient client = server.connect();
    ask(client, "EIO=3&transport=polling");
    endpoint->decided(last_handshake, "no");
    CHECK(client.answer().body == R"({"code":4,"message":"no"})");
    ask(client, "EIO=3&transport=polling");
    endpoint->decided(last_handshake, {});
    CHECK(client.answer().body == R"({"code":5,"message":"Unsupported protocol version"})");
    TestClient socket = server.connect();
    ask_for_websocket(socket, "EIO=3&transport=websocket");
    endpoint->decided(last_handshake, {});
    CHECK(socket.answer().body == "Unsupported protocol version");
    CHECK(heard.empty());
  }

  TEST_CASE_FIXTURE(Deciding, "is refused where it does not come in time, and later means nothing") {
    TestClient poller = server.connect(), socket = server.connect();
    ask(poller);
    const std::uint64_t first = last_handshake;
    ask_for_websocket(socket);
    pass(settings.admission_timeout - seconds{1});
    CHECK(refused.empty());
    pass(seconds{2});
    CHECK(poller.answer().body == R"({"code":4,"message":"no decision in time"})");
    CHECK(socket.answer().body == "no decision in time");
    endpoint->decided(first, {});
    endpoint->decided(last_handshake, {});
    turn();
    CHECK(heard.empty());
    CHECK(counters.opened.value() == 0);
    CHECK(refused.size() == 2);
  }

  TEST_CASE_FIXTURE(Deciding, "means nothing once a poll's client has gone") {
    TestClient client = server.connect();
    ask(client);
    client.reset();
    server.run_until_true([&] { return server.connections.size() == 0; });
    endpoint->decided(last_handshake, {});
    pass(settings.admission_timeout + seconds{1});
    CHECK(heard.empty());
    CHECK(refused.empty());
    CHECK(counters.opened.value() == 0);
  }

  TEST_CASE_FIXTURE(Deciding, "for a WebSocket whose client has gone opens a session that ends at once") {
    TestClient client = server.connect();
    ask_for_websocket(client);
    client.reset();
    endpoint->decided(last_handshake, {});
    server.run_until_true([&] { return counters.sessions.value() == 0; });
    CHECK(heard.size() == counters.opened.value() * 2);
  }

  TEST_CASE_FIXTURE(Deciding, "that is still open when the server drains is answered 503") {
    TestClient poller = server.connect(), socket = server.connect();
    ask(poller);
    ask_for_websocket(socket);
    endpoint->refuse_pending();
    CHECK(poller.answer().status == 503);
    CHECK(socket.answer().status == 503);
    endpoint->decided(last_handshake, {});
    CHECK(heard.empty());
  }

  TEST_CASE_FIXTURE(Deciding, "that is still open when the endpoint goes is answered 500") {
    TestClient client = server.connect();
    ask(client);
    endpoint.reset();
    CHECK(client.answer().status == 500);
  }
}

}  // namespace banter::engine
