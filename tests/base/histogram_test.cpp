#include "base/histogram.h"

#include <doctest/doctest.h>

namespace banter::base {

using namespace std::chrono_literals;

namespace {

// The bucket that alone has counted `duration`.
std::size_t bucket_of(std::chrono::milliseconds duration) {
  Histogram histogram;
  histogram.add(duration);
  Durations durations;
  histogram.add_to(durations);
  REQUIRE(durations.count() == 1);
  for (std::size_t i = 0; i < Durations::buckets; ++i) {
    if (durations.counts[i] == 1) return i;
  }
  return Durations::buckets;
}

}  // namespace

TEST_SUITE("histogram") {
  TEST_CASE("a bucket takes what is longer than the bound before it, its own bound included") {
    for (std::size_t i = 1; i + 1 < Durations::buckets; ++i) {
      CAPTURE(i);
      CHECK(bucket_of(Durations::bound(i - 1) + 1ms) == i);
      CHECK(bucket_of(Durations::bound(i)) == i);
    }
  }

  TEST_CASE("the first bucket takes nothing at all, and less") {
    CHECK(Durations::bound(0) == 1ms);
    CHECK(bucket_of(0ms) == 0);
    CHECK(bucket_of(1ms) == 0);
    CHECK(bucket_of(-5ms) == 0);
  }

  TEST_CASE("the last bucket takes whatever is longer") {
    constexpr std::size_t last = Durations::buckets - 1;
    CHECK(Durations::bound(last - 1) == 65'536ms);
    CHECK(bucket_of(65'536ms) == last - 1);
    CHECK(bucket_of(65'537ms) == last);
    CHECK(bucket_of(std::chrono::milliseconds::max()) == last);
  }

  TEST_CASE("those of several Workers are added up") {
    Histogram one;
    Histogram other;
    one.add(3ms);
    one.add(100ms);
    other.add(4ms);
    Durations durations;
    one.add_to(durations);
    other.add_to(durations);
    CHECK(durations.count() == 3);
    CHECK(durations.counts[2] == 2);
    CHECK(durations.sum == 107ms);
  }
}

}  // namespace banter::base
