// Compressed messages of a client (RFC 7692 sections 6 and 7.2).
#include <doctest/doctest.h>

#include "tests/support/hex.h"
#include "tests/support/websocket_frames.h"
#include "tests/websocket/deflate_client.h"
#include "tests/websocket/read_all.h"
#include "websocket/deflate.h"
#include "websocket/message_reader.h"

namespace banter::websocket {

using test::client_frame;
using test::from_hex;
using test::Outcome;

namespace {

constexpr DeflateAgreement no_context{};
constexpr DeflateAgreement keeps_context{.server_keeps_context = true, .client_keeps_context = true};

// What comes of `bytes` read as [0, cut) and then pieces of `chunk` bytes.
Outcome read_deflated(std::string_view bytes, const DeflateAgreement& agreement = no_context,
                      const Limits& limits = {}, std::size_t cut = 0, std::size_t chunk = SIZE_MAX) {
  const DeflateSettings settings;
  Compressors compressors(settings);
  PermessageDeflate deflate(agreement, compressors);
  MessageReader reader(limits);
  Outcome outcome;
  test::read_piece(reader, bytes.substr(0, cut), outcome, &deflate);
  for (std::size_t at = cut; at < bytes.size() && !outcome.error;) {
    const std::string_view piece = bytes.substr(at, chunk);
    test::read_piece(reader, piece, outcome, &deflate);
    at += piece.size();
  }
  return outcome;
}

bool reads_at_every_cut(std::string_view bytes, const Outcome& expected,
                        const DeflateAgreement& agreement = no_context, const Limits& limits = {}) {
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    if (read_deflated(bytes, agreement, limits, cut) != expected) return false;
  }
  for (std::size_t chunk = 1; chunk <= 20; ++chunk) {
    if (read_deflated(bytes, agreement, limits, 0, chunk) != expected) return false;
  }
  return true;
}

std::string deflated_frame(unsigned opcode, std::string_view payload, bool is_final = true) {
  return client_frame(opcode, payload, {.is_final = is_final, .reserved = 0x40});
}

std::string deflated_hex(const char* payload) {
  return deflated_frame(0x1, from_hex(payload));
}

}  // namespace

TEST_SUITE("compressed messages of a client") {
  TEST_CASE("the examples of RFC 7692 section 7.2.3 read as Hello, however they are cut") {
    for (const char* payload : {"f2 48 cd c9 c9 07 00", "00 05 00 fa ff 48 65 6c 6c 6f 00",
                                "f3 48 cd c9 c9 07 00 00", "f2 48 05 00 00 00 ff ff ca c9 c9 07 00"}) {
      CAPTURE(payload);
      CHECK(reads_at_every_cut(deflated_hex(payload), {{test::text("Hello")}, {}}));
    }
    CHECK(reads_at_every_cut(deflated_hex("00"), {{test::text("")}, {}}));
  }

  TEST_CASE("a fragmented one has RSV1 on its first frame; a ping in between; the same at every cut") {
    const std::string bytes = deflated_frame(0x1, from_hex("f2 48 cd"), false) + test::client_ping("p") +
                              client_frame(0x0, "", {.is_final = false}) +
                              client_frame(0x0, from_hex("c9 c9 07 00"));
    const Outcome expected{{test::ping("p"), test::text("Hello")}, {}};
    CHECK(reads_at_every_cut(bytes, expected));
    CHECK(reads_at_every_cut(bytes, expected, keeps_context));
  }

  TEST_CASE("binary stays binary, and messages that are not compressed stay legal in between") {
    const std::string bytes = deflated_frame(0x2, from_hex("f2 48 cd c9 c9 07 00")) +
                              test::client_text("plain") + deflated_hex("f2 48 cd c9 c9 07 00") +
                              client_frame(0x2, "a", {.is_final = false}) + client_frame(0x0, "b");
    CHECK(reads_at_every_cut(
        bytes, {{test::binary("Hello"), test::text("plain"), test::text("Hello"), test::binary("ab")}, {}}));
  }

  TEST_CASE("with the client's context a message refers to those before; without, it is corrupt: 1007") {
    const std::string bytes =
        deflated_hex("f2 48 cd c9 c9 07 00") + test::client_text("plain") + deflated_hex("f2 00 11 00 00");
    const DeflateAgreement client_only{.client_keeps_context = true};
    const DeflateAgreement server_only{.server_keeps_context = true};
    const Outcome both{{test::text("Hello"), test::text("plain"), test::text("Hello")}, {}};
    const Outcome first{{test::text("Hello"), test::text("plain")}, Error::corrupt_deflate};
    CHECK(reads_at_every_cut(bytes, both, client_only));
    CHECK(reads_at_every_cut(bytes, first, server_only));
    CHECK(close_code_for(Error::corrupt_deflate) == CloseCode::invalid_payload);
  }

  TEST_CASE("two connections with contexts of their own do not disturb each other, nor those without") {
    const DeflateSettings settings;
    Compressors compressors(settings);
    const Limits limits;
    struct End {
      PermessageDeflate deflate;
      MessageReader reader;
      test::DeflateClient client;
      Outcome outcome, expected;
    };
    End ends[3] = {{{keeps_context, compressors}, MessageReader(limits), test::DeflateClient(), {}, {}},
                   {{keeps_context, compressors}, MessageReader(limits), test::DeflateClient(), {}, {}},
                   {{no_context, compressors}, MessageReader(limits), test::DeflateClient(), {}, {}}};
    for (int i = 0; i < 20; ++i) {
      for (End& end : ends) {
        const std::string message = std::to_string(&end - ends) + " says the same again " + std::to_string(i);
        const bool is_third = &end == &ends[2];
        const std::string frame = is_third ? test::DeflateClient().text(message) : end.client.text(message);
        test::read_piece(end.reader, frame, end.outcome, &end.deflate);
        end.expected.events.push_back(test::text(message));
      }
    }
    for (const End& end : ends)
      CHECK(end.outcome == end.expected);
  }

  TEST_CASE("every window a client may have agreed on is read") {
    for (const int bits : {9, 10, 12, 15}) {
      CAPTURE(bits);
      test::DeflateClient client(bits);
      const DeflateAgreement agreement{.client_window_bits = static_cast<std::uint8_t>(bits),
                                       .client_keeps_context = true};
      std::string bytes;
      Outcome expected;
      for (int i = 0; i < 50; ++i) {
        const std::string message = std::string(static_cast<std::size_t>(100 + i), 'x') + std::to_string(i);
        bytes += client.text(message);
        expected.events.push_back(test::text(message));
      }
      CHECK(read_deflated(bytes, agreement) == expected);
    }
    // A client whose zlib cannot do 256 bytes uses 512.
    test::DeflateClient client(9);
    const std::string message(600, 'x');
    CHECK(read_deflated(client.text(message), {.client_window_bits = 8, .client_keeps_context = true}) ==
          Outcome{{test::text(message)}, {}});
  }

  TEST_CASE("RSV1 on a continuation or control frame, RSV2, RSV3: 1002 also where compression is agreed") {
    const std::string begun = deflated_frame(0x1, from_hex("f2 48 cd"), false);
    for (const unsigned opcode : {0x0, 0x8, 0x9, 0xA}) {
      CAPTURE(opcode);
      CHECK(reads_at_every_cut(begun + deflated_frame(opcode, "a"), {{}, Error::reserved_bit}));
      CHECK(reads_at_every_cut(deflated_frame(opcode, ""), {{}, Error::reserved_bit}));
    }
    for (const std::uint8_t bits : {0x60, 0x50, 0x20, 0x10, 0x70}) {
      CHECK(reads_at_every_cut(client_frame(0x1, "a", {.reserved = bits}), {{}, Error::reserved_bit}));
    }
  }

  TEST_CASE("RSV1 without the extension: 1002, however the frame is cut") {
    CHECK(test::is_same_at_every_cut(deflated_hex("f2 48 cd c9 c9 07 00"), {{}, Error::reserved_bit}));
    CHECK(test::is_same_at_every_cut(deflated_frame(0x2, "", false), {{}, Error::reserved_bit}));
  }

  TEST_CASE("a corrupt message: 1007") {
    for (const char* payload : {"", "06", "ff ff ff ff", "f2 48 cd", "00 05 00 fa fe 48 65 6c 6c 6f 00"}) {
      CAPTURE(payload);
      CHECK(reads_at_every_cut(test::client_text("hi") + deflated_hex(payload),
                               {{test::text("hi")}, Error::corrupt_deflate}));
    }
  }

  TEST_CASE("text is checked for UTF-8 as it inflates to, not as it comes: 1007") {
    test::DeflateClient client;
    CHECK(reads_at_every_cut(client.text("gr\xc3\xbc\xc3\x9f"), {{test::text("gr\xc3\xbc\xc3\x9f")}, {}}));
    for (const char* bad : {"\xff", "a\xc3", "\xed\xa0\x80"}) {
      const std::string payload = test::DeflateClient().deflated(bad);
      CHECK(reads_at_every_cut(deflated_frame(0x1, payload), {{}, Error::text_not_utf8}));
      CHECK(reads_at_every_cut(
          deflated_frame(0x1, payload.substr(0, 1), false) + client_frame(0x0, payload.substr(1)),
          {{}, Error::text_not_utf8}));
      CHECK(reads_at_every_cut(deflated_frame(0x2, payload), {{test::binary(bad)}, {}}));
    }
  }

  TEST_CASE("max_message holds for the compressed length, before its payload, and for what comes out: 1009") {
    const Limits limits{.max_message = 100};
    const std::string hundred(100, 'x');
    CHECK(read_deflated(test::DeflateClient().text(hundred), no_context, limits) ==
          Outcome{{test::text(hundred)}, {}});
    CHECK(reads_at_every_cut(test::DeflateClient().text(hundred + "x"), {{}, Error::inflated_too_big},
                             no_context, limits));
    CHECK(read_deflated(test::client_header(0x1, 101, {.reserved = 0x40}), no_context, limits) ==
          Outcome{{}, Error::message_too_big});
    CHECK(read_deflated(deflated_frame(0x1, "a", false) + test::client_header(0x0, 100), no_context,
                        limits) == Outcome{{}, Error::message_too_big});
    CHECK(close_code_for(Error::inflated_too_big) == CloseCode::message_too_big);
  }

  TEST_CASE("CVE-2018-1000518: a deflate bomb is stopped at max_message") {
    const std::string payload = test::DeflateClient().deflated(std::string(50'000'000, 'x'));
    REQUIRE(payload.size() < 100'000);
    const DeflateSettings settings;
    Compressors compressors(settings);
    PermessageDeflate deflate(no_context, compressors);
    const Limits limits{.max_message = 200'000};
    MessageReader reader(limits);
    Incoming incoming;
    std::string bytes = deflated_frame(0x1, payload);
    std::span<char> input(bytes);
    CHECK(reader.read(input, incoming, &deflate) == Error::inflated_too_big);
    CHECK(incoming.kind == Incoming::Kind::nothing);
    CHECK(incoming.assembled.capacity() <= limits.max_message);
    CHECK(reader.describe(Error::inflated_too_big) ==
          "compressed message inflates too big, the limit is 200000");
    CHECK(reader.read(input, incoming, &deflate) == Error::inflated_too_big);
    // The shared inflater serves the next connection as if nothing had been.
    std::string message;
    CHECK(deflate.inflate(message, from_hex("f2 48 cd c9 c9 07 00"), 5) == Error{});
    CHECK(message == "Hello");
  }
}

}  // namespace banter::websocket
