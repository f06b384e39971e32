// What a peer may announce and send, and what it costs us.
#include <doctest/doctest.h>

#include <cstdint>
#include <string>

#include "tests/support/hex.h"
#include "tests/support/websocket_frames.h"
#include "tests/websocket/read_all.h"
#include "websocket/frame_writer.h"
#include "websocket/message_reader.h"

namespace banter::websocket {

using test::client_frame;
using test::client_header;
using test::Outcome;
using test::read_all;

namespace {

std::string describe_error_of(std::string bytes, const Limits& limits) {
  MessageReader reader(limits);
  Incoming incoming;
  std::span<char> input(bytes);
  std::error_code error;
  while (!error && !input.empty())
    error = reader.read(input, incoming);
  return reader.describe(error);
}

}  // namespace

TEST_SUITE("websocket limits") {
  TEST_CASE("lengths around every form of the header are read for what they are") {
    const Limits limits{.max_message = 200'000};
    for (const std::size_t length : {0, 1, 15, 16, 17, 124, 125, 126, 127, 128, 65534, 65535, 65536, 65537}) {
      CAPTURE(length);
      const std::string payload(length, 'x');
      const std::size_t header = length < 126 ? 6 : length <= 65535 ? 8 : 14;
      const std::string frame = test::client_text(payload);
      REQUIRE(frame.size() == header + length);
      CHECK(read_all(frame, limits) == Outcome{{test::text(payload)}, {}});
      CHECK(read_all(frame, limits, 4096) == Outcome{{test::text(payload)}, {}});
    }
  }

  TEST_CASE(
      "CVE-2016-10542, CVE-2018-21035, CVE-2022-35922: a huge announced length is 1009 before any payload") {
    for (const std::uint64_t length :
         {std::uint64_t{1'000'001}, std::uint64_t{1} << 31, (std::uint64_t{1} << 32) - 1,
          std::uint64_t{1} << 32, (std::uint64_t{1} << 32) + 1, std::uint64_t{1} << 62,
          (std::uint64_t{1} << 63) - 1}) {
      CAPTURE(length);
      const Outcome expected{{}, Error::message_too_big};
      CHECK(read_all(client_header(0x2, length)) == expected);
      CHECK(test::is_same_at_every_cut(client_header(0x2, length) + "abcd", expected));
      CHECK(read_all(client_header(0x2, length, {.is_final = false})) == expected);
    }
    CHECK(close_code_for(Error::message_too_big) == CloseCode::message_too_big);
  }

  TEST_CASE("CVE-2026-50161: sums of lengths near 2^32, 2^63 and 2^64 do not wrap around the limit") {
    const std::uint64_t near[] = {(std::uint64_t{1} << 32) - 5, (std::uint64_t{1} << 32) - 4,
                                  (std::uint64_t{1} << 63) - 5, (std::uint64_t{1} << 63) - 1};
    for (const std::uint64_t length : near) {
      for (const std::size_t first : {1, 4, 5, 6}) {
        CAPTURE(length);
        CAPTURE(first);
        const std::string bytes = client_frame(0x2, std::string(first, 'x'), {.is_final = false}) +
                                  client_header(0x0, length) + "abcd";
        CHECK(read_all(bytes, {.max_message = 10}) == Outcome{{}, Error::message_too_big});
      }
    }
    for (const char* header :
         {"82 ff ff ff ff ff ff ff ff ff 00 00 00 00", "82 ff ff ff ff ff ff ff ff f2 00 00 00 00"}) {
      CHECK(read_all(test::from_hex(header)) == Outcome{{}, Error::length_out_of_range});
    }
  }

  TEST_CASE("max_message holds for one frame and for the sum of the fragments, to the byte") {
    const Limits limits{.max_message = 10};
    const auto first = [](std::string_view payload) {
      return client_frame(0x2, payload, {.is_final = false});
    };
    const auto next = [](std::string_view payload) { return client_frame(0x0, payload); };
    CHECK(read_all(test::client_binary("0123456789"), limits) == Outcome{{test::binary("0123456789")}, {}});
    CHECK(read_all(test::client_binary("0123456789a"), limits) == Outcome{{}, Error::message_too_big});
    CHECK(read_all(first("01234") + next("56789"), limits) == Outcome{{test::binary("0123456789")}, {}});
    CHECK(read_all(first("01234") + next("56789a"), limits) == Outcome{{}, Error::message_too_big});
    CHECK(read_all(first("0123456789") + next(""), limits) == Outcome{{test::binary("0123456789")}, {}});
    CHECK(read_all(first("01234") + client_header(0x0, 6), limits) == Outcome{{}, Error::message_too_big});
    CHECK(test::is_same_at_every_cut(first("01234") + next("56789a"), {{}, Error::message_too_big}, limits));
    // a new message begins at zero, and control frames do not count
    CHECK(read_all(test::client_binary("0123456789") + test::client_ping("0123456789ab") +
                       test::client_binary("0123456789"),
                   limits)
              .events.size() == 3);
  }

  TEST_CASE("max_message of 0 admits the empty message only") {
    CHECK(read_all(test::client_text(""), {.max_message = 0}) == Outcome{{test::text("")}, {}});
    CHECK(read_all(test::client_text("a"), {.max_message = 0}) == Outcome{{}, Error::message_too_big});
  }

  TEST_CASE("CVE-2026-48779: the number of fragments is bound, empty ones count: 1008") {
    const auto fragments = [](std::size_t count) {
      std::string bytes = client_frame(0x1, "", {.is_final = false});
      for (std::size_t i = 2; i < count; ++i)
        bytes += client_frame(0x0, "", {.is_final = false});
      return bytes + client_frame(0x0, "");
    };
    CHECK(read_all(fragments(5), {.max_fragments = 5}) == Outcome{{test::text("")}, {}});
    CHECK(read_all(fragments(6), {.max_fragments = 5}) == Outcome{{}, Error::too_many_fragments});
    CHECK(read_all(fragments(65'536)) == Outcome{{test::text("")}, {}});  // public test suites send so many
    CHECK(read_all(fragments(131'072)) == Outcome{{test::text("")}, {}});
    CHECK(read_all(fragments(131'073)) == Outcome{{}, Error::too_many_fragments});
    CHECK(close_code_for(Error::too_many_fragments) == CloseCode::policy_violation);
  }

  TEST_CASE(
      "CVE-2026-48779: a message in one-byte fragments, or read byte by byte, costs its bytes and no more") {
    const std::string text(20'000, 'x');
    std::string bytes = client_frame(0x1, "x", {.is_final = false});
    for (std::size_t i = 2; i < text.size(); ++i)
      bytes += client_frame(0x0, "x", {.is_final = false});
    bytes += client_frame(0x0, "x");
    for (const std::string& input : {bytes, test::client_text(text)}) {
      const Limits limits{};
      MessageReader reader(limits);
      Incoming incoming;
      std::string copy = input;
      for (char& byte : copy) {
        std::span<char> one(&byte, 1);
        REQUIRE_FALSE(reader.read(one, incoming));
      }
      REQUIRE(incoming.kind == Incoming::Kind::message);
      CHECK(incoming.assembled == text);
      CHECK(incoming.assembled.capacity() <= 2 * text.size());
    }
  }

  TEST_CASE("what waits for its rest is as long as what has come, not as what was announced") {
    const Limits limits{.max_message = 1'000'000};
    MessageReader reader(limits);
    std::string bytes =
        client_frame(0x2, "abc", {.is_final = false}) + test::client_header(0x0, 900'000) + "xyz";
    Incoming incoming;
    std::span<char> input(bytes);
    REQUIRE_FALSE(reader.read(input, incoming));
    CHECK(input.empty());
    CHECK(reader.held() >= 6);
    CHECK(reader.held() < 100);
  }

  TEST_CASE("nothing is held when nothing is incomplete") {
    const Limits limits{};
    MessageReader reader(limits);
    Incoming incoming;
    std::string bytes = client_frame(0x1, std::string(500, 'a'), {.is_final = false}) +
                        test::client_ping("abc") + client_frame(0x0, "b");
    for (char& byte : bytes) {
      std::span<char> one(&byte, 1);
      REQUIRE_FALSE(reader.read(one, incoming));
    }
    CHECK(incoming.kind == Incoming::Kind::message);
    CHECK(reader.held() == 0);
    CHECK(sizeof(MessageReader) <= 72);
  }

  TEST_CASE("the words for the close frame name the limit and the size, or the rule") {
    CHECK(describe_error_of(client_header(0x1, 2'000'000), {}) ==
          "message too big: 2000000 bytes, the limit is 1000000");
    CHECK(describe_error_of(client_frame(0x1, "abc", {.is_final = false}) + client_header(0x0, 9),
                            {.max_message = 10}) == "message too big: 12 bytes, the limit is 10");
    CHECK(describe_error_of(client_frame(0x1, "", {.is_final = false}) + client_frame(0x0, ""),
                            {.max_fragments = 1}) == "message in too many fragments, the limit is 1");
    CHECK(describe_error_of(client_frame(0x1, "a", {.mask = ""}), {}) ==
          "frame not masked (RFC 6455 section 5.1)");
  }

  TEST_CASE("the words for every error fit into a close frame") {
    for (int value = 1; value <= static_cast<int>(Error::inflated_too_big); ++value) {
      const std::error_code error = static_cast<Error>(value);
      CAPTURE(error.message());
      CHECK(error.message() != "unknown error");
      CHECK(fitting_reason(error.message()) == error.message());
      CHECK(is_allowed_on_wire(close_code_for(static_cast<Error>(value))));
    }
    const Limits huge{.max_message = SIZE_MAX / 4};
    CHECK(describe_error_of(client_header(0x1, (std::uint64_t{1} << 63) - 1), huge).size() <=
          max_close_reason);
  }
}

}  // namespace banter::websocket
