// A socket that may be in another process.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "banter/broadcast.h"
#include "banter/emit.h"
#include "banter/socket_record.h"

namespace banter {

namespace detail {

// The answer of the only one who was asked: kept until the end, then given to an acknowledgement's callback.
class BANTER_API SingleAnswer final : public AnswerSink {
 public:
  explicit SingleAnswer(AckCallback callback) : callback_(std::move(callback)) {}

  bool take(std::string_view from, const RawArgument& value) override;
  std::error_code finish(AnswersEnd end) override;

 private:
  AckCallback callback_;
  std::string text_;  // empty: none has come
  std::vector<Bytes> attachments_;
  BinaryForm binary_ = BinaryForm::attachments;
};

}  // namespace detail

// One emit with other than the usual flags: `remote.timeout(5s).emit("question", callback)`.
class RemoteEmitter {
 public:
  explicit RemoteEmitter(Broadcast target) : target_(std::move(target)) {}

  // As Broadcast says of them.
  [[nodiscard]] RemoteEmitter volatile_() const { return RemoteEmitter(target_.volatile_()); }
  [[nodiscard]] RemoteEmitter compress(bool compresses) const {
    return RemoteEmitter(target_.compress(compresses));
  }
  [[nodiscard]] RemoteEmitter timeout(std::chrono::milliseconds timeout) const {
    return RemoteEmitter(target_.timeout(timeout));
  }

  template <class... A>
  void emit(std::string_view event, A&&... arguments) const {
    if constexpr (detail::ends_in_callback<A...>()) {
      constexpr std::size_t count = sizeof...(A) - 1;
      using Callback = std::decay_t<std::tuple_element_t<count, std::tuple<A...>>>;
      using Parameters = detail::parameters_of<Callback>;
      constexpr std::size_t values =
          std::tuple_size_v<Parameters> - (detail::begins_with_error_code<Parameters>() ? 1 : 0);
      static_assert(values <= 1, "banter: of an answer from elsewhere only the first value arrives");
      detail::OutgoingEvent out(event);
      auto all = std::forward_as_tuple(std::forward<A>(arguments)...);
      detail::encode_front(out.data(), std::move(all), std::make_index_sequence<count>{});
      target_.send_question(out, std::make_unique<detail::SingleAnswer>(
                                     detail::make_callback(std::get<count>(std::move(all)))));
    } else {
      target_.emit(event, std::forward<A>(arguments)...);
    }
  }

 private:
  Broadcast target_;
};

// A socket as it was when it was fetched, and the way to it, wherever it is.
//
// Threads: any for what is done to it, as Broadcast says. Lifetime: outlives the socket; then nothing
// happens.
class RemoteSocket {
 public:
  // `everyone` is its namespace.
  RemoteSocket(const Broadcast& everyone, SocketRecord record)
      : record_(std::move(record)), target_(everyone.to(record_.id)) {}

  [[nodiscard]] const std::string& id() const noexcept { return record_.id; }
  [[nodiscard]] const Handshake& handshake() const noexcept { return record_.handshake; }
  [[nodiscard]] const std::vector<std::string>& rooms() const noexcept { return record_.rooms; }
  [[nodiscard]] const json& data() const noexcept { return record_.data; }

  // As Socket::emit, but nobody is told whether the event was taken; and a callback hears at most the first
  // value of the answer, on the thread that Broadcast names. A socket that is gone: AckError::disconnected.
  template <class... A>
  void emit(std::string_view event, A&&... arguments) const {
    RemoteEmitter(target_).emit(event, std::forward<A>(arguments)...);
  }
  [[nodiscard]] RemoteEmitter volatile_() const { return RemoteEmitter(target_).volatile_(); }
  [[nodiscard]] RemoteEmitter compress(bool compresses) const {
    return RemoteEmitter(target_).compress(compresses);
  }
  [[nodiscard]] RemoteEmitter timeout(std::chrono::milliseconds timeout) const {
    return RemoteEmitter(target_).timeout(timeout);
  }

  void join(Rooms rooms) const { target_.sockets_join(std::move(rooms)); }
  void leave(Rooms rooms) const { target_.sockets_leave(std::move(rooms)); }
  void disconnect(Disconnect what = Disconnect::from_namespace) const { target_.disconnect_sockets(what); }

  // Everybody in its own room: that is it, and whoever has joined the room of that name.
  [[nodiscard]] const Broadcast& to_broadcast() const noexcept { return target_; }

 private:
  SocketRecord record_;
  Broadcast target_;
};

}  // namespace banter
