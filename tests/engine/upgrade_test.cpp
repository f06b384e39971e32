// A session that changes from long-polling to a WebSocket, with both over real connections.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/engine/endpoint_fixture.h"

namespace banter::engine {
namespace {

using http::TestClient;
using loop::Policy;
using std::chrono::seconds;
using test::WebSocketPeer;
using Log = std::vector<std::string>;

// Has an open session; `client` is the connection of its polls.
class Fixture : public test::EndpointFixture {
 public:
  Fixture() {
    open(client);
    heard.clear();
  }

  std::string poll_at_once() {
    poll(client);
    const http::Answer answer = client.answer();
    CHECK(answer.status == 200);
    return answer.body;
  }
  http::Answer post(std::string_view body) {
    TestClient other = server.connect();
    return request(other, "POST", polling(), body);
  }
  int get_status() {
    TestClient other = server.connect();
    return request(other, "GET", polling()).status;
  }
  void probe(WebSocketPeer& socket) {
    socket.send("2probe");
    REQUIRE(socket.read() == "3probe");
  }
  void upgrade(WebSocketPeer& socket) {
    probe(socket);
    const auto before = counters.upgraded.value();
    socket.send("5");
    server.run_until_true([&] { return counters.upgraded.value() > before; });
  }
  // The session goes on with polls that are held, and no WebSocket has it.
  void check_goes_on() {
    CHECK(heard.empty());
    CHECK(session->polling());
    poll(client);
    CHECK(is_quiet(client));
    CHECK(send("x", Policy::drop) == SendResult::sent);
    end_turn();
    CHECK(client.answer().body == "4x");
    CHECK(post("4y").body == "ok");
    CHECK(heard == Log{"text y"});
    heard.clear();
  }

  TestClient client = server.connect();
};

}  // namespace

TEST_SUITE("engine upgrade") {
  TEST_CASE_FIXTURE(Fixture, "until the probe polls are held and answered as ever") {
    WebSocketPeer socket(*this, websocket());
    CHECK(socket.answer.status == 101);
    poll(client);
    CHECK(is_quiet(client));
    send("a");
    end_turn();
    CHECK(client.answer().body == "4a");
    CHECK(post("4b").body == "ok");
    CHECK(heard == Log{"text b"});
    CHECK(socket.is_quiet());
  }

  TEST_CASE_FIXTURE(Fixture, "each 2probe is answered, the held poll ends with 6, and later ones at once") {
    poll(client);
    WebSocketPeer socket(*this, websocket());
    probe(socket);
    CHECK(client.answer().body == "6");
    CHECK(poll_at_once() == "6");
    probe(socket);
    send("a");
    end_turn();
    CHECK(socket.is_quiet());  // nothing of the application before the 5
    CHECK(poll_at_once() == "4a");
    CHECK(poll_at_once() == "6");
    CHECK(post("4b").body == "ok");
    CHECK(heard == Log{"text b"});
  }

  TEST_CASE_FIXTURE(Fixture,
                    "a drain that is owed comes with the 5, where what moves over is below high_water") {
    settings.high_water = 1000;
    send(std::string(2000, 'x'));
    end_turn();
    WebSocketPeer socket(*this, websocket());
    upgrade(socket);
    CHECK(heard == Log{"drain"});
    CHECK(socket.read() == "4" + std::string(2000, 'x'));
  }

  TEST_CASE_FIXTURE(Fixture, "with the 5 the WebSocket has the session, and requests of polls are refused") {
    CHECK(counters.polling.value() == 1);
    WebSocketPeer socket(*this, websocket());
    upgrade(socket);
    CHECK_FALSE(session->polling());
    CHECK(counters.polling.value() == 0);
    CHECK(counters.sessions.value() == 1);
    CHECK(request(client, "GET", polling()).body == R"({"code":3,"message":"Bad request"})");
    CHECK(post("4late").body == R"({"code":3,"message":"Bad request"})");
    CHECK(refused == Log(2, "3 TRANSPORT_MISMATCH: Bad request"));
    send("a");
    send_binary("\x01\x02");
    CHECK(socket.read() == "4a");
    CHECK(socket.read() == "binary \x01\x02");
    socket.send("4b");
    wait_for(1);
    CHECK(heard == Log{"text b"});
    pass(settings.upgrade_timeout);
    CHECK(socket.is_quiet());
  }

  TEST_CASE("what was queued meanwhile goes over in its order, text and binary") {
    for (const bool takes_binary : {true, false}) {
      CAPTURE(takes_binary);
      Fixture fixture;
      WebSocketPeer socket(fixture, fixture.websocket() + (takes_binary ? "" : "&b64=1"));
      fixture.probe(socket);
      const std::string_view text = "51-[\"e\"]";
      const base::SharedBytes bytes = base::SharedBytes::take(std::string("\x01\x02"));
      fixture.send("a");
      fixture.session->send(std::span(&text, 1), std::span(&bytes, 1), {});
      fixture.end_turn();
      fixture.send_binary("\x03");
      fixture.send("b" + std::string(300, 'x'));
      socket.send("5");
      CHECK(socket.read() == "4a");
      CHECK(socket.read() == "451-[\"e\"]");
      CHECK(socket.read() == (takes_binary ? "binary \x01\x02" : "bAQI="));
      CHECK(socket.read() == (takes_binary ? "binary \x03" : "bAw=="));
      CHECK(socket.read() == "4b" + std::string(300, 'x'));
      fixture.send_binary("\x04");
      CHECK(socket.read() == (takes_binary ? "binary \x04" : "bBA=="));
    }
  }

  TEST_CASE("packets right behind the 5 are delivered, however the bytes are cut") {
    const std::string bytes = test::client_text("2probe") + test::client_text("5") + test::client_text("4a") +
                              test::client_binary("\x01") + test::client_text("bAg==");
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      CAPTURE(cut);
      Fixture fixture;
      WebSocketPeer socket(fixture, fixture.websocket(), bytes.substr(0, cut));
      socket.client.send(bytes.substr(cut));
      fixture.wait_for(3);
      CHECK(fixture.heard == Log{"text a", "binary \x01", "binary \x02"});
      CHECK(socket.read() == "3probe");
    }
  }

  TEST_CASE_FIXTURE(Fixture,
                    "what may be dropped is dropped from the WebSocket's arrival until it has taken over") {
    poll(client);
    CHECK(send("a", Policy::drop) == SendResult::sent);
    end_turn();
    CHECK(client.answer().body == "4a");
    poll(client);
    WebSocketPeer socket(*this, websocket());
    CHECK(send("b", Policy::drop) == SendResult::dropped);
    CHECK(session->send_binary({}, Policy::drop) == SendResult::dropped);
    CHECK(session->send_form({}, Policy::drop) == SendResult::dropped);
    upgrade(socket);
    CHECK(client.answer().body == "6");
    CHECK(send("c", Policy::drop) == SendResult::sent);
    CHECK(socket.read() == "4c");
  }

  TEST_CASE_FIXTURE(Fixture, "a POST that is being read when the 5 comes is delivered and answered") {
    TestClient poster = server.connect();
    begin_post(poster, "4a", 6);
    WebSocketPeer socket(*this, websocket());
    upgrade(socket);
    socket.send("4first");
    wait_for(1);
    poster.send(
        "\x1e"
        "4bc");
    CHECK(poster.answer().body == "ok");
    CHECK(heard == Log{"text first", "text a", "text bc"});
  }

  TEST_CASE_FIXTURE(Fixture, "from the 5 on the loss of a POST ends nothing") {
    TestClient poster = server.connect();
    begin_post(poster, "4a", 6);
    WebSocketPeer socket(*this, websocket());
    upgrade(socket);
    const std::size_t before = server.connections.size();
    poster.reset();
    server.run_until_true([&] { return server.connections.size() < before; });
    socket.send("4b");
    wait_for(1);
    CHECK(heard == Log{"text b"});
  }

  TEST_CASE_FIXTURE(Fixture,
                    "the session's end closes the WebSocket that took over, after a POST was left behind") {
    TestClient poster = server.connect();
    begin_post(poster, "4a", 4);
    WebSocketPeer socket(*this, websocket());
    upgrade(socket);
    session->close({.kind = Reason::forced_close});
    CHECK(socket.read() == "(close 0)");
    CHECK(heard == Log{"close forced close"});
    CHECK(counters.sessions.value() == 0);
  }
}

TEST_SUITE("engine upgrade, failures") {
  TEST_CASE("any other packet closes that WebSocket, and the session goes on polling and may try again") {
    for (const bool is_probed : {false, true}) {
      for (const std::string_view packet :
           {"5", "4a", "2", "2probe ", "3probe", "1", "6", "", "x", "5x", "b", "bAQI="}) {
        if (is_probed && packet == "5") continue;
        CAPTURE(is_probed);
        CAPTURE(packet);
        Fixture fixture;
        WebSocketPeer socket(fixture, fixture.websocket());
        if (is_probed) fixture.probe(socket);
        socket.send(packet);
        CHECK(socket.read() == "(close 0)");
        CHECK(fixture.counters.failed_upgrades.value() == 1);
        fixture.check_goes_on();
        WebSocketPeer next(fixture, fixture.websocket());
        fixture.upgrade(next);
        CHECK(fixture.heard.empty());
      }
    }
  }

  TEST_CASE_FIXTURE(Fixture, "a binary message is no probe") {
    WebSocketPeer socket(*this, websocket());
    socket.client.send(test::client_binary("2probe"));
    CHECK(socket.read() == "(close 0)");
    check_goes_on();
  }

  TEST_CASE("upgrade_timeout runs from the WebSocket's arrival to the 5") {
    for (const bool is_probed : {false, true}) {
      CAPTURE(is_probed);
      Fixture fixture;
      WebSocketPeer socket(fixture, fixture.websocket());
      if (is_probed) fixture.probe(socket);
      fixture.pass(fixture.settings.upgrade_timeout - seconds{1});
      CHECK(socket.is_quiet());
      fixture.pass(seconds{1});
      CHECK(socket.read() == "(close 0)");
      CHECK(fixture.counters.failed_upgrades.value() == 1);
      fixture.check_goes_on();
    }
  }

  TEST_CASE("a WebSocket that is lost before the 5 takes nothing with it") {
    for (const bool is_probed : {false, true}) {
      for (const std::string_view how : {"reset", "closed", "close frame", "bad frame"}) {
        CAPTURE(is_probed);
        CAPTURE(how);
        Fixture fixture;
        WebSocketPeer socket(fixture, fixture.websocket());
        if (is_probed) fixture.probe(socket);
        if (how == "reset") socket.client.reset();
        if (how == "closed") socket.client.close();
        if (how == "close frame") socket.client.send(test::client_close(1000));
        if (how == "bad frame") socket.client.send("\xff\xff");
        fixture.server.run_until_true([&] { return fixture.counters.failed_upgrades.value() == 1; });
        fixture.check_goes_on();
        WebSocketPeer next(fixture, fixture.websocket());
        fixture.upgrade(next);
      }
    }
  }

  TEST_CASE_FIXTURE(Fixture,
                    "a second WebSocket gets its 101 and a close frame, and the first does not notice") {
    WebSocketPeer first(*this, websocket());
    WebSocketPeer second(*this, websocket(), test::client_text("2probe"));
    CHECK(second.answer.status == 101);
    CHECK(second.read() == "(close 0)");
    upgrade(first);
    WebSocketPeer third(*this, websocket());
    CHECK(third.answer.status == 101);
    CHECK(third.read() == "(close 0)");
    send("a");
    CHECK(first.read() == "4a");
    CHECK(heard.empty());
    CHECK(counters.failed_upgrades.value() == 0);
  }

  TEST_CASE_FIXTURE(Fixture, "where upgrades are not allowed none is offered, and a WebSocket is closed") {
    settings.allows_upgrades = false;
    TestClient other = server.connect();
    CHECK(request(other, "GET", "EIO=4&transport=polling").body.find(R"("upgrades":[])") !=
          std::string::npos);
    WebSocketPeer socket(*this, websocket());
    CHECK(socket.answer.status == 101);
    CHECK(socket.read() == "(close 0)");
  }
}

TEST_SUITE("engine upgrade, the session's end meanwhile") {
  TEST_CASE_FIXTURE(Fixture, "the client's close packet closes the WebSocket too") {
    WebSocketPeer socket(*this, websocket());
    probe(socket);
    CHECK(post("1").body == "ok");
    CHECK(socket.read() == "(close 0)");
    CHECK(heard == Log{"close transport close"});
    CHECK(get_status() == 400);
    CHECK(counters.failed_upgrades.value() == 0);
  }

  TEST_CASE_FIXTURE(Fixture, "so does the loss of a held poll") {
    poll(client);
    WebSocketPeer socket(*this, websocket());
    client.reset();
    CHECK(socket.read() == "(close 0)");
    CHECK(heard == Log{"close transport error"});
  }

  TEST_CASE_FIXTURE(Fixture, "so does a close that a held poll takes along") {
    poll(client);
    WebSocketPeer socket(*this, websocket());
    session->close({.kind = Reason::forced_close});
    end_turn();
    CHECK(client.answer().body == "1");
    CHECK(socket.read() == "(close 0)");
    CHECK(heard == Log{"close forced close"});
  }

  TEST_CASE_FIXTURE(Fixture, "so does the poll that fetches the rest after a close") {
    WebSocketPeer socket(*this, websocket());
    probe(socket);
    send("a");
    session->close({.kind = Reason::forced_close});
    end_turn();
    CHECK(heard == Log{"close forced close"});
    CHECK(socket.is_quiet());
    CHECK(poll_at_once() ==
          "4a\x1e"
          "1");
    CHECK(socket.read() == "(close 0)");
    CHECK(counters.sessions.value() == 0);
  }

  TEST_CASE("if the session is closing when the 5 comes, what waits goes out there, then the close frame") {
    for (const bool has_data : {true, false}) {
      for (const bool has_post : {false, true}) {
        CAPTURE(has_data);
        CAPTURE(has_post);
        Fixture fixture;
        TestClient poster = fixture.server.connect();
        if (has_post) fixture.begin_post(poster, "4a", 5);
        WebSocketPeer socket(fixture, fixture.websocket());
        fixture.probe(socket);
        if (has_data) fixture.send("a");
        if (has_data) fixture.send_binary("\x01");
        fixture.session->close({.kind = Reason::forced_close});
        fixture.end_turn();
        socket.send("5");
        if (has_data) CHECK(socket.read() == "4a");
        if (has_data) CHECK(socket.read() == "binary \x01");
        CHECK(socket.read() == "(close 0)");
        CHECK(fixture.heard == Log{"close forced close"});
        CHECK(fixture.counters.sessions.value() == 0);
        CHECK(fixture.counters.polling.value() == 0);
        CHECK(fixture.get_status() == 400);
        fixture.pass(fixture.settings.close_grace);
      }
    }
  }

  TEST_CASE_FIXTURE(Fixture, "a close in the very turn of the 5 is not told twice") {
    WebSocketPeer socket(*this, websocket());
    probe(socket);
    send("a");
    session->close({.kind = Reason::forced_close});
    socket.send("5");
    CHECK(socket.read() == "4a");
    CHECK(socket.read() == "(close 0)");
    CHECK(heard == Log{"close forced close"});
  }
}

TEST_SUITE("engine upgrade, heartbeat") {
  // Sessions ping every 25 s and wait 20 s for the pong.
  TEST_CASE("a pong deadline that is running goes on, and the WebSocket may bring the pong") {
    for (const bool has_pong : {false, true}) {
      CAPTURE(has_pong);
      Fixture fixture;
      fixture.pass(fixture.settings.ping_interval);
      CHECK(fixture.poll_at_once() == "2");
      WebSocketPeer socket(fixture, fixture.websocket());
      fixture.upgrade(socket);
      if (has_pong) socket.send("3");
      const std::uint64_t expected = has_pong ? 3 : 2;
      fixture.server.run_until_true(
          [&] { return fixture.websocket_counters.messages_received.value() == expected; });
      fixture.pass(fixture.settings.ping_timeout - seconds{1});
      CHECK(fixture.heard.empty());
      fixture.pass(seconds{1});
      CHECK(fixture.heard.empty() == has_pong);
    }
  }

  TEST_CASE_FIXTURE(Fixture, "a ping that no poll has fetched goes over, in its place") {
    send("a");
    pass(settings.ping_interval);
    send("b");
    WebSocketPeer socket(*this, websocket());
    upgrade(socket);
    CHECK(socket.read() == "4a");
    CHECK(socket.read() == "2");
    CHECK(socket.read() == "4b");
  }

  TEST_CASE_FIXTURE(Fixture, "a session that times out meanwhile closes both") {
    poll(client);
    pass(settings.ping_interval);
    CHECK(client.answer().body == "2");
    poll(client);
    settings.upgrade_timeout = std::chrono::hours{1};
    WebSocketPeer socket(*this, websocket());
    pass(settings.ping_timeout);
    CHECK(client.answer().body == "1");
    CHECK(socket.read() == "(close 0)");
    CHECK(heard == Log{"close ping timeout"});
  }
}

}  // namespace banter::engine
