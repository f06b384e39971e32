// The type work behind `on`: an application's function becomes a Handler that decodes its parameters.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "banter/ack.h"
#include "banter/coroutine_handler.h"
#include "banter/emit.h"
#include "banter/invocation.h"
#include "banter/reason.h"
#include "banter/signature.h"

namespace banter::detail {

template <class T>
struct IsAck : std::false_type {};
template <class... Values>
struct IsAck<Ack<Values...>> : std::true_type {};

template <class T>
constexpr bool is_reason = std::is_same_v<T, DisconnectReason>;
template <class T>
constexpr bool is_argument = !IsAck<T>::value && !is_reason<T>;

// A handler's parameter, made where it is called from: an argument, the acknowledgement, or the reason.
template <class T>
struct ParameterStorage : std::type_identity<parameter_storage_t<T>> {
  static_assert(
      std::is_same_v<T, Args> || Decodable<T>,
      "banter: a handler's parameter cannot be decoded: give its type a from_json, or take banter::json");
};
template <class... Values>
struct ParameterStorage<Ack<Values...>> : std::type_identity<Ack<Values...>> {};
template <>
struct ParameterStorage<DisconnectReason> : std::type_identity<DisconnectReason> {};

template <class Tuple>
struct HandlerStorage;
template <class... P>
struct HandlerStorage<std::tuple<P...>> {
  using type = std::tuple<typename ParameterStorage<std::remove_cvref_t<P>>::type...>;
  static constexpr HandlerShape shape{(is_reason<std::remove_cvref_t<P>> || ...),
                                      (!is_reason<std::remove_cvref_t<P>> || ...)};
};

template <class Tuple, std::size_t index>
using parameter_at = std::remove_cvref_t<std::tuple_element_t<index, Tuple>>;

// Fills the parameter at `index`; false, and the call says why, if the argument does not fit.
template <class Parameters, std::size_t index, class Storage>
bool fill(Invocation& call, Storage& value) {
  using Parameter = parameter_at<Parameters, index>;
  static_assert(!IsAck<Parameter>::value || index + 1 == std::tuple_size_v<Parameters>,
                "banter: the Ack is a handler's last parameter");
  if constexpr (IsAck<Parameter>::value) {
    value = Parameter(call.ack);
  } else if constexpr (is_reason<Parameter>) {
    value = call.reason ? *call.reason : DisconnectReason{};
  } else if constexpr (std::is_same_v<Parameter, Args>) {
    value = call.args.from(index);
  } else if (!decode(call.args.argument(index), value)) {
    call.fits = false;
    call.misfit = {index, type_name<Parameter>()};
    return false;
  }
  return true;
}

template <class T>
decltype(auto) to_parameter(T& value) {
  if constexpr (IsAck<T>::value || is_reason<T> || std::is_same_v<T, Args>) {
    return std::move(value);
  } else {
    return as_parameter(value);
  }
}

// A handler's function as it is called: a coroutine is started and gone on with by itself.
template <class F>
struct Callee {
  Callee(F callable, std::string_view) : function(std::move(callable)) {}
  template <class... P>
  void operator()(const Invocation&, P&&... parameters) {
    function(std::forward<P>(parameters)...);
  }

  F function;
};
template <CoroutineFunction F>
struct Callee<F> {
  Callee(F callable, std::string_view event)
      : start(starter_of(std::move(callable))), name(event), where(where_of(event)) {}
  template <class... P>
  void operator()(const Invocation& call, P&&... parameters) {
    start(call.socket, where, name, std::forward<P>(parameters)...);
  }

  decltype(starter_of(std::declval<F>())) start;
  std::string name;
  Problem::Where where;
};

// Calls `function` with `leading`… and the decoded parameters, if all of them fit.
template <class Parameters, class F, std::size_t... I, class... Leading>
void invoke_decoded(Callee<F>& function, Invocation& call, std::index_sequence<I...>, Leading&&... leading) {
  typename HandlerStorage<Parameters>::type values{};
  if (!(fill<Parameters, I>(call, std::get<I>(values)) && ...)) return;
  function(call, std::forward<Leading>(leading)..., to_parameter(std::get<I>(values))...);
}

struct PreparedHandler {
  HandlerShape shape;
  Handler handler;
};

// A handler of a namespace: the Socket comes first. `event` is for reports of what a coroutine throws.
template <class SocketHandle, class F>
PreparedHandler namespace_handler(F function, std::string_view event = {}) {
  using All = parameters_of<F>;
  static_assert(std::tuple_size_v<All> > 0, "banter: a handler of `io.on` takes the banter::Socket first");
  static_assert(std::is_same_v<parameter_at<All, 0>, SocketHandle>,
                "banter: a handler of `io.on` takes the banter::Socket first");
  using Parameters = typename WithoutFirst<All>::type;
  return {HandlerStorage<Parameters>::shape,
          [function = Callee<F>(std::move(function), event)](Invocation& call) mutable {
            constexpr auto indices = std::make_index_sequence<std::tuple_size_v<Parameters>>{};
            invoke_decoded<Parameters>(function, call, indices, SocketHandle(call.socket));
          }};
}

// A handler of one socket: without it.
template <class F>
PreparedHandler socket_handler(F function, std::string_view event = {}) {
  using Parameters = parameters_of<F>;
  return {HandlerStorage<Parameters>::shape,
          [function = Callee<F>(std::move(function), event)](Invocation& call) mutable {
            constexpr auto indices = std::make_index_sequence<std::tuple_size_v<Parameters>>{};
            invoke_decoded<Parameters>(function, call, indices);
          }};
}

}  // namespace banter::detail
