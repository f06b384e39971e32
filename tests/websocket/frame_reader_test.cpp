// Rules that one frame can break by itself (RFC 6455 sections 5.1, 5.2, 5.5).
#include "websocket/frame_reader.h"

#include <doctest/doctest.h>

#include "tests/support/hex.h"
#include "tests/support/websocket_frames.h"
#include "tests/websocket/read_all.h"

namespace banter::websocket {

using test::client_frame;
using test::client_header;
using test::from_hex;
using test::Outcome;
using test::read_all;

TEST_SUITE("websocket frame reader") {
  TEST_CASE("the documented masked frame unmasks to {\"name\":\"msg\",\"data\":[12,5]}, however it is cut") {
    const std::string frame = from_hex(
        "81 9c 11 2d f8 bd 6a 0f 96 dc 7c 48 da 87 33 40 8b da 33 01 da d9 70 59 99 9f 2b 76 c9 8f 3d 18 a5 "
        "c0");
    REQUIRE(frame.size() == 34);
    const Outcome expected{{test::text(R"({"name":"msg","data":[12,5]})")}, {}};
    CHECK(read_all(frame) == expected);
    CHECK(test::is_same_at_every_cut(frame, expected));
  }

  TEST_CASE("a payload that lies in the input is unmasked where it lies") {
    std::string bytes = test::client_text("hello");
    std::span<char> input(bytes);
    FrameReader reader;
    std::optional<FramePart> part;
    REQUIRE_FALSE(reader.read(input, part));
    REQUIRE(part.has_value());
    CHECK(part->begins);
    CHECK(part->ends);
    CHECK(part->payload.data() == bytes.data() + 6);
    CHECK(std::string(part->payload.begin(), part->payload.end()) == "hello");
    CHECK(input.empty());
  }

  TEST_CASE("the header is told as soon as it is complete, the payload in the parts it comes in") {
    std::string bytes = test::client_text("hello");
    FrameReader reader;
    std::optional<FramePart> part;
    std::span<char> input = std::span(bytes).first(6);
    REQUIRE_FALSE(reader.read(input, part));
    REQUIRE(part.has_value());
    CHECK(part->begins);
    CHECK_FALSE(part->ends);
    CHECK(part->length == 5);
    CHECK(part->payload.empty());
    input = std::span(bytes).subspan(6, 2);
    REQUIRE_FALSE(reader.read(input, part));
    CHECK(part->payload.size() == 2);
    CHECK_FALSE(part->begins);
    CHECK_FALSE(part->ends);
    input = std::span(bytes).subspan(8);
    REQUIRE_FALSE(reader.read(input, part));
    CHECK(part->ends);
    CHECK(bytes.substr(6) == "hello");
  }

  TEST_CASE("RSV1, RSV2 and RSV3 must be zero on every opcode if no extension is agreed on: 1002") {
    for (const std::uint8_t bit : {0x40, 0x20, 0x10, 0x70}) {
      for (const unsigned opcode : {0x0, 0x1, 0x2, 0x8, 0x9, 0xA}) {
        CAPTURE(bit);
        CAPTURE(opcode);
        const Outcome outcome = read_all(client_frame(opcode, "", {.reserved = bit}));
        CHECK(outcome == Outcome{{}, Error::reserved_bit});
      }
    }
    CHECK(close_code_for(Error::reserved_bit) == CloseCode::protocol_error);
  }

  TEST_CASE("frames of a client must be masked: 1002") {
    for (const unsigned opcode : {0x1, 0x2, 0x8, 0x9, 0xA}) {
      CAPTURE(opcode);
      CHECK(read_all(client_frame(opcode, "abc", {.mask = ""})) == Outcome{{}, Error::not_masked});
    }
    CHECK(close_code_for(Error::not_masked) == CloseCode::protocol_error);
  }

  TEST_CASE("a mask of zeros is a mask") {
    CHECK(read_all(client_frame(0x1, "abc", {.mask = std::string_view("\0\0\0\0", 4)})) ==
          Outcome{{test::text("abc")}, {}});
  }

  TEST_CASE("opcodes 3 to 7 and B to F are reserved: 1002") {
    for (const unsigned opcode : {0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF}) {
      CAPTURE(opcode);
      CHECK(read_all(client_frame(opcode, "")) == Outcome{{}, Error::reserved_opcode});
    }
    CHECK(close_code_for(Error::reserved_opcode) == CloseCode::protocol_error);
  }

  TEST_CASE("a length must be in its shortest form: 1002") {
    const std::pair<const char*, std::uint64_t> longer[] = {
        {"82 fe 00 00 a1 b2 c3 d4", 0},
        {"82 fe 00 7d a1 b2 c3 d4", 125},
        {"82 ff 00 00 00 00 00 00 00 00 a1 b2 c3 d4", 0},
        {"82 ff 00 00 00 00 00 00 00 7d a1 b2 c3 d4", 125},
        {"82 ff 00 00 00 00 00 00 00 7e a1 b2 c3 d4", 126},
        {"82 ff 00 00 00 00 00 00 ff ff a1 b2 c3 d4", 65535},
    };
    for (const auto& row : longer) {
      CAPTURE(row.second);
      CHECK(read_all(from_hex(row.first)) == Outcome{{}, Error::length_not_minimal});
    }
    CHECK(close_code_for(Error::length_not_minimal) == CloseCode::protocol_error);
  }

  TEST_CASE("the top bit of a 64-bit length must be zero: 1002") {
    for (const char* header :
         {"82 ff 80 00 00 00 00 00 00 00 a1 b2 c3 d4", "82 ff ff ff ff ff ff ff ff ff a1 b2 c3 d4",
          "82 ff 80 00 00 00 00 00 00 05 a1 b2 c3 d4"}) {
      CAPTURE(header);
      CHECK(read_all(from_hex(header)) == Outcome{{}, Error::length_out_of_range});
    }
    CHECK(close_code_for(Error::length_out_of_range) == CloseCode::protocol_error);
  }

  TEST_CASE("a control frame must have FIN: 1002") {
    for (const unsigned opcode : {0x8, 0x9, 0xA}) {
      CAPTURE(opcode);
      CHECK(read_all(client_frame(opcode, "", {.is_final = false})) ==
            Outcome{{}, Error::control_fragmented});
    }
    CHECK(close_code_for(Error::control_fragmented) == CloseCode::protocol_error);
  }

  TEST_CASE("a control frame's payload is at most 125 bytes long: 1002") {
    for (const unsigned opcode : {0x8, 0x9, 0xA}) {
      CAPTURE(opcode);
      CHECK(read_all(client_header(opcode, 126)) == Outcome{{}, Error::control_too_long});
      CHECK(read_all(client_header(opcode, 65536)) == Outcome{{}, Error::control_too_long});
    }
    const std::string longest(125, 'x');
    CHECK(read_all(test::client_ping(longest)) == Outcome{{test::ping(longest)}, {}});
    CHECK(close_code_for(Error::control_too_long) == CloseCode::protocol_error);
  }

  TEST_CASE("a wrong frame is the same error at every cut") {
    const std::pair<std::string, Error> wrong[] = {
        {client_frame(0x1, "abc", {.reserved = 0x20}), Error::reserved_bit},
        {client_frame(0x3, "abc"), Error::reserved_opcode},
        {client_frame(0x1, "abc", {.mask = ""}), Error::not_masked},
        {client_frame(0x9, "abc", {.is_final = false}), Error::control_fragmented},
        {from_hex("82 fe 00 05 a1 b2 c3 d4"), Error::length_not_minimal},
        {from_hex("82 ff 80 00 00 00 00 00 00 00 a1 b2 c3 d4"), Error::length_out_of_range},
    };
    for (const auto& row : wrong) {
      CAPTURE(row.second);
      const std::string behind_good_one = test::client_text("hi") + row.first;
      CHECK(test::is_same_at_every_cut(behind_good_one, {{test::text("hi")}, row.second}));
    }
  }

  TEST_CASE("an error is final: what follows is not read, and every later call answers it again") {
    std::string bytes = client_frame(0x3, "") + test::client_text("hi");
    std::span<char> input(bytes);
    FrameReader reader;
    std::optional<FramePart> part;
    CHECK(reader.read(input, part) == Error::reserved_opcode);
    CHECK_FALSE(part.has_value());
    std::string good = test::client_text("hi");
    input = good;
    CHECK(reader.read(input, part) == Error::reserved_opcode);
    CHECK_FALSE(part.has_value());
    CHECK(input.size() == good.size());
  }
}

}  // namespace banter::websocket
