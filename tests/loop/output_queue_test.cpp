#include "loop/output_queue.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdlib>
#include <string>
#include <utility>

using namespace banter::loop;
using banter::base::SharedBytes;

namespace {

std::string gather(OutputQueue& queue, std::size_t max_bytes = SIZE_MAX) {
  std::string text;
  for (const uv_buf_t& slice : queue.front(max_bytes))
    text.append(slice.base, slice.len);
  return text;
}

// All of it, in the steps in which a socket that takes `step` bytes at a time would get it.
std::string drain(OutputQueue& queue, std::size_t step) {
  std::string text;
  while (!queue.empty()) {
    const std::string next = gather(queue).substr(0, step);
    REQUIRE_FALSE(next.empty());
    text += next;
    queue.consume(next.size());
  }
  return text;
}

void append(OutputQueue& queue, std::string_view copied) {
  const Piece piece{copied};
  queue.append({&piece, 1});
}

void append(OutputQueue& queue, const SharedBytes& shared, std::string_view part) {
  const Piece piece{part, &shared};
  queue.append({&piece, 1});
}

}  // namespace

TEST_SUITE("output queue") {
  TEST_CASE("keeps the order of copied and shared pieces however it is consumed") {
    std::string long_text;
    for (int i = 0; i < 300; ++i)
      long_text += static_cast<char>('a' + i % 26);
    const SharedBytes shared = SharedBytes::take(long_text);
    const SharedBytes little = SharedBytes::take(std::string("little"));
    const std::string whole = "head:" + long_text + "|" + long_text.substr(10) + "little" + "tail";
    for (std::size_t step = 1; step <= whole.size(); ++step) {
      CAPTURE(step);
      OutputQueue queue;
      const std::array<Piece, 5> entry{Piece{"head:"}, Piece{shared.view(), &shared}, Piece{""}, Piece{"|"},
                                       Piece{shared.view().substr(10), &shared}};
      queue.append(entry);
      append(queue, little, little.view());
      append(queue, "tail");
      CHECK(queue.size() == whole.size());
      CHECK(drain(queue, step) == whole);
      CHECK(queue.size() == 0);
    }
  }

  TEST_CASE("may be appended to after any part was consumed") {
    const std::string text = "0123456789";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      CAPTURE(cut);
      OutputQueue queue;
      append(queue, text);
      queue.consume(cut);
      append(queue, "abc");
      CHECK(drain(queue, 100) == text.substr(cut) + "abc");
    }
  }

  TEST_CASE("copies short pieces and refers to long shared ones") {
    OutputQueue queue;
    const SharedBytes shared = SharedBytes::take(std::string(1000, 'x'));
    append(queue, shared, shared.view().substr(0, OutputQueue::copy_limit));
    CHECK(queue.front()[0].base != shared.view().data());
    append(queue, shared, shared.view().substr(0, OutputQueue::copy_limit + 1));
    REQUIRE(queue.front().size() == 2);
    CHECK(queue.front()[1].base == shared.view().data());
  }

  TEST_CASE("puts neighbouring copies into one slice") {
    OutputQueue queue;
    append(queue, "one");
    append(queue, "two");
    CHECK(queue.front().size() == 1);
    CHECK(gather(queue) == "onetwo");
  }

  TEST_CASE("gathers at most so many slices and so many bytes at a time") {
    OutputQueue queue;
    const SharedBytes shared = SharedBytes::take(std::string(300, 'x'));
    for (std::size_t i = 0; i < 2 * OutputQueue::max_gather; ++i)
      append(queue, shared, shared.view());
    CHECK(queue.front().size() == OutputQueue::max_gather);
    for (const std::size_t limit : {1U, 299U, 300U, 301U, 1000U}) {
      CAPTURE(limit);
      CHECK(gather(queue, limit).size() == limit);
    }
    CHECK(drain(queue, 1'000'000).size() == 2 * OutputQueue::max_gather * 300);
  }

  TEST_CASE("lets go of a shared piece once it is consumed") {
    struct Watched {
      Watched(int* counter, std::string bytes) : alive(counter), text(std::move(bytes)) { ++*alive; }
      Watched(Watched&& other) noexcept : alive(other.alive), text(std::move(other.text)) { ++*alive; }
      ~Watched() { --*alive; }
      [[nodiscard]] const char* data() const { return text.data(); }
      [[nodiscard]] std::size_t size() const { return text.size(); }
      int* alive;
      std::string text;
    };
    int alive = 0;
    OutputQueue queue;
    {
      const SharedBytes shared = SharedBytes::take(Watched(&alive, std::string(300, 'x')));
      append(queue, shared, shared.view());
    }
    append(queue, "rest");
    queue.consume(299);
    CHECK(alive == 1);
    queue.consume(1);
    CHECK(alive == 0);
    CHECK(gather(queue) == "rest");
  }

  TEST_CASE("a long backlog of copies is kept in blocks, in its order, and given back one by one") {
    OutputQueue queue;
    const SharedBytes shared = SharedBytes::take(std::string(300, 's'));
    std::string whole;
    for (int i = 0; i < 3'000; ++i) {
      const std::string piece(1'000, static_cast<char>('a' + i % 26));
      append(queue, piece);
      append(queue, shared, shared.view());
      whole.append(piece).append(shared.view());
    }
    CHECK(queue.size() == whole.size());
    CHECK(drain(queue, 77'777) == whole);
  }

  TEST_CASE("a charge follows what is kept, however it is appended and consumed") {
    banter::base::Budget budget(1);
    OutputQueue queue;
    const SharedBytes shared = SharedBytes::take(std::string(1'000, 's'));
    append(queue, std::string(100'000, 'x'));
    append(queue, shared, shared.view());
    queue.charge_to(&budget);
    CHECK(budget.used() == queue.size());
    for (int i = 0; i < 10; ++i)
      append(queue, std::string(100'000, 'y'));
    append(queue, shared, shared.view());
    CHECK(budget.used() == queue.size() - shared.view().size());
    queue.consume(queue.size() - 1);
    CHECK(budget.used() <= 256 * 1024 + shared.view().size());
    SUBCASE("to its end") {
      queue.consume(1);
    }
    SUBCASE("and forgotten") {
      queue.clear();
    }
    SUBCASE("and moved") {
      const OutputQueue other = std::move(queue);
      CHECK(budget.used() > 0);
    }
    CHECK(budget.used() == 0);
  }

  TEST_CASE("gives back the memory of a large backlog when it is drained") {
    OutputQueue queue;
    append(queue, std::string(1'000'000, 'x'));
    queue.consume(1'000'000);
    CHECK(queue.memory() <= 64 * 1024);
    const SharedBytes shared = SharedBytes::take(std::string(300, 'x'));
    for (int i = 0; i < 10'000; ++i)
      append(queue, shared, shared.view());
    CHECK(queue.memory() > 64 * 1024);
    queue.clear();
    CHECK(queue.memory() <= 64 * 1024);
  }

  TEST_CASE("a pool hands out drained outputs again") {
    OutputPool pool;
    auto output = pool.take();
    Output* const address = output.get();
    pool.give_back(std::move(output));
    CHECK(pool.take().get() == address);
  }
}
