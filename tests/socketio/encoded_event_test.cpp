#include "socketio/encoded_event.h"

#include <doctest/doctest.h>

#include <string>

#include "banter/encode.h"
#include "tests/support/hex.h"

namespace banter::socketio {
namespace {

using engine::FormKind;

const engine::FormMaker forms;

template <class... Values>
std::string form_with(const Extras& extras, FormKind kind, std::string_view nsp, std::string_view name,
                      Values&&... values) {
  std::string text = "[";
  Encoder out(text);
  out.write_string(name);
  const std::size_t name_end = text.size();
  encode_arguments(out, std::forward<Values>(values)...);
  const EncodedEvent event(nsp, view_of(out, name_end), extras);
  return std::string(event.form(kind, forms).view());
}

template <class... Values>
std::string form_of(FormKind kind, std::string_view nsp, std::string_view name, Values&&... values) {
  return form_with({}, kind, nsp, name, std::forward<Values>(values)...);
}

}  // namespace

TEST_SUITE("encoded event") {
  TEST_CASE("is a text frame with an Engine.IO message over WebSocket (RFC 6455 section 5.2)") {
    CHECK(form_of(FormKind::websocket, "/", "hi", 1) ==
          "\x81\x0a"
          R"(42["hi",1])");
    CHECK(form_of(FormKind::websocket, "/admin", "hi") ==
          "\x81\x0f"
          R"(42/admin,["hi"])");
    CHECK(form_of(FormKind::websocket_base64, "/", "hi", 1) ==
          "\x81\x0a"
          R"(42["hi",1])");
  }

  TEST_CASE("carries attachments as binary messages, or as base64 packets for clients that take no binary") {
    const Bytes bytes(std::string_view("\x01\x02\x03\x04"));
    const std::string text = R"(451-["f",{"_placeholder":true,"num":0}])";
    const std::string header{'\x81', static_cast<char>(text.size())};
    CHECK(form_of(FormKind::websocket, "/", "f", bytes) ==
          header + text + test::from_hex("82 04 01 02 03 04"));
    CHECK(form_of(FormKind::websocket_base64, "/", "f", bytes) == header + text +
                                                                      "\x81\x09"
                                                                      "bAQIDBA==");
  }

  TEST_CASE("is a part of a payload for long-polling, attachments in base64 behind record separators") {
    const Bytes bytes(std::string_view("\x01\x02\x03\x04"));
    CHECK(form_of(FormKind::polling, "/", "hi", 1) == R"(42["hi",1])");
    CHECK(form_of(FormKind::polling, "/", "f", bytes, Bytes()) ==
          R"(452-["f",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])"
          "\x1e"
          "bAQIDBA=="
          "\x1e"
          "b");
    CHECK(form_of(FormKind::polling, "/", "hi",
                  "a\x1e"
                  "b") == R"(42["hi","a\u001eb"])");
  }

  TEST_CASE("is plain JSON for a native WebSocket, without namespace or attachment") {
    const Bytes bytes(std::string_view("\x01\x02\x03\x04"));
    const std::string text = R"({"name":"f","data":["AQIDBA==",1]})";
    const std::string header{'\x81', static_cast<char>(text.size())};
    CHECK(form_of(FormKind::native, "/admin", "f", bytes, 1) == header + text);
  }

  TEST_CASE("makes each form once, whoever asks") {
    std::string text = "[\"e\"";
    Encoder out(text);
    const EncodedEvent event("/", view_of(out, text.size()));
    const auto& first = event.form(FormKind::websocket, forms);
    CHECK(&event.form(FormKind::websocket, forms) == &first);
    CHECK(event.form(FormKind::native, forms).view().data() != first.view().data());
    CHECK(event.form(FormKind::websocket, forms).view().data() == first.view().data());
  }

  TEST_CASE("an acknowledgement's id is the same for all receivers, in every form") {
    const Bytes bytes(std::string_view("\x01\x02"));
    const Extras asking{.ack_id = 12};
    CHECK(form_with(asking, FormKind::polling, "/", "ask", 1) == R"(4212["ask",1])");
    CHECK(form_with(asking, FormKind::polling, "/admin", "ask") == R"(42/admin,12["ask"])");
    CHECK(form_with(asking, FormKind::polling, "/", "ask", bytes) ==
          R"(451-12["ask",{"_placeholder":true,"num":0}])"
          "\x1e"
          "bAQI=");
    CHECK(form_with(asking, FormKind::websocket, "/", "ask") ==
          "\x81\x0b"
          R"(4212["ask"])");
    CHECK(form_with(asking, FormKind::native, "/", "ask", 1) ==
          "\x81\x21"
          R"({"name":"ask","id":12,"data":[1]})");
  }

  TEST_CASE("an offset in the event log is the last element of the data, but of no plain JSON form") {
    const Extras logged{.ack_id = std::nullopt, .offset = "1795196442021-0"};
    CHECK(form_with(logged, FormKind::polling, "/", "hi", 1) == R"(42["hi",1,"1795196442021-0"])");
    CHECK(form_with(logged, FormKind::polling, "/", "hi") == R"(42["hi","1795196442021-0"])");
    CHECK(form_with(logged, FormKind::native, "/", "hi", 1) ==
          "\x81\x18"
          R"({"name":"hi","data":[1]})");
  }

  TEST_CASE("does not depend on the text it was made from") {
    std::string text = "[\"e\"";
    Encoder out(text);
    const EncodedEvent event("/", view_of(out, text.size()));
    text = "gone";
    CHECK(event.form(FormKind::websocket, forms).view() ==
          "\x81\x07"
          R"(42["e"])");
  }
}

}  // namespace banter::socketio
