// `co_await socket.ask<T>(…)`: an event whose acknowledgement is awaited.
#pragma once

#include <memory>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

#include "banter/coroutine.h"
#include "banter/decode.h"
#include "banter/emit.h"
#include "banter/encode.h"
#include "banter/export.h"
#include "banter/handle.h"
#include "banter/invocation.h"

namespace banter {

// What a client answered: `value` if there is no error, else T{}. Errors are AckError's, and mean that no
// answer has come that fits.
template <class T>
struct Answer {
  std::error_code error;
  T value{};

  explicit operator bool() const noexcept { return !error; }
};

template <>
struct Answer<void> {
  std::error_code error;

  explicit operator bool() const noexcept { return !error; }
};

namespace detail {

using QuestionPtr = std::unique_ptr<OutgoingEvent>;

// Sends the question. True: `take` sees what comes of it and the coroutine goes on, once, on the socket's
// Worker; or both are dropped. False: it was not sent, and the coroutine goes on by itself.
[[nodiscard]] BANTER_API bool ask(SocketRef socket, QuestionPtr question, EmitFlags flags, AckCallback take,
                                  Resume resume) noexcept;

template <class T>
class [[nodiscard]] Ask : public Awaitable<Ask<T>> {
  static_assert(std::is_void_v<T> || DecodableValue<T>,
                "banter: an answer cannot be decoded into this type: take std::string for text, Bytes for "
                "binary, or give a type of your own a from_json");

 public:
  template <class... A>
  Ask(SocketRef socket, EmitFlags flags, std::string_view event, A&&... arguments)
      : socket_(std::move(socket)), flags_(flags), question_(std::make_unique<OutgoingEvent>(event)) {
    static_assert(!ends_in_callback<A...>(), "banter: `ask` is awaited; a callback belongs to `emit`");
    encode_arguments(question_->data(), std::forward<A>(arguments)...);
  }

  [[nodiscard]] bool begin(Resume resume) {
    answer_.error = AckError::disconnected;  // of a question that is not sent
    return ask(
        std::move(socket_), std::move(question_), flags_, [this](AckAnswer& came) { take(came); },
        std::move(resume));
  }
  Answer<T> await_resume() { return std::move(answer_); }

 private:
  void take(const AckAnswer& came) {
    answer_.error = came.error;
    if constexpr (!std::is_void_v<T>) {
      if (answer_.error || decode(came.args.argument(0), answer_.value)) return;
      answer_ = {AckError::bad_reply, T{}};
    }
  }

  SocketRef socket_;
  EmitFlags flags_;
  QuestionPtr question_;
  Answer<T> answer_;
};

}  // namespace detail
}  // namespace banter
