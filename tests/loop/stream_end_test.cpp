// How streams end.
#include <doctest/doctest.h>

#include <string>

#include "loop/error.h"
#include "loop/stream.h"
#include "support.h"

using namespace banter::loop;
using namespace banter::loop::test;
using namespace std::chrono_literals;
using banter::SendResult;

namespace {

constexpr std::size_t mebibyte = 1024 * 1024;

}  // namespace

TEST_SUITE("end of a stream") {
  TEST_CASE("the peer ends its side: no error, and an answer written in on_end still arrives") {
    Harness harness;
    Peer peer(harness.port());
    const auto recorder = harness.accept();
    recorder->when_end = [&] { CHECK(recorder->stream->write("answer") == SendResult::sent); };
    peer.send("question");
    peer.end();
    harness.run_until([&] {
      peer.read();
      return !peer.received.empty();
    });
    CHECK(recorder->received == "question");
    CHECK(recorder->ends == 1);
    CHECK_FALSE(recorder->error);
    CHECK(peer.received == "answer");
  }

  TEST_CASE("the peer resets: an error of libuv's category, told once, and writes answer closed") {
    Harness harness;
    Peer peer(harness.port());
    const auto recorder = harness.accept();
    recorder->when_end = [&] { CHECK(recorder->stream->write("x") == SendResult::closed); };
    peer.reset();
    harness.run_until([&] { return recorder->ends > 0; });
    CHECK(recorder->error == std::error_code(UV_ECONNRESET, uv_category()));
    harness.run_turns(5);
    CHECK(recorder->ends == 1);
  }

  TEST_CASE("writing to a peer that is gone ends the stream, and does not kill the process with SIGPIPE") {
    Harness harness;
    Peer peer(harness.port());
    const auto recorder = harness.accept();
    recorder->stream->pause();
    peer.reset();
    harness.run_until([&] {
      recorder->stream->write("x");
      return recorder->ends > 0;
    });
    CHECK(recorder->error);
    CHECK(recorder->stream->write("x") == SendResult::closed);
    harness.run_turns(5);
    CHECK(recorder->ends == 1);
  }

  TEST_CASE("a peer that ends and then resets is told of once, to each handler that was started") {
    Harness harness;
    Peer peer(harness.port());
    const auto recorder = harness.accept();
    bool goes_on = false;
    SUBCASE("once") {}
    SUBCASE("again after start") {
      goes_on = true;
      recorder->when_end = [&] {
        if (recorder->ends == 1) recorder->stream->start(*recorder);
      };
    }
    peer.end();
    harness.run_until([&] { return recorder->ends > 0; });
    CHECK_FALSE(recorder->error);
    peer.reset();
    harness.run_until([&] { return recorder->stream->write("x") == SendResult::closed; });
    harness.run_turns(3);
    CHECK(recorder->ends == (goes_on ? 2 : 1));
    CHECK(static_cast<bool>(recorder->error) == goes_on);
  }

  TEST_CASE("a stream may be destroyed in on_end") {
    Harness harness({.high_water = 100, .max_queue = 1000});
    Peer peer(harness.port());
    const auto recorder = harness.accept();
    recorder->when_end = [&] { recorder->stream.reset(); };
    SUBCASE("after the peer's end") {
      peer.end();
    }
    SUBCASE("after a reset") {
      peer.reset();
    }
    SUBCASE("after slow_consumer") {
      recorder->stream->write(std::string(1001, 'x'));
    }
    harness.run_until([&] { return recorder->ends > 0; });
    harness.run_turns(3);
    CHECK(recorder->ends == 1);
  }
}

TEST_SUITE("finish") {
  TEST_CASE("the peer gets everything although it had sent what nobody read") {
    Harness harness({.high_water = mebibyte, .max_queue = 64 * mebibyte});
    Peer peer(harness.port(), slow_reader);
    const auto recorder = harness.accept();
    recorder->stream->pause();
    peer.send(std::string(10'000, 'u'));
    const std::string text = pattern(5 * mebibyte);
    recorder->stream->write(text);
    Stream::finish(std::move(recorder->stream), 10s);
    harness.run_until([&] {
      peer.send("more");
      peer.read(100'000);
      return peer.has_ended || peer.error != 0;
    });
    CHECK(peer.error == 0);
    CHECK((peer.received == text));
    CHECK(recorder->ends == 0);  // the old handler hears nothing
  }

  TEST_CASE("with nothing to send the peer sees the end at once") {
    Harness harness;
    Peer peer(harness.port());
    const auto recorder = harness.accept();
    Stream::finish(std::move(recorder->stream), 10s);
    harness.run_until([&] {
      peer.read();
      return peer.has_ended;
    });
    CHECK(peer.received.empty());
  }

  TEST_CASE("is over when the peer ends, long before the grace") {
    Harness harness;
    Peer peer(harness.port());
    const auto recorder = harness.accept();
    recorder->stream->write("bye");
    Stream::finish(std::move(recorder->stream), 1h);
    harness.run_until([&] {
      peer.read();
      return peer.has_ended;
    });
    harness.run_turns(3);
    CHECK(harness.open_streams() == 1);
    peer.end();
    harness.run_until([&] { return harness.open_streams() == 0; });
    CHECK(peer.received == "bye");
  }

  TEST_CASE("a peer that has ended its side, before or meanwhile, still gets everything") {
    Harness harness({.high_water = mebibyte, .max_queue = 64 * mebibyte});
    Peer peer(harness.port(), slow_reader);
    const auto recorder = harness.accept();
    const std::string text = pattern(5 * mebibyte);
    SUBCASE("before") {
      peer.end();
      harness.run_until([&] { return recorder->ends > 0; });
      recorder->stream->write(text);
      Stream::finish(std::move(recorder->stream), 10s);
    }
    SUBCASE("from inside on_end") {
      recorder->when_end = [&] {
        recorder->stream->write(text);
        Stream::finish(std::move(recorder->stream), 10s);
      };
      peer.end();
    }
    SUBCASE("meanwhile") {
      recorder->stream->write(text);
      Stream::finish(std::move(recorder->stream), 10s);
      harness.run_turns(3);
      peer.end();
    }
    harness.run_until([&] {
      peer.read(100'000);
      return peer.has_ended || peer.error != 0;
    });
    CHECK(peer.error == 0);
    CHECK((peer.received == text));
  }

  TEST_CASE("a peer that never ends, or never reads, is closed when the grace is over") {
    Harness harness({.high_water = 64 * mebibyte, .max_queue = 64 * mebibyte});
    Peer peer(harness.port(), slow_reader);
    const auto recorder = harness.accept();
    SUBCASE("never ends") {}
    SUBCASE("never reads") {
      recorder->stream->write(std::string(20 * mebibyte, 'x'));
    }
    const TimePoint begin = harness.loop.now();
    Stream::finish(std::move(recorder->stream), 20ms);
    harness.run_until([&] { return harness.open_streams() == 0; });
    CHECK(harness.loop.now() - begin >= 20ms);
  }

  TEST_CASE("of a stream that has failed closes it") {
    Harness harness({.high_water = 100, .max_queue = 1000});
    Peer peer(harness.port());
    const auto recorder = harness.accept();
    recorder->stream->write(std::string(1001, 'x'));
    Stream::finish(std::move(recorder->stream), 1h);
    harness.run_until([&] {
      peer.read();
      return peer.has_ended;
    });
    CHECK(recorder->ends == 0);
  }

  TEST_CASE("is cut short when the loop closes") {
    Harness harness({.high_water = 64 * mebibyte, .max_queue = 64 * mebibyte});
    Peer peer(harness.port(), slow_reader);
    const auto recorder = harness.accept();
    recorder->stream->write(std::string(20 * mebibyte, 'x'));
    Stream::finish(std::move(recorder->stream), 1h);
    harness.run_turns(3);
    // The harness closes its loop and waits for that.
  }
}
