// One connection: CONNECT, events, attachments, what is invalid, and how it ends.
#include <doctest/doctest.h>

#include "socketio/error.h"
#include "tests/socketio/hub_fixture.h"

namespace banter::socketio {
namespace {

using test::FakeLink;
using test::HubFixture;
using Log = HubFixture::Log;

std::string sid_of(std::string_view connect) {
  const std::size_t begin = connect.find("\"sid\":\"") + 7;
  return std::string(connect.substr(begin, 20));
}

}  // namespace

TEST_SUITE("socketio client: connecting") {
  TEST_CASE_FIXTURE(HubFixture, "CONNECT is answered with an id of 20 characters") {
    FakeLink& link = connect();
    link.text("0");
    const Log sent = link.sent();
    REQUIRE(sent.size() == 1);
    const std::string sid = sid_of(sent[0]);
    CHECK(sent[0] == "0{\"sid\":\"" + sid + "\"}");
    CHECK(sid.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
          std::string::npos);
    CHECK(only_socket().id() == sid);
    CHECK(counters.sockets.value() == 1);
    CHECK(counters.clients.value() == 1);
  }

  TEST_CASE_FIXTURE(HubFixture, "one connection joins two namespaces, with different ids") {
    registry.get("/admin");
    FakeLink& link = connect();
    link.text("0/admin,{\"token\":\"t1\"}");
    link.text("0");
    const Log sent = link.sent();
    REQUIRE(sent.size() == 2);
    CHECK(sent[0].starts_with("0/admin,{\"sid\":\""));
    CHECK(sent[1].starts_with("0{\"sid\":\""));
    CHECK(sid_of(sent[0]) != sid_of(sent[1]));
    CHECK(only_socket("/admin").handshake().auth == json{{"token", "t1"}});
    CHECK(only_socket("/").handshake().auth == json::object());
  }

  TEST_CASE_FIXTURE(HubFixture,
                    "an unknown namespace is refused with a literal text, and the connection stays") {
    registry.get("/ok");
    FakeLink& link = connect();
    for (const std::string name : {"/random", "/ok?x=1", "/OK", "/ok/"}) {
      link.text("0" + name + ",");
      CHECK(link.sent() == Log{"4" + name + ",{\"message\":\"Invalid namespace\"}"});
    }
    CHECK(counters.refused.value() == 4);
    link.text("0/ok");
    CHECK(link.sent().size() == 1);
    CHECK(link.is_open());
  }

  TEST_CASE_FIXTURE(HubFixture, "a second CONNECT for a joined namespace closes the connection") {
    FakeLink& link = join();
    link.text("0");
    CHECK_FALSE(link.is_open());
    CHECK(link.sent().empty());
    CHECK(link.closed_with.kind == Reason::forced_close);
    CHECK(link.closed_with.error == Error::already_connected);
  }

  TEST_CASE_FIXTURE(HubFixture,
                    "while no poll is held, what the server closes ends as a forced server close") {
    FakeLink& link = join();
    link.is_reachable_now = false;
    link.text("0");
    CHECK(link.closed_with.kind == Reason::forced_server_close);
  }

  TEST_CASE_FIXTURE(HubFixture, "a second CONNECT while the first is being decided closes the connection") {
    use([](const detail::SocketRef&, Next) {});
    std::vector<Next> kept;
    registry.get("/slow").handlers.middlewares.emplace_back(
        [&](const detail::SocketRef&, Next next) { kept.push_back(std::move(next)); });
    FakeLink& link = connect();
    link.text("0/slow,");
    link.text("0/slow,");
    CHECK(link.closed_with.error == Error::already_connected);
    turn();
    CHECK(nsp("/slow").size() == 0);
  }

  TEST_CASE_FIXTURE(HubFixture,
                    "anything but CONNECT for a namespace that is not joined closes the connection") {
    registry.get("/admin");
    for (const std::string packet :
         {"2[\"e\"]", "1", "31[]", "2/admin,[\"e\"]", "2/none,[\"e\"]", "51-/admin,[\"e\"]"}) {
      CAPTURE(packet);
      FakeLink& link = connect();
      link.text(packet);
      CHECK(link.closed_with.error == Error::not_connected);
    }
  }

  TEST_CASE_FIXTURE(HubFixture,
                    "what the connection handlers emit follows CONNECT, and lies in their order") {
    on("connection", [this](Call& call) { emit(socket(call), "first", 1); });
    on("connection", [this](Call& call) { emit(socket(call), "second"); });
    FakeLink& link = connect();
    link.text("0");
    const Log sent = link.sent();
    REQUIRE(sent.size() == 3);
    CHECK(sent[0].starts_with("0{"));
    CHECK(sent[1] == "2[\"first\",1]");
    CHECK(sent[2] == "2[\"second\"]");
  }

  TEST_CASE_FIXTURE(HubFixture, "a connection handler that throws is reported, and the socket leaves") {
    on("connection", [](Call&) { throw std::runtime_error("no table"); });
    log_event("disconnect");
    FakeLink& link = connect();
    link.text("0");
    const Log sent = link.sent();
    REQUIRE(sent.size() == 2);
    CHECK(sent[1] == "1");
    CHECK(problems == Log{"1 connection no table"});
    CHECK(log == Log{"disconnect server namespace disconnect"});
    CHECK(link.is_open());
  }

  TEST_CASE_FIXTURE(HubFixture, "headers are there for the connection handler, later those that are kept") {
    settings.keep_headers = {"x-kept"};
    std::size_t seen = 0;
    on("connection", [&](Call& call) { seen = socket(call).handshake().headers.size(); });
    join();
    CHECK(seen == 2);
    const Handshake handshake = only_socket().handshake();
    REQUIRE(handshake.headers.size() == 1);
    CHECK(handshake.headers[0].name == "x-kept");
    CHECK(handshake.url == "/socket.io/?EIO=4");
    CHECK(handshake.address == "127.0.0.1");
  }

  TEST_CASE_FIXTURE(HubFixture, "a client that joins nothing within connect_timeout is sent away") {
    settings.connect_timeout = loop::Milliseconds{1000};
    FakeLink& link = connect();
    link.text("0/none,");  // a refused CONNECT does not stop the clock
    pass(loop::Milliseconds{999});
    CHECK(link.is_open());
    pass(loop::Milliseconds{1});
    CHECK_FALSE(link.is_open());
    CHECK(link.closed_with.kind == Reason::forced_close);
    CHECK(counters.clients.value() == 0);
  }

  TEST_CASE_FIXTURE(HubFixture, "a client that has joined once may stay, even in no namespace") {
    settings.connect_timeout = loop::Milliseconds{1000};
    FakeLink& link = join();
    link.text("1");
    pass(loop::Milliseconds{5000});
    CHECK(link.is_open());
  }
}

TEST_SUITE("socketio client: events") {
  TEST_CASE_FIXTURE(HubFixture,
                    "an event reaches its handlers, namespace before socket, with its arguments") {
    log_event("chat");
    on("chat", [this](Call&) { log.push_back("second"); });
    on("connection", [this](Call& call) {
      socket(call).on("chat", {}, [this](Call& inner) { log.push_back("own" + text_of(inner)); });
    });
    FakeLink& link = join();
    link.text("2[\"chat\",1,{\"a\":[]}]");
    CHECK(log == Log{"chat(1,{\"a\":[]})", "second", "own(1,{\"a\":[]})"});
    CHECK(counters.events_in.value() == 1);
  }

  TEST_CASE_FIXTURE(HubFixture, "an event goes to the handlers of its namespace only") {
    log_event("e");
    on(
        "e", [this](Call&) { log.push_back("admin"); }, "/admin");
    FakeLink& link = join();
    link.text("0/admin,");
    link.text("2/admin,[\"e\"]");
    CHECK(log == Log{"admin"});
  }

  TEST_CASE_FIXTURE(HubFixture, "an event that nobody handles is counted, and the connection stays") {
    FakeLink& link = join();
    link.text("2[\"nobody\"]");
    link.text("2[\"connection\"]");  // a local name, but not a reserved one
    CHECK(counters.unhandled_events.value() == 2);
    CHECK(link.is_open());
  }

  TEST_CASE_FIXTURE(HubFixture,
                    "arguments that do not fit are reported and counted, and the next handler runs") {
    on("e", [](Call& call) {
      call.fits = false;
      call.misfit = {1, "a number"};
    });
    log_event("e");
    FakeLink& link = join();
    link.text("2[\"e\",1,2]");
    CHECK(problems == Log{"0 e argument 1 is not: a number"});
    CHECK(counters.misfit_events.value() == 1);
    CHECK(log == Log{"e(1,2)"});
    CHECK(link.is_open());
  }

  TEST_CASE_FIXTURE(HubFixture, "what a handler throws is reported, and the others run") {
    on("e", [](Call&) { throw std::runtime_error("bad luck"); });
    on("e", [](Call&) { throw 42; });
    log_event("e");
    FakeLink& link = join();
    link.text("2[\"e\"]");
    CHECK(problems == Log{"0 e bad luck", "0 e something that is not a std::exception was thrown"});
    CHECK(log == Log{"e()"});
    CHECK(link.is_open());
  }

  TEST_CASE_FIXTURE(HubFixture, "an event that wants an answer gets it, with its own id, in its namespace") {
    on(
        "sum", [this](Call& call) { answer(socket(call), 12, 3); }, "/admin");
    FakeLink& link = join("/admin");
    link.text("2/admin,12[\"sum\",1,2]");
    CHECK(link.sent() == Log{"3/admin,12[3]"});
  }

  TEST_CASE_FIXTURE(HubFixture, "a handler hears whether an answer is wanted") {
    on("e", [this](Call& call) { log.push_back(call.ack ? "wanted" : "not wanted"); });
    FakeLink& link = join();
    link.text("2[\"e\"]");
    link.text("20[\"e\"]");
    CHECK(log == Log{"not wanted", "wanted"});
  }

  TEST_CASE_FIXTURE(HubFixture, "no answer is sent for a socket that has left") {
    FakeLink& link = join();
    Socket& left = only_socket();
    link.text("1");
    answer(left, 1, 2);
    CHECK(link.sent().empty());
  }

  TEST_CASE_FIXTURE(HubFixture,
                    "handlers that a handler adds or removes: added ones wait, removed ones do not run") {
    on("connection", [this](Call& call) {
      Socket& own = socket(call);
      own.on("e", {}, [this, &own](Call&) {
        log.push_back("first");
        own.off("e");  // itself too: its function object must stay until it returns
        own.on("e", {}, [this](Call&) { log.push_back("added"); });
        log.push_back("still here");
      });
      own.on("e", {}, [this](Call&) { log.push_back("removed"); });
    });
    FakeLink& link = join();
    link.text("2[\"e\"]");
    CHECK(take_log() == Log{"first", "still here"});
    link.text("2[\"e\"]");
    CHECK(take_log() == Log{"added"});
  }
}

TEST_SUITE("socketio client: attachments") {
  TEST_CASE_FIXTURE(HubFixture, "a binary event is delivered when its last attachment has come") {
    on("file", [this](Call& call) {
      log.push_back(std::to_string(call.args.attachments().size()) + " " +
                    std::string(call.args.get<Bytes>(0)->text()) +
                    std::string(call.args.get<Bytes>(1)->text()));
    });
    FakeLink& link = join();
    link.text(R"(52-["file",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}])");
    link.binary("aa");
    CHECK(log.empty());
    link.binary("b");
    CHECK(log == Log{"2 baa"});
    link.text("2[\"file2\"]");
    CHECK(link.is_open());
  }

  TEST_CASE_FIXTURE(HubFixture,
                    "placeholders without their attachment close the connection (CVE-2022-2421)") {
    log_event("e");
    for (const std::string number :
         {"1", "-1", "0.5", "\"0\"", "\"splice\"", "null", "true", "18446744073709551616", "1e99", "{}"}) {
      CAPTURE(number);
      FakeLink& link = join();
      link.text(R"(51-["e",{"_placeholder":true,"num":)" + number + "}]");
      link.binary("x");
      CHECK(link.closed_with.error == Error::bad_placeholder);
    }
    FakeLink& link = join();
    link.text(R"(51-["e",[{"_placeholder":true}]])");
    link.binary("x");
    CHECK(link.closed_with.error == Error::bad_placeholder);
    CHECK(log.empty());
  }

  TEST_CASE_FIXTURE(HubFixture, "a placeholder in a text event is ordinary data") {
    log_event("e");
    join().text(R"(2["e",{"_placeholder":true,"num":9}])");
    CHECK(log == Log{R"(e({"_placeholder":true,"num":9}))"});
  }

  TEST_CASE_FIXTURE(HubFixture,
                    "binary without a packet, and text between attachments, close the connection") {
    FakeLink& link = join();
    link.binary("x");
    CHECK(link.closed_with.error == Error::unexpected_binary);

    for (const std::string text : {"2[\"e\"]", "51-[\"e\"]", "1", "", "x"}) {
      FakeLink& other = join();
      other.text("51-[\"e\"]");
      other.text(text);
      CHECK(other.closed_with.error == Error::text_while_collecting);
    }
  }

  TEST_CASE_FIXTURE(HubFixture, "a packet with its attachments is bounded by max_packet") {
    settings.max_packet = 30;
    log_event("e");
    FakeLink& link = join();
    link.text("52-[\"e\"]");  // 8 bytes
    link.binary(std::string(11, 'x'));
    link.binary(std::string(11, 'x'));
    CHECK(log == Log{"e()"});
    link.text("52-[\"e\"]");
    link.binary(std::string(11, 'x'));
    link.binary(std::string(12, 'x'));
    CHECK(link.closed_with.error == Error::packet_too_big);
    CHECK(log == Log{"e()"});
  }

  TEST_CASE_FIXTURE(HubFixture, "emits attachments behind the text, numbered in order") {
    FakeLink& link = join();
    const Bytes bytes(std::string_view("\x01\x02"));
    CHECK(emit(only_socket(), "f", bytes, 1, Bytes(std::string_view("\xff"))) == SendResult::sent);
    CHECK(link.sent() ==
          Log{R"(52-["f",{"_placeholder":true,"num":0},1,{"_placeholder":true,"num":1}] 0102 ff)"});
  }
}

TEST_SUITE("socketio client: invalid input") {
  TEST_CASE_FIXTURE(HubFixture, "nothing is delivered behind an invalid packet, and every socket leaves") {
    log_event("e");
    log_event("disconnect");
    log_event("disconnect", "/admin");
    FakeLink& link = join();
    link.text("0/admin,");
    link.text("2[\"e\"]y");
    CHECK(link.closed_with.error == Error::bad_json);
    CHECK(link.closed_with.detail == "payload is not JSON");
    CHECK(counters.invalid_packets.value() == 1);
    link.text("2[\"e\"]");
    CHECK(log.empty());  // not from inside the call
    turn();
    CHECK(log == Log{"disconnect forced close", "disconnect forced close"});
    CHECK(counters.sockets.value() == 0);
    CHECK(counters.clients.value() == 0);
    CHECK(counters.disconnects[static_cast<std::size_t>(Reason::forced_close)].value() == 2);
  }

  TEST_CASE_FIXTURE(HubFixture, "CONNECT_ERROR from a client and an empty message are invalid") {
    FakeLink& link = join();
    link.text("4{}");
    CHECK(link.closed_with.error == Error::unexpected_packet);
    FakeLink& other = join();
    other.text("");
    CHECK(other.closed_with.error == Error::empty_packet);
  }
}

}  // namespace banter::socketio
