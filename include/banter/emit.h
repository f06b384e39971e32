// The type work behind `emit`: an event's name and arguments become text, a last callable becomes the
// callback for the acknowledgement. What is sent, and how, is decided behind the exported functions.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <utility>

#include "banter/ack.h"
#include "banter/decode.h"
#include "banter/encode.h"
#include "banter/error.h"
#include "banter/export.h"
#include "banter/invocation.h"
#include "banter/send_result.h"
#include "banter/signature.h"

namespace banter::detail {

// How an event is sent.
struct EmitFlags {
  bool is_volatile = false;  // rather dropped than queued behind what the peer has not taken
  bool compress = true;      // where that is agreed on
  std::optional<std::chrono::milliseconds> ack_timeout;
  bool is_latest = false;  // takes the place of what waits with the same key
  std::string key;
};

// An event on its way out: `["name",arg,…`, without the closing bracket.
class BANTER_API OutgoingEvent {
 public:
  // Throws std::logic_error if the library keeps the name to itself.
  explicit OutgoingEvent(std::string_view event);

  [[nodiscard]] Encoder& data() noexcept { return data_; }
  [[nodiscard]] std::size_t name_end() const noexcept { return name_end_; }

 private:
  ScratchText text_;
  Encoder data_;
  std::size_t name_end_;
};

BANTER_API SendResult send(const SocketRef& socket, OutgoingEvent& event, const EmitFlags& flags,
                           AckCallback callback);

// The last of the arguments is the callback for the acknowledgement, not data.
template <class... A>
constexpr bool ends_in_callback() {
  if constexpr (sizeof...(A) == 0) {
    return false;
  } else {
    using Last = std::remove_cvref_t<std::tuple_element_t<sizeof...(A) - 1, std::tuple<A...>>>;
    return PlainCallable<Last> && !Encodable<Last>;
  }
}

// Decodes the parameters `first`… of a callback or handler from `args`. Answers the position of the first
// that does not fit, or nothing.
template <class Storage, std::size_t... I>
std::optional<std::size_t> decode_all(const Args& args, Storage& values, std::index_sequence<I...>) {
  std::optional<std::size_t> misfit;
  [[maybe_unused]] const auto fits = [&]<std::size_t index>(std::integral_constant<std::size_t, index>) {
    auto& value = std::get<index>(values);
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, Args>) {
      value = args.from(index);
      return true;
    } else {
      if (decode(args.argument(index), value)) return true;
      misfit = index;
      return false;
    }
  };
  static_cast<void>((fits(std::integral_constant<std::size_t, I>{}) && ...));
  return misfit;
}

template <class T>
using parameter_storage_t =
    typename std::conditional_t<std::is_same_v<T, Args>, std::type_identity<Args>, DecodeStorage<T>>::type;

template <class Tuple>
struct StorageOf;
template <class... P>
struct StorageOf<std::tuple<P...>> {
  using type = std::tuple<parameter_storage_t<std::remove_cvref_t<P>>...>;
};

template <class Tuple>
struct WithoutFirst;
template <class First, class... Rest>
struct WithoutFirst<std::tuple<First, Rest...>> {
  using type = std::tuple<Rest...>;
};

template <class Tuple>
constexpr bool begins_with_error_code() {
  if constexpr (std::tuple_size_v<Tuple> == 0) {
    return false;
  } else {
    return std::is_same_v<std::remove_cvref_t<std::tuple_element_t<0, Tuple>>, std::error_code>;
  }
}

// `[](std::error_code, T…)`: called exactly once, with default values beside an error.
template <class F>
AckCallback full_callback(F callback) {
  using Values = typename StorageOf<typename WithoutFirst<parameters_of<F>>::type>::type;
  return [callback = std::move(callback)](AckAnswer& answer) mutable {
    Values values{};
    std::error_code error = answer.error;
    constexpr auto indices = std::make_index_sequence<std::tuple_size_v<Values>>{};
    if (!error && decode_all(answer.args, values, indices)) {
      error = AckError::bad_reply;
      values = Values{};
    }
    std::apply([&](auto&... value) { callback(error, as_parameter(value)...); }, values);
  };
}

// `[](T…)`: called for an answer that fits; anything else goes to on_error.
template <class F>
AckCallback answer_callback(F callback) {
  using Values = typename StorageOf<parameters_of<F>>::type;
  return [callback = std::move(callback)](AckAnswer& answer) mutable {
    Values values{};
    constexpr auto indices = std::make_index_sequence<std::tuple_size_v<Values>>{};
    if (answer.error) {
      answer.unheard = answer.error;
    } else if (decode_all(answer.args, values, indices)) {
      answer.unheard = AckError::bad_reply;
    } else {
      std::apply([&](auto&... value) { callback(as_parameter(value)...); }, values);
    }
  };
}

template <class F>
AckCallback make_callback(F&& callback) {
  static_assert(!CoroutineType<result_of<std::decay_t<F>>>,
                "banter: an acknowledgement's callback is not a coroutine: co_await socket.ask<T>(...)");
  if constexpr (begins_with_error_code<parameters_of<std::decay_t<F>>>()) {
    return full_callback<std::decay_t<F>>(std::forward<F>(callback));
  } else {
    return answer_callback<std::decay_t<F>>(std::forward<F>(callback));
  }
}

template <class Tuple, std::size_t... I>
void encode_front(Encoder& out, Tuple&& values, std::index_sequence<I...>) {
  encode_arguments(out, std::get<I>(std::forward<Tuple>(values))...);
}

template <class... A>
SendResult emit_to(const SocketRef& socket, const EmitFlags& flags, std::string_view event,
                   A&&... arguments) {
  OutgoingEvent out(event);
  if constexpr (ends_in_callback<A...>()) {
    constexpr std::size_t count = sizeof...(A) - 1;
    auto all = std::forward_as_tuple(std::forward<A>(arguments)...);
    encode_front(out.data(), std::move(all), std::make_index_sequence<count>{});
    return send(socket, out, flags, make_callback(std::get<count>(std::move(all))));
  } else {
    encode_arguments(out.data(), std::forward<A>(arguments)...);
    return send(socket, out, flags, nullptr);
  }
}

}  // namespace banter::detail
