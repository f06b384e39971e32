// The parameters and the result of a callable that has exactly one signature: what a handler's schema is read
// from.
#pragma once

#include <tuple>
#include <type_traits>

namespace banter::detail {

template <class F>
struct Signature {};  // not a callable with one signature: nothing to read

template <class R, class... A>
struct Signature<R(A...)> {
  using Parameters = std::tuple<A...>;
  using Result = R;
};
template <class R, class... A>
struct Signature<R(A...) noexcept> : Signature<R(A...)> {};
template <class R, class... A>
struct Signature<R (*)(A...)> : Signature<R(A...)> {};
template <class R, class... A>
struct Signature<R (*)(A...) noexcept> : Signature<R(A...)> {};

template <class C, class R, class... A>
struct Signature<R (C::*)(A...)> : Signature<R(A...)> {};
template <class C, class R, class... A>
struct Signature<R (C::*)(A...) const> : Signature<R(A...)> {};
template <class C, class R, class... A>
struct Signature<R (C::*)(A...)&> : Signature<R(A...)> {};
template <class C, class R, class... A>
struct Signature<R (C::*)(A...) const&> : Signature<R(A...)> {};
template <class C, class R, class... A>
struct Signature<R (C::*)(A...) noexcept> : Signature<R(A...)> {};
template <class C, class R, class... A>
struct Signature<R (C::*)(A...) const noexcept> : Signature<R(A...)> {};
template <class C, class R, class... A>
struct Signature<R (C::*)(A...)& noexcept> : Signature<R(A...)> {};
template <class C, class R, class... A>
struct Signature<R (C::*)(A...) const& noexcept> : Signature<R(A...)> {};

// An object with one call operator: a lambda without `auto`, a function object without overloads.
template <class F>
concept FunctionObject = requires {
  &F::operator();
};

template <class F>
struct SignatureOf : Signature<F> {};
template <FunctionObject F>
struct SignatureOf<F> : Signature<decltype(&F::operator())> {};

// A callable whose parameters can be read off its type.
template <class F>
concept PlainCallable = requires {
  typename SignatureOf<std::decay_t<F>>::Parameters;
};

// Asserts that, in words for the application's author, and hands on what was read. For a callable that is not
// plain the assertion is the only message: the rest sees a function without parameters.
template <class F>
struct Callable {
  static_assert(
      PlainCallable<F>,
      "banter: a handler's parameters are its schema: write their types (a lambda without `auto`, a "
      "function, or an object with one operator())");
  using Parameters = std::tuple<>;
  using Result = void;
};
template <PlainCallable F>
struct Callable<F> : SignatureOf<std::decay_t<F>> {};

// A tuple of the parameter types as written, references included.
template <class F>
using parameters_of = typename Callable<F>::Parameters;
template <class F>
using result_of = typename Callable<F>::Result;

}  // namespace banter::detail
