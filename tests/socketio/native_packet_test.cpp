#include "socketio/native_packet.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "banter/args.h"
#include "banter/encode.h"
#include "socketio/error.h"

namespace banter::socketio {
namespace {

struct Written {
  std::string text;

  template <class... Values>
  static Written event(std::optional<std::uint64_t> id, std::string_view name, Values&&... values) {
    std::string json = "[";
    Encoder out(json);
    out.write_string(name);
    const std::size_t name_end = json.size();
    encode_arguments(out, std::forward<Values>(values)...);
    Written written;
    append_native_packet(written.text, view_of(out, name_end), id);
    return written;
  }
  template <class... Values>
  static Written ack(std::uint64_t id, Values&&... values) {
    std::string json = "[";
    Encoder out(json);
    encode_arguments(out, std::forward<Values>(values)...);
    Written written;
    append_native_packet(written.text, view_of(out, 0), id);
    return written;
  }
};

}  // namespace

TEST_SUITE("native packet reader") {
  TEST_CASE("reads events, events that want an answer, and answers") {
    struct Row {
      std::string text;
      PacketType type;
      std::string name;
      std::optional<std::uint64_t> id;
      std::vector<std::string_view> arguments;
    };
    const std::vector<Row> rows{
        {R"({"name":"msg","data":[12,5]})", PacketType::event, "msg", {}, {"12", "5"}},
        {R"({"name":"ask","data":[1],"id":7})", PacketType::event, "ask", 7, {"1"}},
        {R"({"id":7,"data":["yes"]})", PacketType::ack, "", 7, {"\"yes\""}},
        {R"({"name":"msg"})", PacketType::event, "msg", {}, {}},
        {R"({"id":0})", PacketType::ack, "", 0, {}},
        {R"( { "data" : [ [1] ] , "more":{"name":"x"}, "name" : "m\u0073g" } )",
         PacketType::event,
         "msg",
         {},
         {"[1]"}},
        {R"({"name":"a","data":[1],"name":"b","data":[2]})", PacketType::event, "b", {}, {"2"}},
        {R"({"n\u0061me":"a"})", PacketType::event, "a", {}, {}},
        {R"({"id":9007199254740991,"name":"a"})", PacketType::event, "a", max_ack_id, {}},
        {R"({"name":""})", PacketType::event, "", {}, {}},
    };
    Packet packet;  // the same one for all: nothing of the last may stay
    for (const Row& row : rows) {
      CAPTURE(row.text);
      REQUIRE_FALSE(read_native_packet(row.text, packet));
      CHECK(packet.type == row.type);
      CHECK(packet.name.view() == row.name);
      CHECK(packet.id == row.id);
      CHECK(packet.arguments == row.arguments);
      CHECK(packet.attachments == 0);
    }
  }

  TEST_CASE("refuses everything else, naming the rule") {
    const std::vector<std::pair<std::string, Error>> rows{
        {"", Error::bad_json},
        {"{", Error::bad_json},
        {"{\"name\":\"a\"}x", Error::bad_json},
        {"42[\"msg\"]", Error::bad_json},
        {"[]", Error::bad_native_message},
        {"\"name\"", Error::bad_native_message},
        {"{}", Error::bad_native_message},
        {R"({"data":[1]})", Error::bad_native_message},
        {R"({"name":5})", Error::bad_event_name},
        {R"({"name":null,"id":1})", Error::bad_event_name},
        {R"({"name":"connect"})", Error::reserved_event_name},
        {R"({"name":"disconnecting","data":[]})", Error::reserved_event_name},
        {R"({"name":"a","data":{}})", Error::bad_payload},
        {R"({"name":"a","data":null})", Error::bad_payload},
        {R"({"name":"a","id":-1})", Error::bad_id},
        {R"({"name":"a","id":1.5})", Error::bad_id},
        {R"({"name":"a","id":"1"})", Error::bad_id},
        {R"({"name":"a","id":null})", Error::bad_id},
        {R"({"name":"a","id":9007199254740992})", Error::bad_id},
        {R"({"name":"a","id":18446744073709551616})", Error::bad_id},
    };
    for (const auto& [text, error] : rows) {
      CAPTURE(text);
      Packet packet;
      CHECK(read_native_packet(text, packet) == error);
    }
  }

  TEST_CASE("refuses a message that is cut anywhere") {
    const std::string text = R"({"name":"ask","data":[1,{"a":"é"}],"id":7})";
    for (std::size_t size = 0; size < text.size(); ++size) {
      const std::vector<char> cut(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size));
      Packet packet;
      CHECK(read_native_packet({cut.data(), cut.size()}, packet) == Error::bad_json);
    }
  }

  TEST_CASE("a Bytes parameter takes a base64 string") {
    Packet packet;
    REQUIRE_FALSE(read_native_packet(R"({"name":"f","data":["AQID","!"]})", packet));
    const Args args(packet.arguments, {}, BinaryForm::base64);
    CHECK(args.get<Bytes>(0) == Bytes(std::string_view("\x01\x02\x03")));
    CHECK_FALSE(args.get<Bytes>(1));
  }
}

TEST_SUITE("native packet writer") {
  TEST_CASE("writes events and answers") {
    CHECK(Written::event({}, "msg", 12, 5).text == R"({"name":"msg","data":[12,5]})");
    CHECK(Written::event({}, "msg").text == R"({"name":"msg","data":[]})");
    CHECK(Written::event(7, "ask", 1).text == R"({"name":"ask","id":7,"data":[1]})");
    CHECK(Written::event({}, "a\"b,", "x").text == R"({"name":"a\"b,","data":["x"]})");
    CHECK(Written::ack(7, "yes").text == R"({"id":7,"data":["yes"]})");
    CHECK(Written::ack(7).text == R"({"id":7,"data":[]})");
  }

  TEST_CASE("writes binary values as base64 strings, wherever they stand") {
    const Bytes bytes(std::string_view("\x01\x02\x03\x04"));
    CHECK(Written::event({}, "f", bytes).text == R"({"name":"f","data":["AQIDBA=="]})");
    CHECK(Written::event({}, "f", 1, bytes, Bytes(), 2).text == R"({"name":"f","data":[1,"AQIDBA==","",2]})");
    CHECK(Written::ack(1, bytes).text == R"({"id":1,"data":["AQIDBA=="]})");
    const json nested{{"a", {json::binary({1})}}};
    CHECK(Written::event({}, "f", nested).text == R"({"name":"f","data":[{"a":["AQ=="]}]})");
  }

  TEST_CASE("what is written can be read") {
    const std::string text = Written::event(3, "n\"", "}", Bytes(std::string_view("}"))).text;
    Packet packet;
    REQUIRE_FALSE(read_native_packet(text, packet));
    CHECK(packet.name.view() == "n\"");
    CHECK(packet.id == 3);
    CHECK(packet.arguments == std::vector<std::string_view>{"\"}\"", "\"fQ==\""});
  }
}

}  // namespace banter::socketio
