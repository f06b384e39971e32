// permessage-deflate on an open connection: what is compressed, with which context, and what is shared.
#include <doctest/doctest.h>

#include "tests/websocket/connection_fixture.h"
#include "tests/websocket/deflate_client.h"
#include "websocket/connection.h"
#include "websocket/deflate.h"
#include "websocket/frame_writer.h"

namespace banter::websocket {

using test::ConnectionFixture;
using test::from_hex;
using test::RawClient;
using test::to_hex;

namespace {

constexpr DeflateAgreement no_context{};
constexpr DeflateAgreement keeps_context{.server_keeps_context = true, .client_keeps_context = true};

base::SharedBytes plain_frames(std::initializer_list<std::string_view> texts) {
  std::string frames;
  for (const std::string_view text : texts)
    append_message(frames, MessageKind::text, text);
  return base::SharedBytes::take(std::move(frames));
}

}  // namespace

TEST_SUITE("websocket connection with permessage-deflate") {
  TEST_CASE_FIXTURE(ConnectionFixture, "without context each message is the same frame (RFC 7692 7.2.3.1)") {
    agreement = no_context;
    deflate_settings.threshold = 0;
    RawClient client = connect();
    connection->send(MessageKind::text, "Hello");
    connection->send(MessageKind::text, "Hello");
    CHECK(to_hex(client.read(18)) == "c1 07 f2 48 cd c9 c9 07 00 c1 07 f2 48 cd c9 c9 07 00");
    CHECK(counters.messages_sent.value() == 2);
    CHECK(counters.messages_deflated.value() == 2);
    CHECK(counters.bytes_before_deflate.value() == 10);
    CHECK(counters.bytes_after_deflate.value() == 14);
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "with our context a message refers to those before (7.2.3.2)") {
    agreement = keeps_context;
    deflate_settings.threshold = 0;
    RawClient client = connect();
    connection->send(MessageKind::binary, "Hello");
    connection->send(MessageKind::text, "Hello");
    connection->send(MessageKind::text, "");
    CHECK(to_hex(client.read(19)) == "c2 07 f2 48 cd c9 c9 07 00 c1 05 f2 00 11 00 00 c1 01 00");
  }

  TEST_CASE_FIXTURE(ConnectionFixture,
                    "messages from the threshold on are compressed, shorter ones are not") {
    agreement = no_context;
    RawClient client = connect();
    const std::string below(1023, 'x'), at(1024, 'x');
    connection->send(MessageKind::text, below);
    CHECK(client.read(4 + 1023) == plain_frames({below}).view());
    connection->send(MessageKind::text, at);
    const std::string head = client.read(2);
    CHECK(to_hex(head.substr(0, 1)) == "c1");
    CHECK(static_cast<unsigned char>(head[1]) < 30);
    CHECK(counters.messages_deflated.value() == 1);
  }

  TEST_CASE_FIXTURE(ConnectionFixture,
                    "Compress::no sends a message as it is, and the context stays in step") {
    agreement = keeps_context;
    deflate_settings.threshold = 0;
    RawClient client = connect();
    connection->send(MessageKind::text, "Hello");
    connection->send(MessageKind::text, "Other", loop::Policy::queue, Compress::no);
    connection->send(MessageKind::text, "Hello");
    CHECK(to_hex(client.read(23)) == "c1 07 f2 48 cd c9 c9 07 00 81 05 4f 74 68 65 72 c1 05 f2 00 11 00 00");
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "what may be taken out again stays out of a context") {
    const auto latest = [this](std::string_view text) {
      const loop::Piece piece{text};
      return connection->send(MessageKind::text, std::span(&piece, 1), loop::Policy::latest, Compress::yes,
                              "k");
    };
    deflate_settings.threshold = 0;
    SUBCASE("with context it goes out as it is, and the context stays in step") {
      agreement = keeps_context;
      RawClient client = connect();
      connection->send(MessageKind::text, "Hello");
      latest("Taken");
      latest("Other");
      connection->send_framed(plain_frames({"Frame"}), loop::Policy::latest, Compress::yes, "f");
      connection->send(MessageKind::text, "Hello");
      CHECK(to_hex(client.read(30)) ==
            "c1 07 f2 48 cd c9 c9 07 00 81 05 4f 74 68 65 72 81 05 46 72 61 6d 65 c1 05 f2 00 11 00 00");
    }
    SUBCASE("without context it is compressed as any other") {
      agreement = no_context;
      RawClient client = connect();
      latest("Taken");
      latest("Hello");
      CHECK(to_hex(client.read(9)) == "c1 07 f2 48 cd c9 c9 07 00");
    }
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "without the extension nothing is compressed") {
    deflate_settings.threshold = 0;
    RawClient client = connect();
    connection->send(MessageKind::text, "Hello", loop::Policy::queue, Compress::yes);
    connection->send_framed(plain_frames({"Hello"}), loop::Policy::queue, Compress::yes);
    CHECK(to_hex(client.read(14)) == "81 05 48 65 6c 6c 6f 81 05 48 65 6c 6c 6f");
    CHECK_FALSE(connection->shares_deflated());
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "of messages sent together the long ones are compressed") {
    agreement = keeps_context;
    deflate_settings.threshold = 10;
    RawClient client = connect();
    const auto attachment = base::SharedBytes::take(std::string(5000, 'b'));
    const loop::Piece text[] = {{"short"}, {""}};
    const loop::Piece binary[] = {{attachment.view(), &attachment}, {"and more"}};
    const OutgoingMessage messages[] = {
        {MessageKind::text, text}, {MessageKind::binary, binary}, {MessageKind::binary, binary}};
    CHECK(connection->send(messages) == SendResult::sent);
    CHECK(counters.messages_sent.value() == 3);
    CHECK(counters.messages_deflated.value() == 2);
    const std::string received = client.read(7 + 4 + counters.bytes_after_deflate.value());
    std::string_view frames = received;
    test::DeflateClient inflating;
    CHECK(inflating.take(frames) == "short");
    CHECK_FALSE(inflating.last_was_deflated);
    for (int i = 0; i < 2; ++i) {
      CHECK(inflating.take(frames) == std::string(5000, 'b') + "and more");
      CHECK(inflating.last_was_deflated);
    }
    CHECK(frames.empty());
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "compressed messages are told inflated, and counted") {
    agreement = keeps_context;
    RawClient client = connect();
    test::DeflateClient deflating;
    client.send(deflating.text("Hello"));
    client.send(test::client_text("plain"));
    client.send(deflating.text("Hello"));
    REQUIRE(wait_for_events(3));
    CHECK(events == std::vector{test::text("Hello"), test::text("plain"), test::text("Hello")});
    CHECK(counters.messages_inflated.value() == 2);
    CHECK(counters.messages_received.value() == 3);
    CHECK(counters.message_bytes_received.value() == 15);
  }

  TEST_CASE_FIXTURE(ConnectionFixture,
                    "a message that is corrupt, or inflates too big, ends the connection") {
    agreement = no_context;
    settings.limits.max_message = 1000;
    const std::pair<std::string, CloseCode> rows[] = {
        {test::client_frame(0x1, "\x06", {.reserved = 0x40}), CloseCode::invalid_payload},
        {test::DeflateClient().text(std::string(1001, 'x')), CloseCode::message_too_big},
    };
    std::uint64_t refusals = 0;
    for (const auto& [frame, code] : rows) {
      ends.clear();
      RawClient client = connect();
      client.send(frame);
      CHECK(end().code == code);
      CHECK(counters.inflate_refusals.value() == ++refusals);
    }
    CHECK(events.empty());
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "a volatile message that is left out does not get into the context") {
    agreement = keeps_context;
    deflate_settings.threshold = 0;
    RawClient client = connect(4096);
    std::vector<std::string> expected;
    const std::string chunk(60'000, 'x');
    do {  // until the kernel's buffers at both ends are full
      for (int i = 0; i < 20; ++i) {
        connection->send(MessageKind::binary, chunk, loop::Policy::queue, Compress::no);
        expected.push_back(chunk);
      }
      turn(50);
    } while (connection->buffered() < chunk.size());
    const auto left_out = plain_frames({"left out"});
    CHECK(connection->send(MessageKind::text, "left out", loop::Policy::drop) == SendResult::dropped);
    CHECK(connection->send_framed(left_out, loop::Policy::drop, Compress::yes) == SendResult::dropped);
    for (const char* message : {"left out and then some", "left out and then some more"}) {
      CHECK(connection->send(MessageKind::text, message) == SendResult::queued);
      expected.push_back(message);
    }
    const std::size_t size = 60'004 * (expected.size() - 2) + 4 + counters.bytes_after_deflate.value();
    const std::string received = client.read(size);
    std::string_view frames = received;
    test::DeflateClient inflating;
    for (const std::string& message : expected)
      REQUIRE(inflating.take(frames) == message);
    CHECK(counters.messages_deflated.value() == 2);
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "a message compressed once goes to many connections as it is") {
    agreement = no_context;
    std::string frame;
    append_deflated_message(frame, MessageKind::text, std::string(5000, 's'), compressors.deflater());
    const auto shared = base::SharedBytes::take(frame);
    RawClient client = connect();
    CHECK(connection->shares_deflated());
    CHECK(connection->send_framed(shared) == SendResult::sent);
    CHECK(connection->send_framed(shared) == SendResult::sent);
    const std::string received = client.read(2 * frame.size());
    CHECK(received == frame + frame);
    std::string_view frames = received;
    test::DeflateClient inflating;
    for (int i = 0; i < 2; ++i) {
      inflating.forget();
      CHECK(inflating.take(frames) == std::string(5000, 's'));
    }
    CHECK(counters.messages_deflated.value() == 0);
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "who keeps a context, or has a smaller window, does not share") {
    const std::pair<DeflateAgreement, bool> rows[] = {
        {{15, 15, false, false}, true}, {{15, 9, false, true}, true},   {{14, 15, false, false}, false},
        {{15, 15, true, false}, false}, {{9, 15, false, false}, false},
    };
    for (const auto& [row, shares] : rows)
      CHECK(PermessageDeflate(row, compressors).takes_shared() == shares);
    deflate_settings.window_bits = 12;
    CHECK(PermessageDeflate({12, 15, false, false}, compressors).takes_shared());
  }

  TEST_CASE_FIXTURE(ConnectionFixture,
                    "shared frames are compressed anew for a connection with its context") {
    agreement = keeps_context;
    deflate_settings.threshold = 10;
    RawClient client = connect();
    const std::string medium(200, 'm'), large(70'000, 'l');
    const auto frames_sent = plain_frames({"short", medium, large});
    CHECK(connection->send_framed(frames_sent, loop::Policy::queue, Compress::yes) == SendResult::sent);
    CHECK(connection->send_framed(frames_sent, loop::Policy::queue, Compress::yes) == SendResult::sent);
    CHECK(counters.messages_sent.value() == 6);
    const std::string received = client.read(14 + 4 * 2 + counters.bytes_after_deflate.value());
    std::string_view frames = received;
    test::DeflateClient inflating;
    for (int i = 0; i < 2; ++i) {
      CHECK(inflating.take(frames) == "short");
      CHECK(inflating.take(frames) == medium);
      CHECK(inflating.take(frames) == large);
      CHECK(inflating.last_was_deflated);
    }
    CHECK(connection->send_framed(frames_sent) == SendResult::sent);
    CHECK(client.read(frames_sent.view().size()) == frames_sent.view());
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "a smaller window than that of the shared frames is kept to") {
    agreement = DeflateAgreement{.server_window_bits = 9};
    deflate_settings.threshold = 0;
    RawClient client = connect();
    std::string far_apart = "a phrase that comes back";
    for (int i = 0; i < 500; ++i)
      far_apart += static_cast<char>('!' + i * 7919 % 89);
    far_apart += "a phrase that comes back";
    std::string wide;
    append_deflated_message(wide, MessageKind::text, far_apart, compressors.deflater());
    connection->send_framed(plain_frames({far_apart}), loop::Policy::queue, Compress::yes);
    CHECK(counters.bytes_after_deflate.value() > wide.size());
    const std::string received = client.read(4 + counters.bytes_after_deflate.value());
    std::string_view frames = received;
    CHECK(test::DeflateClient().take(frames) == far_apart);
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "a closed connection compresses nothing") {
    agreement = keeps_context;
    deflate_settings.threshold = 0;
    RawClient client = connect();
    connection->close();
    CHECK(connection->send(MessageKind::text, "Hello") == SendResult::closed);
    CHECK(connection->send_framed(plain_frames({"Hello"}), loop::Policy::queue, Compress::yes) ==
          SendResult::closed);
    CHECK(counters.messages_deflated.value() == 0);
  }

  TEST_CASE("the extension costs a connection that keeps no context some bytes and no compressor") {
    CHECK(sizeof(PermessageDeflate) <= 32);
  }
}

}  // namespace banter::websocket
