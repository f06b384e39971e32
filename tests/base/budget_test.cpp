#include "base/budget.h"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/shared_bytes.h"

using banter::base::Budget;
using banter::base::Charge;
using banter::base::SharedBytes;

TEST_SUITE("budget") {
  TEST_CASE("is spent above its limit, and no longer once bytes are released") {
    Budget budget(100);
    budget.charge(100);
    CHECK_FALSE(budget.is_spent());
    budget.charge(1);
    CHECK(budget.is_spent());
    budget.release(2);
    CHECK_FALSE(budget.is_spent());
    CHECK(budget.used() == 99);
  }

  TEST_CASE("a charge is released when it goes, also after it grew, shrank and moved") {
    Budget budget(100);
    {
      Charge charge(&budget, 10);
      charge.resize(50);
      charge.resize(30);
      CHECK(budget.used() == 30);
      Charge moved(std::move(charge));
      CHECK(budget.used() == 30);
      Charge other(&budget, 5);
      other = std::move(moved);
      CHECK(other.bytes() == 30);
      CHECK(budget.used() == 35);
    }
    CHECK(budget.used() == 0);
  }

  TEST_CASE("a charge without a budget charges nobody") {
    Charge charge;
    charge.resize(10);
    CHECK(charge.bytes() == 10);
  }

  TEST_CASE("bytes that many hold count once, until the last of them lets go") {
    Budget budget(1000);
    const SharedBytes bytes = SharedBytes::take(std::string(300, 'x'));
    bytes.charge_to(budget);
    bytes.charge_to(budget);
    CHECK(budget.used() == 300);
    bytes.release_from(budget);
    CHECK(budget.used() == 300);
    bytes.release_from(budget);
    CHECK(budget.used() == 0);
  }

  TEST_CASE("threads that charge and release the same bytes leave nothing behind") {
    Budget budget(1000);
    const SharedBytes bytes = SharedBytes::take(std::string(300, 'x'));
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int round = 0; round < 10'000; ++round) {
          const Charge own(&budget, 7);
          bytes.charge_to(budget);
          bytes.release_from(budget);
        }
      });
    }
    for (std::thread& thread : threads)
      thread.join();
    CHECK(budget.used() == 0);
  }
}
