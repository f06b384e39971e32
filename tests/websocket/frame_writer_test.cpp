#include "websocket/frame_writer.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/hex.h"

namespace banter::websocket {

using test::to_hex;

TEST_SUITE("websocket frame writer") {
  TEST_CASE("headers are unmasked, final, and have the shortest length") {
    const struct {
      Opcode opcode;
      std::uint64_t length;
      const char* bytes;
    } table[] = {
        {Opcode::text, 0, "81 00"},
        {Opcode::text, 6, "81 06"},
        {Opcode::text, 28, "81 1c"},
        {Opcode::text, 125, "81 7d"},
        {Opcode::text, 126, "81 7e 00 7e"},
        {Opcode::text, 127, "81 7e 00 7f"},
        {Opcode::text, 256, "81 7e 01 00"},
        {Opcode::text, 65535, "81 7e ff ff"},
        {Opcode::text, 65536, "81 7f 00 00 00 00 00 01 00 00"},
        {Opcode::binary, 4, "82 04"},
        {Opcode::binary, std::uint64_t{1} << 31, "82 7f 00 00 00 00 80 00 00 00"},
        {Opcode::binary, std::uint64_t{1} << 32, "82 7f 00 00 00 01 00 00 00 00"},
        {Opcode::binary, (std::uint64_t{1} << 63) - 1, "82 7f 7f ff ff ff ff ff ff ff"},
        {Opcode::close, 0, "88 00"},
        {Opcode::ping, 0, "89 00"},
        {Opcode::pong, 2, "8a 02"},
        {Opcode::pong, 125, "8a 7d"},
    };
    for (const auto& row : table) {
      CAPTURE(row.bytes);
      CHECK(to_hex(FrameHeader(row.opcode, row.length).view()) == row.bytes);
    }
  }

  TEST_CASE("whole messages are header and payload, one behind the other") {
    std::string out;
    append_message(out, MessageKind::text, "3probe");
    append_message(out, MessageKind::binary, "\x01\x02\x03\x04");
    append_message(out, MessageKind::text, R"(42["ok"])");
    append_message(out, MessageKind::text, "");
    CHECK(to_hex(out) == "81 06 33 70 72 6f 62 65 82 04 01 02 03 04 81 08 34 32 5b 22 6f 6b 22 5d 81 00");
  }

  TEST_CASE("the message of the documented frame from a server: the same bytes, not masked") {
    std::string out;
    append_message(out, MessageKind::text, R"({"name":"msg","data":[12,5]})");
    CHECK(to_hex(out) ==
          "81 1c 7b 22 6e 61 6d 65 22 3a 22 6d 73 67 22 2c 22 64 61 74 61 22 3a 5b 31 32 2c 35 5d 7d");
  }

  TEST_CASE("CVE-2016-10518, CVE-2026-45736: every byte of a close payload is ours") {
    CHECK(to_hex(close_payload(CloseCode::normal)) == "03 e8");
    CHECK(to_hex(close_payload(CloseCode::protocol_error)) == "03 ea");
    CHECK(to_hex(close_payload(CloseCode::invalid_payload)) == "03 ef");
    CHECK(to_hex(close_payload(CloseCode::message_too_big)) == "03 f1");
    CHECK(to_hex(close_payload(CloseCode{4401}, "no")) == "11 31 6e 6f");
    CHECK(close_payload(CloseCode::no_status).empty());
    for (std::size_t length = 0; length <= 200; ++length) {
      CAPTURE(length);
      const std::string reason(length, 'r');
      CHECK(close_payload(CloseCode::normal, reason) == "\x03\xe8" + reason.substr(0, 123));
    }
  }

  TEST_CASE("messages that were written one after another are taken off in order, of every form of length") {
    const std::vector<std::size_t> lengths{0, 1, 125, 126, 127, 65535, 65536, 70000, 3};
    std::string written;
    for (const std::size_t length : lengths)
      append_message(written, length % 2 ? MessageKind::text : MessageKind::binary, std::string(length, 'x'));
    std::string_view frames = written;
    for (const std::size_t length : lengths) {
      CAPTURE(length);
      const WrittenMessage message = take_message(frames);
      CHECK(message.kind == (length % 2 ? MessageKind::text : MessageKind::binary));
      CHECK(message.payload == std::string(length, 'x'));
    }
    CHECK(frames.empty());
  }

  TEST_CASE("a compressed message has RSV1, and its compressed length (RFC 7692 section 7.2.3.1)") {
    CHECK(to_hex(FrameHeader(Opcode::text, 7, PayloadCoding::deflated).view()) == "c1 07");
    CHECK(to_hex(FrameHeader(Opcode::binary, 300, PayloadCoding::deflated).view()) == "c2 7e 01 2c");
  }

  TEST_CASE("a reason that is too long is cut between two characters") {
    for (std::size_t ascii = 115; ascii <= 123; ++ascii) {
      CAPTURE(ascii);
      const std::string reason = std::string(ascii, 'x') + "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80";
      const std::size_t characters = (123 - ascii) / 4;
      CHECK(fitting_reason(reason) == reason.substr(0, ascii + 4 * characters));
    }
  }

  TEST_CASE("a reason that is not UTF-8 is left out: the peer would have to fail the connection") {
    CHECK(fitting_reason("\xff") == "");
    CHECK(fitting_reason(std::string(200, 'x') + "\xc3") == "");
    CHECK(to_hex(close_payload(CloseCode::normal, "a\xff")) == "03 e8");
  }
}

}  // namespace banter::websocket
