#include "banter/signature.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>

using banter::detail::parameters_of;
using banter::detail::PlainCallable;
using banter::detail::result_of;

namespace {

void function(int, const std::string&) {}
int quiet_function(double) noexcept {
  return 0;
}

struct ConstObject {
  bool operator()(int) const;
};
struct QuietObject {
  void operator()(int) noexcept;
};
struct LvalueObject {
  void operator()(int) const&;
};
struct Overloaded {
  void operator()(int) const;
  void operator()(double) const;
};

template <class F, class... Parameters>
constexpr bool takes = std::is_same_v<parameters_of<F>, std::tuple<Parameters...>>;

}  // namespace

TEST_SUITE("signature") {
  TEST_CASE("is read off functions, their pointers and references") {
    CHECK(takes<decltype(function), int, const std::string&>);
    CHECK(takes<decltype(&function), int, const std::string&>);
    CHECK(takes<decltype(function)&, int, const std::string&>);
    CHECK(takes<decltype(&quiet_function), double>);
    CHECK(std::is_same_v<result_of<decltype(quiet_function)>, int>);
  }

  TEST_CASE("is read off lambdas: const, mutable, noexcept, and ones that only move") {
    const auto plain = [](int, std::string&) { return 1.5; };
    const auto mutating = [n = 0](int) mutable { return ++n; };
    const auto quiet = [](char) noexcept {};
    const auto owning = [p = std::make_unique<int>(7)](long) { return *p; };
    CHECK(takes<decltype(plain), int, std::string&>);
    CHECK(std::is_same_v<result_of<decltype(plain)>, double>);
    CHECK(takes<decltype(mutating), int>);
    CHECK(takes<decltype(quiet), char>);
    CHECK(takes<decltype(owning), long>);
    CHECK(takes<decltype([] {})>);
  }

  TEST_CASE("is read off function objects with one operator()") {
    CHECK(takes<ConstObject, int>);
    CHECK(takes<const ConstObject&, int>);
    CHECK(takes<QuietObject, int>);
    CHECK(takes<LvalueObject, int>);
    CHECK(std::is_same_v<result_of<ConstObject>, bool>);
  }

  TEST_CASE("is not to be had from generic lambdas, overloads and what is not a callable") {
    const auto generic = [](auto) {};
    CHECK_FALSE(PlainCallable<decltype(generic)>);
    CHECK_FALSE(PlainCallable<Overloaded>);
    CHECK_FALSE(PlainCallable<int>);
    CHECK_FALSE(PlainCallable<std::string>);
  }
}
