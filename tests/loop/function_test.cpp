#include "banter/function.h"

#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <string>
#include <utility>

using banter::Function;

namespace {

// Counts how many of it are alive.
struct Counted {
  explicit Counted(int& count) : alive(&count) { ++*alive; }
  Counted(const Counted& other) noexcept : alive(other.alive) { ++*alive; }
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --*alive; }
  int* alive;
};

int twice(int value) {
  return 2 * value;
}

}  // namespace

TEST_SUITE("function") {
  TEST_CASE("holds function pointers, small and large callables, and move-only ones") {
    CHECK(Function<int(int)>(twice)(4) == 8);
    CHECK(Function<int(int)>([](int value) { return value + 1; })(4) == 5);
    const std::array<int, 100> large{7};
    CHECK(Function<int(int)>([large](int value) { return value + large[0]; })(4) == 11);
    auto owned = std::make_unique<int>(3);
    CHECK(Function<int(int)>([owned = std::move(owned)](int value) { return value + *owned; })(4) == 7);
  }

  TEST_CASE("is empty when made from nothing, from nullptr, after reset and after being moved from") {
    Function<void()> function;
    CHECK_FALSE(function);
    CHECK_FALSE(Function<void()>(nullptr));
    function = [] {};
    CHECK(function);
    const Function<void()> other = std::move(function);
    CHECK(other);
    CHECK_FALSE(function);  // NOLINT(bugprone-use-after-move): this is what is tested
    function = [] {};
    function.reset();
    CHECK_FALSE(function);
  }

  TEST_CASE("destroys what it holds exactly once, inline and on the heap") {
    int alive = 0;
    const auto check_both = [&](auto make) {
      {
        Function<void()> first = make();
        CHECK(alive == 1);
        Function<void()> second = std::move(first);
        CHECK(alive == 1);
        second = make();
        CHECK(alive == 1);
        Function<void()>& same = second;
        second = std::move(same);
        CHECK(alive == 1);
      }
      CHECK(alive == 0);
    };
    check_both([&] { return Function<void()>([counted = Counted(alive)] {}); });
    check_both([&] {
      return Function<void()>(
          [counted = Counted(alive), large = std::array<int, 100>{}] { static_cast<void>(large); });
    });
  }

  TEST_CASE("keeps its state between calls") {
    Function<int()> counter = [count = 0]() mutable { return ++count; };
    CHECK(counter() == 1);
    Function<int()> moved = std::move(counter);
    CHECK(moved() == 2);
  }

  TEST_CASE("passes references through and moves arguments in") {
    std::string text = "a";
    Function<std::string&(std::string&)>([](std::string& value) -> std::string& { return value; })(text) =
        "b";
    CHECK(text == "b");
    Function<int(std::unique_ptr<int>)> take = [](std::unique_ptr<int> value) { return *value; };
    CHECK(take(std::make_unique<int>(5)) == 5);
  }

  TEST_CASE("may be assigned what lies inside the callable that is replaced") {
    struct Node {
      int value;
      Function<int()> next;
      int operator()() const { return value; }
    };
    auto* inner = new Node{1, [] { return 2; }};
    Function<int()> function = [node = std::unique_ptr<Node>(inner)] { return node->value; };
    CHECK(function() == 1);
    function = std::move(inner->next);
    CHECK(function() == 2);
  }

  TEST_CASE("stays as small as its contract says") {
    CHECK(sizeof(Function<void()>) == 32);
  }
}
