#include "banter/args.h"

#include <doctest/doctest.h>

#include "banter/encode.h"
#include "base/json_scanner.h"

using namespace banter;

namespace {

// The arguments in a packet's data array, as the Socket.IO layer would hold them.
struct Packet {
  explicit Packet(std::string data, std::vector<Bytes> bytes = {})
      : text(std::move(data)), attachments(std::move(bytes)) {
    REQUIRE(base::split_array(text, elements));
  }
  Args args(BinaryForm binary = BinaryForm::attachments) const { return Args(elements, attachments, binary); }

  std::string text;
  std::vector<Bytes> attachments;
  std::vector<std::string_view> elements;
};

struct Sent {
  std::string text;
  std::vector<Bytes> attachments;
};

template <class... T>
Sent sent(const T&... values) {
  Sent result{"[", {}};
  Encoder encoder(result.text);
  encode_arguments(encoder, values...);
  result.text += ']';
  result.attachments = encoder.take_attachments();
  return result;
}

}  // namespace

TEST_SUITE("args") {
  TEST_CASE("give raw text, typed values, or nothing") {
    const Packet packet(R"([ "a\n" , 1.0, {"b":2}])");
    const Args args = packet.args();
    CHECK(args.size() == 3);
    CHECK(args.raw(0) == R"("a\n")");
    CHECK(args.raw(1) == "1.0");
    CHECK(args.raw(3).empty());
    CHECK(args.get<std::string>(0) == "a\n");
    CHECK(args.get<int>(1) == 1);
    CHECK(args.get<json>(2) == json({{"b", 2}}));
    CHECK_FALSE(args.get<int>(0));
    CHECK_FALSE(args.get<int>(3));
    CHECK_FALSE(args.get<std::optional<int>>(3).value());
  }

  TEST_CASE("become one json array") {
    CHECK(Packet(R"(["a",{"_placeholder":true,"num":0}])", {Bytes("x")}).args().to_json() ==
          json({"a", json(Bytes("x"))}));
    CHECK(Packet("[]").args().to_json() == json::array());
    CHECK(Args().to_json() == json::array());
    CHECK(Packet(R"([{"_placeholder":true,"num":1}])", {Bytes("x")}).args().to_json() == json());
  }

  TEST_CASE("a part of them starts anywhere") {
    const Packet packet("[1,2,3]");
    CHECK(packet.args().from(1).raw(0) == "2");
    CHECK(packet.args().from(1).size() == 2);
    CHECK(packet.args().from(3).empty());
    CHECK(packet.args().from(9).empty());
  }

  TEST_CASE("sent on, they keep their key order, number spelling and escapes") {
    const Packet packet(R"([{"z":1.0,"a":1e2} ,"\u00e9\ud800", 12345678901234567890123])");
    CHECK(sent("echo", packet.args(), true).text ==
          R"(["echo",{"z":1.0,"a":1e2},"\u00e9\ud800",12345678901234567890123,true])");
  }

  TEST_CASE("sent on, no arguments are no arguments") {
    CHECK(sent(Args()).text == "[]");
    CHECK(sent("a", Args(), "b", Args()).text == R"(["a","b"])");
  }

  TEST_CASE("sent on, attachments are copied and placeholders numbered anew") {
    const Packet packet(R"(["x",{"_placeholder":true,"num":1},[{"num":0, "_pl\u0061ceholder":true}]])",
                        {Bytes("zero"), Bytes("one")});
    const Sent forward = sent(Bytes("new"), packet.args().from(1));
    CHECK(forward.text ==
          R"([{"_placeholder":true,"num":0},{"_placeholder":true,"num":1},[{"_placeholder":true,"num":2}]])");
    CHECK(forward.attachments == std::vector{Bytes("new"), Bytes("one"), Bytes("zero")});
  }

  TEST_CASE("sent on, an attachment used twice becomes two, and an unused one none") {
    const Packet packet(R"([{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}])",
                        {Bytes("a"), Bytes("b")});
    CHECK(sent(packet.args()).attachments == std::vector{Bytes("a"), Bytes("a")});
  }

  TEST_CASE("sent on, what looks like a placeholder in a packet without attachments stays as it is") {
    const Packet packet(R"([{"_placeholder":true,"num":0}])");
    const Sent forward = sent(packet.args());
    CHECK(forward.text == packet.text);
    CHECK(forward.attachments.empty());
  }

  TEST_CASE("a plain JSON link's bytes are read from base64") {
    const Packet packet(R"(["AQI="])");
    CHECK(packet.args(BinaryForm::base64).get<Bytes>(0) == Bytes("\x01\x02"));
    CHECK_FALSE(packet.args().get<Bytes>(0));
  }
}
