// The type work behind handlers that are coroutines.
#pragma once

#include <memory>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "banter/args.h"
#include "banter/bytes.h"
#include "banter/coroutine.h"
#include "banter/error.h"
#include "banter/export.h"
#include "banter/handle.h"
#include "banter/signature.h"

namespace banter::detail {

template <class F>
concept CoroutineFunction = PlainCallable<F> && IsTask<typename SignatureOf<std::decay_t<F>>::Result>::value;

// What a coroutine is the handler of, for on_error, and the function object it needs.
struct Origin {
  const SocketRef& socket;
  Problem::Where where;
  std::string_view event;
  std::shared_ptr<void> function;
};

// Runs `task` until it is suspended. Throws what it has thrown by then; what it throws later is reported.
BANTER_API void start_handler(Task<> task, Origin origin);

// Where problems with a handler of `event` are found.
[[nodiscard]] BANTER_API Problem::Where where_of(std::string_view event) noexcept;

template <class T>
constexpr bool is_kept_parameter() {
  static_assert(!std::is_reference_v<T>,
                "banter: a coroutine takes its parameters by value: what a reference names is gone once it "
                "has been suspended");
  static_assert(!std::is_same_v<std::remove_cvref_t<T>, std::string_view>,
                "banter: a coroutine takes std::string, not a string_view: the packet is gone once it has "
                "been suspended");
  static_assert(!std::is_same_v<std::remove_cvref_t<T>, BytesView>,
                "banter: a coroutine takes banter::Bytes, not a span: the packet is gone once it has been "
                "suspended");
  static_assert(!std::is_same_v<std::remove_cvref_t<T>, Args>,
                "banter: a coroutine takes typed parameters or banter::json, not Args: the packet is gone "
                "once it has been suspended");
  return true;
}

template <class Tuple>
struct KeptParameters;
template <class... P>
struct KeptParameters<std::tuple<P...>> : std::bool_constant<(is_kept_parameter<P>() && ...)> {};

// A function that, called with an origin and its parameters, starts `function` as a coroutine.
template <CoroutineFunction F>
auto starter_of(F function) {
  static_assert(std::is_same_v<result_of<F>, Task<>>,
                "banter: a coroutine that the server starts returns banter::Task<>: nobody takes a result");
  static_assert(KeptParameters<parameters_of<F>>::value);
  return [function = std::make_shared<F>(std::move(function))]<class... P>(
             const SocketRef& socket, Problem::Where where, std::string_view event, P&&... parameters) {
    start_handler((*function)(std::forward<P>(parameters)...), {socket, where, event, function});
  };
}

}  // namespace banter::detail
