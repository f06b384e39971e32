// Entries with a key: the newest takes the place of the one before.
#include <doctest/doctest.h>

#include <array>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "loop/output_queue.h"
#include "support.h"

using namespace banter::loop;
using namespace banter::loop::test;
using namespace std::chrono_literals;
using banter::SendResult;
using banter::base::SharedBytes;

namespace {

constexpr std::size_t mebibyte = 1024 * 1024;

std::string gather(OutputQueue& queue) {
  std::string text;
  for (const uv_buf_t& slice : queue.front())
    text.append(slice.base, slice.len);
  return text;
}

void append(OutputQueue& queue, std::string_view text) {
  const Piece piece{text};
  queue.append(std::span(&piece, 1));
}

void put(OutputQueue& queue, std::string_view key, std::string_view text) {
  const Piece piece{text};
  queue.remove(key);
  queue.append_latest(std::span(&piece, 1), key);
}

SendResult write_latest(Stream& stream, std::string_view key, std::string_view text) {
  const Piece piece{text};
  return stream.write(std::span(&piece, 1), Policy::latest, key);
}

}  // namespace

TEST_SUITE("latest") {
  TEST_CASE("a new entry removes the older one with its key and goes to the end") {
    OutputQueue queue;
    put(queue, "a", "[a1]");
    append(queue, "[x]");
    put(queue, "b", "[b1]");
    put(queue, "a", "[a2]");
    append(queue, "[y]");
    CHECK(gather(queue) == "[x][b1][a2][y]");
    CHECK(queue.size() == 14);
    CHECK(queue.take() == "[x][b1][a2][y]");
    CHECK(queue.empty());
  }

  TEST_CASE("an entry is one packet with all its attachments") {
    const SharedBytes attachment = SharedBytes::take(std::string(1000, 'x'));
    const std::array<Piece, 4> entry{Piece{"head"}, Piece{"er"}, Piece{attachment.view(), &attachment},
                                     Piece{"tail"}};
    OutputQueue queue;
    append(queue, "before ");
    queue.append_latest(entry, "k");
    append(queue, "behind");
    CHECK(gather(queue) == "before header" + std::string(1000, 'x') + "tailbehind");
    queue.remove("k");
    CHECK(gather(queue) == "before behind");
    CHECK(queue.size() == 13);
  }

  TEST_CASE("an entry whose first byte was written stays, and the rest of it goes out") {
    for (const std::size_t written : {1U, 2U, 3U, 4U}) {
      CAPTURE(written);
      OutputQueue queue;
      put(queue, "k", "[k1]");
      append(queue, "[x]");
      queue.consume(written);
      put(queue, "k", "[k2]");
      CHECK(gather(queue) == std::string("[k1][x][k2]").substr(written));
      put(queue, "k", "[k3]");
      CHECK(gather(queue) == std::string("[k1][x][k3]").substr(written));
    }
  }

  TEST_CASE("what is on its way is pinned; what is behind it is not") {
    OutputQueue queue;
    put(queue, "a", "[a1]");
    put(queue, "b", "[b1]");
    CHECK(queue.front(2).size() == 1);
    queue.pin();
    put(queue, "a", "[a2]");
    put(queue, "b", "[b2]");
    queue.consume(2);
    CHECK(gather(queue) == "1][a2][b2]");
  }

  TEST_CASE("memory does not grow with the number of replacements") {
    OutputQueue queue;
    append(queue, "first");
    put(queue, "other", "[other]");
    std::size_t most = 0;
    for (int i = 0; i < 1'000'000; ++i) {
      put(queue, "k", "[position]");
      most = std::max(most, queue.memory());
    }
    CHECK(queue.size() == 22);
    CHECK(most < 64 * 1024);
    CHECK(gather(queue) == "first[other][position]");
  }

  TEST_CASE("holds what a simple list would, whatever is put in, taken out and consumed") {
    std::mt19937 random(7);
    OutputQueue queue;
    std::vector<std::pair<std::string, std::string>> model;  // key, text
    std::string begun;                                       // the rest of an entry that has begun to leave
    const auto expected = [&] {
      std::string text = begun;
      for (const auto& [key, entry] : model)
        text += entry;
      return text;
    };
    for (int i = 0; i < 20'000; ++i) {
      const std::string key = random() % 3 == 0 ? "" : "k" + std::to_string(random() % 50);
      const std::string text = "<" + key + ":" + std::to_string(i) + ">";
      if (key.empty()) {
        append(queue, text);
      } else {
        put(queue, key, text);
        std::erase_if(model, [&](const auto& entry) { return entry.first == key; });
      }
      model.emplace_back(key, text);
      if (random() % 4 != 0) continue;
      std::size_t count = random() % 40;
      queue.consume(std::min(count, queue.size()));
      for (; count > 0 && (!begun.empty() || !model.empty()); --count) {
        if (begun.empty()) {
          begun = model.front().second;
          model.erase(model.begin());
        }
        begun.erase(0, 1);
      }
      REQUIRE(queue.size() == expected().size());
    }
    CHECK(queue.take() == expected());
  }

  TEST_CASE("a stream that is not left over sends only the last of a turn, and answers sent") {
    Harness harness;
    Peer peer(harness.port());
    const auto recorder = harness.accept();
    CHECK(write_latest(*recorder->stream, "k", "[1]") == SendResult::sent);
    recorder->stream->write("[x]");
    CHECK(write_latest(*recorder->stream, "k", "[2]") == SendResult::sent);
    harness.run_until([&] {
      peer.read();
      return peer.received == "[x][2]";
    });
    CHECK(write_latest(*recorder->stream, "k", "[3]") == SendResult::sent);
    harness.run_until([&] {
      peer.read();
      return peer.received == "[x][2][3]";
    });
  }

  TEST_CASE("a peer that reads nothing for a million replacements costs nothing and gets the last of them") {
    Harness harness({.high_water = 32 * mebibyte, .max_queue = 64 * mebibyte});
    Peer peer(harness.port(), slow_reader);
    const auto recorder = harness.accept();
    const std::string before(8 * mebibyte, 'x');
    recorder->stream->write(before);
    harness.run_turns(3);
    REQUIRE(recorder->stream->has_left_over());
    write_latest(*recorder->stream, "k", "[0]");
    const std::size_t buffered = recorder->stream->buffered();
    for (int i = 1; i < 1'000'000; ++i)
      write_latest(*recorder->stream, "k", "[1]");
    CHECK(write_latest(*recorder->stream, "k", "[2]") == SendResult::queued);
    CHECK(recorder->stream->buffered() == buffered);
    harness.run_until([&] {
      peer.read();
      return peer.received.size() >= before.size() + 3;
    });
    CHECK(peer.received == before + "[2]");
  }

  TEST_CASE("also taken out is what waits behind the part that the running request sends") {
    Harness harness({.high_water = 32 * mebibyte, .max_queue = 64 * mebibyte});
    Peer peer(harness.port(), slow_reader);
    const auto recorder = harness.accept();
    const std::string before(8 * mebibyte, 'x');
    recorder->stream->write(before);
    write_latest(*recorder->stream, "k", "[1]");
    harness.run_turns(3);  // both are in the queue that the request sends from
    REQUIRE(recorder->stream->has_left_over());
    write_latest(*recorder->stream, "k", "[2]");
    harness.run_until([&] {
      peer.read();
      return peer.received.size() >= before.size() + 3;
    });
    harness.run_turns(5);
    peer.read();
    CHECK(peer.received == before + "[2]");
  }
}
