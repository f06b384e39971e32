// Reading, writing and back-pressure.
#include "loop/stream.h"

#include <doctest/doctest.h>

#include <array>
#include <string>

#include "loop/error.h"
#include "support.h"

using namespace banter::loop;
using namespace banter::loop::test;
using namespace std::chrono_literals;
using banter::SendResult;

namespace {

constexpr std::size_t mebibyte = 1024 * 1024;

// Writes until the kernel takes no more: something is then left over.
void fill(Harness& harness, Recorder& recorder) {
  const std::string block(256 * 1024, 'f');
  while (!recorder.stream->has_left_over()) {
    REQUIRE(recorder.stream->write(block) != SendResult::dropped);
    harness.loop.flush();
  }
}

}  // namespace

TEST_SUITE("stream") {
  TEST_CASE("what the peer sends arrives in order") {
    Harness harness;
    Peer peer(harness.port());
    const auto recorder = harness.accept();
    const std::string text = pattern(300'000);
    std::size_t sent = 0;
    harness.run_until([&] {
      sent += peer.send(std::string_view(text).substr(sent));
      return recorder->received.size() == text.size();
    });
    CHECK(recorder->received == text);
    CHECK(recorder->ends == 0);
  }

  TEST_CASE("what is written arrives whole and in order, at any size") {
    Harness harness({.high_water = mebibyte, .max_queue = 64 * mebibyte});
    for (const std::size_t size : {std::size_t{1}, std::size_t{255}, std::size_t{257}, std::size_t{65'536},
                                   std::size_t{1'000'003}, 30 * mebibyte}) {
      CAPTURE(size);
      Peer peer(harness.port());
      const auto recorder = harness.accept();
      const std::string text = pattern(size);
      CHECK(recorder->stream->write(text) == (size > mebibyte ? SendResult::queued : SendResult::sent));
      CHECK(recorder->stream->buffered() == size);
      harness.run_until([&] {
        peer.read();
        return peer.received.size() >= size;
      });
      CHECK((peer.received == text));
      harness.run_until([&] { return recorder->stream->buffered() == 0; });
      CHECK(recorder->drains == (size > mebibyte ? 1 : 0));
    }
  }

  TEST_CASE("many small and shared entries arrive in order at a slow reader") {
    Harness harness({.high_water = mebibyte, .max_queue = 64 * mebibyte});
    Peer peer(harness.port(), slow_reader);
    const auto recorder = harness.accept();
    std::string expected;
    for (std::size_t i = 0; i < 3000; ++i) {
      const std::string head = std::to_string(i) + ":";
      const auto shared = banter::base::SharedBytes::take(pattern(i));
      const std::array<Piece, 2> entry{Piece{head}, Piece{shared.view(), &shared}};
      REQUIRE(recorder->stream->write(entry) != SendResult::dropped);
      expected.append(head).append(shared.view());
      if (i % 100 == 0) harness.run_turns(1);
      if (i % 37 == 0) peer.read(5000);
    }
    harness.run_until([&] {
      peer.read(50'000);
      return peer.received.size() >= expected.size();
    });
    CHECK((peer.received == expected));
  }

  TEST_CASE("everything written in one turn leaves with one flush, what a timer writes in the same turn") {
    Harness harness;
    Peer peer(harness.port());
    const auto recorder = harness.accept();
    struct Timer {
      void on_deadline() { stream.write("from a timer"); }
      Stream& stream;
      Deadline deadline{*this, Deadline::Calls<&Timer::on_deadline>{}};
    } timer{*recorder->stream};
    timer.deadline.set(harness.loop.wheel(), harness.loop.now() + 1ms);
    bool has_left = false;
    while (!has_left) {
      uv_run(harness.loop.uv(), UV_RUN_NOWAIT);
      CHECK(recorder->stream->buffered() == 0);  // never waits for another turn
      peer.read();
      has_left = peer.received == "from a timer";
    }
  }

  TEST_CASE("says sent, queued and, to a policy of drop, dropped") {
    Harness harness({.high_water = 64 * mebibyte, .max_queue = 128 * mebibyte});
    Peer peer(harness.port(), slow_reader);
    const auto recorder = harness.accept();
    Stream& stream = *recorder->stream;
    const Piece volatile_piece{"volatile"};
    CHECK(stream.write("one") == SendResult::sent);
    CHECK(stream.write({&volatile_piece, 1}, Policy::drop) == SendResult::sent);
    fill(harness, *recorder);
    const std::size_t before = stream.buffered();
    CHECK(stream.write({&volatile_piece, 1}, Policy::drop) == SendResult::dropped);
    CHECK(stream.buffered() == before);
    CHECK(stream.write("two") == SendResult::queued);
    CHECK(stream.buffered() == before + 3);

    // Right up to the flush in which the last byte leaves.
    harness.run_until([&] {
      peer.read(100'000);
      return !stream.has_left_over();
    });
    CHECK(stream.buffered() == 0);
    CHECK(stream.write({&volatile_piece, 1}, Policy::drop) == SendResult::sent);
  }

  TEST_CASE("a write beyond max_queue is dropped and ends the stream later, not inside the call") {
    Harness harness({.high_water = 100, .max_queue = 1000});
    Peer peer(harness.port());
    const auto recorder = harness.accept();
    CHECK(recorder->stream->write(std::string(1000, 'x')) == SendResult::queued);
    CHECK(recorder->stream->write("x") == SendResult::dropped);
    CHECK(recorder->ends == 0);
    CHECK(recorder->stream->write("x") == SendResult::closed);
    harness.run_turns(3);
    CHECK(recorder->ends == 1);
    CHECK(recorder->error == Error::slow_consumer);
  }

  TEST_CASE("on_drain comes once, at half of high_water") {
    Harness harness({.high_water = mebibyte, .max_queue = 64 * mebibyte});
    Peer peer(harness.port(), slow_reader);
    const auto recorder = harness.accept();
    std::size_t left_at_drain = SIZE_MAX;
    recorder->when_drain = [&] { left_at_drain = recorder->stream->buffered(); };
    const std::size_t size = 20 * mebibyte;
    CHECK(recorder->stream->write(std::string(size, 'x')) == SendResult::queued);
    harness.run_until([&] {
      peer.read(64 * 1024);
      const bool is_above = recorder->stream->buffered() > mebibyte / 2;
      CHECK(recorder->drains == (is_above ? 0 : recorder->drains));
      return peer.received.size() >= size;
    });
    CHECK(recorder->drains == 1);
    CHECK(left_at_drain <= mebibyte / 2);
    CHECK(left_at_drain > 0);  // in time to go on without a gap
  }

  TEST_CASE("a handler that writes from on_drain can go on for ever without holding up the loop") {
    Harness harness({.high_water = 1000, .max_queue = 64 * mebibyte});
    Peer peer(harness.port());
    const auto recorder = harness.accept();
    const std::string block(2000, 'x');
    recorder->when_drain = [&] { recorder->stream->write(block); };
    recorder->stream->write(block);
    harness.loop.flush();
    CHECK(recorder->drains < 20);  // the kernel takes a thousand times as much
    harness.run_until([&] {
      peer.read();
      return peer.received.size() > 100'000;
    });
    CHECK(recorder->drains > 20);
  }

  TEST_CASE("above high_water a peer that takes nothing for stall_timeout is ended") {
    Harness harness({.high_water = 1000, .max_queue = 64 * mebibyte, .stall_timeout = 20ms});
    Peer peer(harness.port(), slow_reader);
    const auto recorder = harness.accept();

    SUBCASE("filled at once") {
      recorder->stream->write(std::string(20 * mebibyte, 'x'));
    }
    SUBCASE("grown above high_water behind a request that is under way") {
      harness.settings.high_water = 32 * mebibyte;
      fill(harness, *recorder);
      harness.settings.high_water = recorder->stream->buffered() + 10;
      recorder->stream->write(std::string(100, 'x'));
    }
    const TimePoint begin = harness.loop.now();
    harness.run_until([&] { return recorder->ends > 0; });
    CHECK(recorder->error == Error::stalled);
    CHECK(harness.loop.now() - begin >= 20ms);
    harness.run_turns(10);
    peer.read();
    harness.run_turns(10);
    CHECK(recorder->ends == 1);
  }

  TEST_CASE("a slow but steady reader is not ended, nor one that has caught up") {
    Harness harness({.high_water = 1000, .max_queue = 64 * mebibyte, .stall_timeout = 150ms});
    Peer peer(harness.port(), slow_reader);
    const auto recorder = harness.accept();
    const std::size_t size = 16 * mebibyte;
    recorder->stream->write(std::string(size, 'x'));
    TimePoint last = harness.loop.now();
    harness.run_until([&] {
      if (harness.loop.now() > last) peer.read(32 * 1024);
      last = harness.loop.now();
      return peer.received.size() == size || recorder->ends > 0;
    });
    CHECK(peer.received.size() == size);
    const TimePoint end = harness.loop.now() + 300ms;
    harness.run_until([&] { return harness.loop.now() >= end; });
    CHECK(recorder->ends == 0);
  }

  TEST_CASE("a paused stream reads nothing, and the rest arrives when it goes on") {
    Harness harness;
    Peer peer(harness.port());
    const auto recorder = harness.accept();
    recorder->stream->pause();
    recorder->stream->pause();
    peer.send("hello");
    harness.run_turns(5);
    CHECK(recorder->received.empty());
    recorder->stream->resume();
    recorder->stream->resume();
    harness.run_until([&] { return recorder->received == "hello"; });
  }

  TEST_CASE("another handler can take over in the middle") {
    Harness harness;
    Peer peer(harness.port());
    const auto first = harness.accept();
    std::unique_ptr<Recorder> second;
    first->when_read = [&] { second = std::make_unique<Recorder>(std::move(first->stream)); };
    peer.send("a");
    harness.run_until([&] { return second != nullptr; });
    peer.send("b");
    harness.run_until([&] { return second->received == "b"; });
    CHECK(first->received == "a");
  }

  TEST_CASE("a stream may be destroyed in on_read, in on_drain and while a request is under way") {
    Harness harness({.high_water = 1000, .max_queue = 64 * mebibyte});
    Peer peer(harness.port(), slow_reader);
    const auto recorder = harness.accept();
    SUBCASE("on_read") {
      recorder->when_read = [&] { recorder->stream.reset(); };
      peer.send("x");
    }
    SUBCASE("on_drain of a flush") {
      recorder->when_drain = [&] { recorder->stream.reset(); };
      recorder->stream->write(std::string(2000, 'x'));
    }
    SUBCASE("on_drain of a request") {
      recorder->when_drain = [&] { recorder->stream.reset(); };
      recorder->stream->write(std::string(8 * mebibyte, 'x'));
    }
    SUBCASE("with a request under way") {
      fill(harness, *recorder);
      recorder->stream.reset();
    }
    SUBCASE("with output that has not been flushed") {
      recorder->stream->write("x");
      recorder->stream.reset();
    }
    harness.run_until([&] {
      peer.read();
      return !recorder->stream && (peer.has_ended || peer.error != 0);
    });
    CHECK(recorder->ends == 0);
  }

  TEST_CASE("knows its peer's address until the peer is gone") {
    Harness harness;
    Peer peer(harness.port());
    const auto recorder = harness.accept();
    CHECK(recorder->stream->peer().host == "127.0.0.1");
    CHECK(recorder->stream->peer().port != 0);
  }
}
