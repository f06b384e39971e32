// Rules about messages: fragments, UTF-8, control frames in between (RFC 6455 sections 5.4, 5.5, 8.1).
#include "websocket/message_reader.h"

#include <doctest/doctest.h>

#include "tests/support/hex.h"
#include "tests/support/websocket_frames.h"
#include "tests/websocket/read_all.h"

namespace banter::websocket {

using test::client_close;
using test::client_frame;
using test::from_hex;
using test::is_same_at_every_cut;
using test::Outcome;
using test::read_all;

namespace {

std::string fragment(unsigned opcode, std::string_view payload) {
  return client_frame(opcode, payload, {.is_final = false});
}
std::string last_fragment(std::string_view payload) {
  return client_frame(0x0, payload);
}

}  // namespace

TEST_SUITE("websocket message reader") {
  TEST_CASE("a fragmented text with a ping inside, cut inside a character, is one message at every cut") {
    // 42["hé"] with the é in two frames
    const std::string bytes = from_hex(
        "01 86 a1 b2 c3 d4 95 80 98 f6 c9 71"
        "89 80 a1 b2 c3 d4"
        "80 83 a1 b2 c3 d4 08 90 9e");
    const Outcome expected{{test::ping(), test::text("42[\"h\xc3\xa9\"]")}, {}};
    CHECK(read_all(bytes) == expected);
    CHECK(is_same_at_every_cut(bytes, expected));
  }

  TEST_CASE("a whole message is given where it lies, without a copy") {
    std::string bytes = test::client_text("hello") + test::client_binary("world");
    Limits limits;
    MessageReader reader(limits);
    std::span<char> input(bytes);
    Incoming incoming;
    REQUIRE_FALSE(reader.read(input, incoming));
    CHECK(incoming.payload.data() == bytes.data() + 6);
    REQUIRE_FALSE(reader.read(input, incoming));
    CHECK(incoming.payload.data() == bytes.data() + 6 + 5 + 6);
    CHECK(input.empty());
  }

  TEST_CASE("many messages in one piece come out in order") {
    std::string bytes;
    Outcome expected;
    for (int i = 0; i < 100; ++i) {
      const std::string payload(static_cast<std::size_t>(i * 3), static_cast<char>('a' + i % 26));
      bytes += i % 2 ? test::client_text(payload) : test::client_binary(payload);
      expected.events.push_back(i % 2 ? test::text(payload) : test::binary(payload));
    }
    CHECK(read_all(bytes) == expected);
    CHECK(read_all(bytes, {}, 7) == expected);
    CHECK(read_all(bytes, {}, 1) == expected);
  }

  TEST_CASE("zero-length messages and fragments are legal") {
    CHECK(is_same_at_every_cut(test::client_text(""), {{test::text("")}, {}}));
    CHECK(is_same_at_every_cut(test::client_binary(""), {{test::binary("")}, {}}));
    CHECK(is_same_at_every_cut(fragment(0x1, "") + fragment(0x0, "") + last_fragment(""),
                               {{test::text("")}, {}}));
    CHECK(is_same_at_every_cut(fragment(0x2, "") + fragment(0x0, "ab") + last_fragment(""),
                               {{test::binary("ab")}, {}}));
  }

  TEST_CASE("the kind of a fragmented message is that of its first frame") {
    CHECK(is_same_at_every_cut(fragment(0x1, "a") + last_fragment("b"), {{test::text("ab")}, {}}));
    CHECK(is_same_at_every_cut(fragment(0x2, "\xff") + last_fragment("b"), {{test::binary("\xff\x62")}, {}}));
  }

  TEST_CASE("control frames may come between the fragments of a message, and are told at once") {
    const std::string bytes = fragment(0x1, "a") + test::client_ping("p") + fragment(0x0, "b") +
                              client_frame(0xA, "q") + test::client_ping() + last_fragment("c");
    CHECK(is_same_at_every_cut(bytes,
                               {{test::ping("p"), test::pong("q"), test::ping(), test::text("abc")}, {}}));
    CHECK(is_same_at_every_cut(fragment(0x1, "a") + client_close(1000, "bye"),
                               {{test::close(CloseCode::normal, "bye")}, {}}));
  }

  TEST_CASE("a continuation without a started message: 1002") {
    CHECK(is_same_at_every_cut(last_fragment("a"), {{}, Error::nothing_to_continue}));
    CHECK(is_same_at_every_cut(fragment(0x0, "a"), {{}, Error::nothing_to_continue}));
    CHECK(is_same_at_every_cut(test::client_text("a") + last_fragment("b"),
                               {{test::text("a")}, Error::nothing_to_continue}));
    CHECK(is_same_at_every_cut(fragment(0x1, "a") + last_fragment("b") + last_fragment("c"),
                               {{test::text("ab")}, Error::nothing_to_continue}));
    CHECK(close_code_for(Error::nothing_to_continue) == CloseCode::protocol_error);
  }

  TEST_CASE("a new data frame inside a message: 1002") {
    for (const unsigned opcode : {0x1, 0x2}) {
      CHECK(is_same_at_every_cut(fragment(0x1, "a") + client_frame(opcode, "b"),
                                 {{}, Error::message_not_finished}));
      CHECK(
          is_same_at_every_cut(fragment(0x2, "") + fragment(opcode, ""), {{}, Error::message_not_finished}));
    }
    CHECK(close_code_for(Error::message_not_finished) == CloseCode::protocol_error);
  }

  TEST_CASE("text that is not UTF-8 as a whole: 1007, whatever the frames and cuts") {
    const std::string bad[] = {
        "\xff",
        "a\x80",
        "\xc3",
        "\xc3\x28",
        "\xc0\xaf",
        "\xed\xa0\x80",
        "\xf4\x90\x80\x80",
        "\xf0\x9f\x98",
        "h\xc3\xa9\xa9",
        std::string(40, 'x') + "\xfe" + std::string(40, 'x'),
    };
    for (const std::string& text : bad) {
      CAPTURE(test::to_hex(text));
      const Outcome expected{{}, Error::text_not_utf8};
      CHECK(is_same_at_every_cut(test::client_text(text), expected));
      CHECK(is_same_at_every_cut(fragment(0x1, text) + last_fragment(""), expected));
      for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        CAPTURE(cut);
        CHECK(read_all(fragment(0x1, text.substr(0, cut)) + last_fragment(text.substr(cut))) == expected);
      }
    }
    CHECK(close_code_for(Error::text_not_utf8) == CloseCode::invalid_payload);
  }

  TEST_CASE("a character may be split over fragments and reads at any point") {
    const std::string text = "\xce\xba\xe1\xbd\xb9\xf0\x9f\x98\x80!";  // 2, 3, 4 and 1 bytes
    for (std::size_t i = 0; i <= text.size(); ++i) {
      for (std::size_t j = i; j <= text.size(); ++j) {
        CAPTURE(i);
        CAPTURE(j);
        const std::string bytes = fragment(0x1, text.substr(0, i)) + fragment(0x0, text.substr(i, j - i)) +
                                  last_fragment(text.substr(j));
        REQUIRE(read_all(bytes) == Outcome{{test::text(text)}, {}});
        REQUIRE(read_all(bytes, {}, 1) == Outcome{{test::text(text)}, {}});
      }
    }
  }

  TEST_CASE("text that cannot become UTF-8 fails with its first wrong byte, not at the end of the message") {
    CHECK(read_all(fragment(0x1, "\xce\xba\xff")) == Outcome{{}, Error::text_not_utf8});
    // of a frame of 100 bytes only four have come
    CHECK(read_all(test::client_header(0x1, 100) + from_hex("c0 4d c3 d4")) ==
          Outcome{{}, Error::text_not_utf8});
    CHECK(read_all(test::client_header(0x1, 100) + from_hex("c0 d3 a2 b5")) == Outcome{});
    // an ASCII byte where a continuation byte is due
    CHECK(read_all(fragment(0x1, "\xe2\x82") + fragment(0x0, "a")) == Outcome{{}, Error::text_not_utf8});
  }

  TEST_CASE("binary is not checked") {
    CHECK(is_same_at_every_cut(test::client_binary("\xff\xc3"), {{test::binary("\xff\xc3")}, {}}));
    CHECK(is_same_at_every_cut(fragment(0x2, "\xff") + last_fragment("\xc3"),
                               {{test::binary("\xff\xc3")}, {}}));
  }

  TEST_CASE("a text does not fall back on the UTF-8 state of an earlier one") {
    CHECK(read_all(fragment(0x1, "\xc3") + last_fragment("\xa9") + fragment(0x1, "\xa9") +
                   last_fragment("")) == Outcome{{test::text("\xc3\xa9")}, Error::text_not_utf8});
  }

  TEST_CASE("an error is final: every later call answers it again") {
    const Limits limits{};
    MessageReader reader(limits);
    std::string bad = last_fragment("a"), good = test::client_text("a");
    Incoming incoming;
    std::span<char> input(bad);
    CHECK(reader.read(input, incoming) == Error::nothing_to_continue);
    input = good;
    CHECK(reader.read(input, incoming) == Error::nothing_to_continue);
    CHECK(incoming.kind == Incoming::Kind::nothing);
  }
}

TEST_SUITE("websocket close frames") {
  TEST_CASE("a close frame is empty, or has a code and a reason in UTF-8") {
    CHECK(is_same_at_every_cut(client_close(), {{test::close(CloseCode::no_status)}, {}}));
    CHECK(is_same_at_every_cut(client_close(1000), {{test::close(CloseCode::normal)}, {}}));
    CHECK(is_same_at_every_cut(client_close(1001, "gr\xc3\xbc\xc3\x9f"),
                               {{test::close(CloseCode::going_away, "gr\xc3\xbc\xc3\x9f")}, {}}));
    const std::string longest(123, 'r');
    CHECK(is_same_at_every_cut(client_close(4999, longest), {{test::close(CloseCode{4999}, longest)}, {}}));
  }

  TEST_CASE("a close payload of one byte: 1002") {
    CHECK(is_same_at_every_cut(client_frame(0x8, "\x03"), {{}, Error::close_payload_too_short}));
    CHECK(close_code_for(Error::close_payload_too_short) == CloseCode::protocol_error);
  }

  TEST_CASE("a close reason that is not UTF-8: 1007") {
    CHECK(is_same_at_every_cut(client_close(1000, "\xff"), {{}, Error::close_reason_not_utf8}));
    CHECK(is_same_at_every_cut(client_close(1000, "\xc3"), {{}, Error::close_reason_not_utf8}));
    CHECK(close_code_for(Error::close_reason_not_utf8) == CloseCode::invalid_payload);
  }

  TEST_CASE("valid codes on the wire are 1000-1003, 1007-1014 and 3000-4999; every other one: 1002") {
    for (unsigned code = 0; code <= 0xFFFF; ++code) {
      const bool is_valid =
          (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
      const std::string payload{static_cast<char>(code >> 8), static_cast<char>(code)};
      const Outcome outcome = read_all(client_frame(0x8, payload));
      CAPTURE(code);
      if (is_valid) {
        REQUIRE(outcome == Outcome{{test::close(static_cast<CloseCode>(code))}, {}});
      } else {
        REQUIRE(outcome == Outcome{{}, Error::close_code_not_allowed});
      }
    }
    CHECK(close_code_for(Error::close_code_not_allowed) == CloseCode::protocol_error);
  }
}

}  // namespace banter::websocket
