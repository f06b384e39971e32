#include "base/random.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

using namespace banter::base;

namespace {

// Replaces the generator while it lives.
struct Source {
  explicit Source(RandomSource source) { set_random_source(source); }
  ~Source() { set_random_source(nullptr); }
};

// The id that a forked child makes first.
std::string id_of_child() {
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto id = random_id().value_or(std::string(20, '!'));
    _exit(write(ends[1], id.data(), id.size()) == 20 ? 0 : 1);
  }
  std::string id(20, '?');
  CHECK(read(ends[0], id.data(), id.size()) == 20);
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  close(ends[0]);
  close(ends[1]);
  return id;
}

}  // namespace

TEST_SUITE("random") {
  TEST_CASE("an id is 20 characters of the url-safe alphabet") {
    const auto id = random_id();
    REQUIRE(id);
    CHECK(id->size() == 20);
    const std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    CHECK(std::ranges::all_of(*id, [&](char c) { return alphabet.find(c) != std::string_view::npos; }));
  }

  TEST_CASE("an id carries every one of its 120 bits") {
    Source source(+[](std::span<std::byte> out) noexcept {
      std::ranges::fill(out, std::byte{0xFF});
      return true;
    });
    CHECK(random_id() == std::string(20, '_'));
  }

  TEST_CASE("ids do not repeat, on one thread or several (CVE-2017-16031)") {
    constexpr std::size_t count = 20'000;
    std::array<std::vector<std::string>, 2> made;
    std::array<std::thread, 2> threads;
    for (std::size_t i = 0; i < threads.size(); ++i) {
      threads[i] = std::thread([&ids = made[i]] {
        for (std::size_t n = 0; n < count; ++n)
          ids.push_back(random_id().value_or(""));
      });
    }
    for (std::thread& thread : threads)
      thread.join();
    std::unordered_set<std::string> seen;
    for (const auto& ids : made)
      seen.insert(ids.begin(), ids.end());
    CHECK(seen.size() == 2 * count);
    CHECK_FALSE(seen.contains(""));
  }

  TEST_CASE("a forked child does not repeat what its parent hands out") {
    REQUIRE(random_id());  // the pool is full now
    const std::string first = id_of_child();
    const std::string second = id_of_child();
    const auto own = random_id();
    CHECK(first != second);
    CHECK(own != first);
    CHECK(own != second);
  }

  TEST_CASE("fills any size") {
    for (const std::size_t size : {0, 1, 15, 64, 65, 481, 5000}) {
      CAPTURE(size);
      std::vector<std::byte> bytes(size + 1);
      CHECK(random_bytes(std::span(bytes).first(size)));
      CHECK(bytes.back() == std::byte{0});
      if (size >= 15)
        CHECK(std::ranges::count(bytes, std::byte{0}) < static_cast<std::ptrdiff_t>(size) / 4 + 8);
    }
  }

  TEST_CASE("a generator that fails is reported, and no id is made") {
    Source source(+[](std::span<std::byte>) noexcept { return false; });
    std::array<std::byte, 4> bytes{};
    CHECK_FALSE(random_bytes(bytes));
    CHECK_FALSE(random_id());
  }
}
