// What can be sent to many sockets at once, asked of them, and done with them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "banter/answers.h"
#include "banter/ask.h"
#include "banter/emit.h"
#include "banter/export.h"
#include "banter/function.h"
#include "banter/handle.h"
#include "banter/rooms.h"

namespace banter {

class RemoteSocket;

namespace detail {
template <class T>
class AskMany;
}

// What a socket's disconnect() ends.
enum class Disconnect {
  from_namespace,  // the connection stays open, and the client in its other namespaces
  connection,      // all namespaces, then the connection
};

// Sends to the sockets of a namespace that it selects: everyone, the union of rooms, without exceptions; in
// all processes of a cluster. A value; each member answers a changed copy.
//
// Threads: any. On another thread than a Worker's the call is handed over in the order of that thread's
// calls; an emit without a callback is dropped, and counted, while Options::budget is spent. Callbacks run
// once, later, on the calling Worker, or on Worker 0 if called from elsewhere; what they throw goes to
// on_error. Before `listen` and after the server is gone nothing happens, and a callback is destroyed
// uncalled.
class Broadcast {
 public:
  Broadcast(detail::PortRef port, std::uint32_t nsp) : port_(std::move(port)), nsp_(nsp) {}

  // Adds a room to the union. A socket's id is the name of a room that it begins in.
  [[nodiscard]] BANTER_API Broadcast to(Rooms rooms) const;
  [[nodiscard]] Broadcast in(Rooms rooms) const { return to(std::move(rooms)); }

  // Leaves out the sockets of a room.
  [[nodiscard]] BANTER_API Broadcast except(Rooms rooms) const;

  // Those that have not taken earlier bytes miss this event.
  [[nodiscard]] BANTER_API Broadcast volatile_() const;

  // As SocketEmitter::latest, for each of them. Prevails over volatile_.
  [[nodiscard]] BANTER_API Broadcast latest(std::string_view key) const;

  // Whether the event may be compressed, where that is agreed on (Options::deflate, compress_polls_from). Not
  // worth it for what is compressed already, as pictures.
  [[nodiscard]] BANTER_API Broadcast compress(bool compresses) const;

  // Not to other processes of a cluster, and without asking them.
  [[nodiscard]] BANTER_API Broadcast local() const;

  // How long answers are awaited; without it Options::ack_timeout.
  [[nodiscard]] BANTER_API Broadcast timeout(std::chrono::milliseconds timeout) const;

  // Encodes the event once and queues it for every selected socket; never blocks. Throws std::logic_error if
  // the library keeps the name to itself. A last callable asks each of them for an acknowledgement:
  //   [](std::error_code, banter::Answers<T>)
  // It runs when everybody has answered or left, at once if nobody was selected, and at the timeout with what
  // has come until then. The error is empty if nobody is missing; else `timeout`, or `disconnected` if those
  // that are missing have left, or `bad_reply` if an answer does not fit T (an answer without values is
  // null).
  template <class... A>
  void emit(std::string_view event, A&&... arguments) const {
    detail::OutgoingEvent out(event);
    if constexpr (detail::ends_in_callback<A...>()) {
      constexpr std::size_t count = sizeof...(A) - 1;
      auto all = std::forward_as_tuple(std::forward<A>(arguments)...);
      detail::encode_front(out.data(), std::move(all), std::make_index_sequence<count>{});
      send_question(out, detail::make_answer_sink(std::get<count>(std::move(all))));
    } else {
      encode_arguments(out.data(), std::forward<A>(arguments)...);
      send(out);
    }
  }

  // `co_await io.to(room).ask<T>(event, args…)`, in a coroutine: the same, emitted when it is awaited. Gives
  // an Answer<Answers<T>>, beside an error with what has come.
  template <class T, class... A>
  [[nodiscard]] detail::AskMany<T> ask(std::string_view event, A&&... arguments) const {
    return detail::AskMany<T>(*this, event, std::forward<A>(arguments)...);
  }

  // The selected sockets, as they are when the question reaches their process. The error is `timeout` if some
  // process has not answered; what the others have is there nevertheless. Needs remote_socket.h.
  BANTER_API void fetch_sockets(Function<void(std::error_code, std::vector<RemoteSocket>)> done) const;

  // How many sockets are selected: as far as the processes of the cluster answer.
  BANTER_API void count(Function<void(std::size_t)> done) const;

  // The selected sockets join or leave rooms, or are disconnected.
  BANTER_API void sockets_join(Rooms rooms) const;
  BANTER_API void sockets_leave(Rooms rooms) const;
  BANTER_API void disconnect_sockets(Disconnect what = Disconnect::from_namespace) const;

 private:
  friend class RemoteEmitter;
  template <class T>
  friend class detail::AskMany;
  struct Parts;  // the same in the words of the layer below

  BANTER_API void send(detail::OutgoingEvent& event) const;
  BANTER_API void send_question(detail::OutgoingEvent& event,
                                std::unique_ptr<detail::AnswerSink> answers) const;

  detail::PortRef port_;
  std::uint32_t nsp_;
  std::vector<std::string> rooms_;
  std::vector<std::string> except_;
  std::optional<std::chrono::milliseconds> timeout_;
  bool is_volatile_ = false;
  bool compresses_ = true;
  bool is_latest_ = false;
  std::string key_;
  bool is_local_ = false;
};

// What Broadcast has, for all sockets of a namespace: a base of what has an everyone().
template <class Self>
class Everyone {
 public:
  template <class... A>
  void emit(std::string_view event, A&&... arguments) const {
    all().emit(event, std::forward<A>(arguments)...);
  }
  template <class... A>
  void send(A&&... arguments) const {  // emits `message`
    emit("message", std::forward<A>(arguments)...);
  }
  template <class T, class... A>
  [[nodiscard]] detail::AskMany<T> ask(std::string_view event, A&&... arguments) const {
    return all().template ask<T>(event, std::forward<A>(arguments)...);
  }

  [[nodiscard]] Broadcast to(Rooms rooms) const { return all().to(std::move(rooms)); }
  [[nodiscard]] Broadcast in(Rooms rooms) const { return all().to(std::move(rooms)); }
  [[nodiscard]] Broadcast except(Rooms rooms) const { return all().except(std::move(rooms)); }
  [[nodiscard]] Broadcast volatile_() const { return all().volatile_(); }
  [[nodiscard]] Broadcast latest(std::string_view key) const { return all().latest(key); }
  [[nodiscard]] Broadcast compress(bool compresses) const { return all().compress(compresses); }
  [[nodiscard]] Broadcast local() const { return all().local(); }
  [[nodiscard]] Broadcast timeout(std::chrono::milliseconds timeout) const { return all().timeout(timeout); }

  void fetch_sockets(Function<void(std::error_code, std::vector<RemoteSocket>)> done) const {
    all().fetch_sockets(std::move(done));
  }
  void count(Function<void(std::size_t)> done) const { all().count(std::move(done)); }
  void sockets_join(Rooms rooms) const { all().sockets_join(std::move(rooms)); }
  void sockets_leave(Rooms rooms) const { all().sockets_leave(std::move(rooms)); }
  void disconnect_sockets(Disconnect what = Disconnect::from_namespace) const {
    all().disconnect_sockets(what);
  }

 private:
  friend Self;
  Everyone() = default;
  [[nodiscard]] Broadcast all() const { return static_cast<const Self&>(*this).everyone(); }
};

namespace detail {

template <class T>
class [[nodiscard]] AskMany : public Awaitable<AskMany<T>> {
 public:
  template <class... A>
  AskMany(Broadcast whom, std::string_view event, A&&... arguments)
      : whom_(std::move(whom)), question_(std::make_unique<OutgoingEvent>(event)) {
    static_assert(!ends_in_callback<A...>(), "banter: `ask` is awaited; a callback belongs to `emit`");
    encode_arguments(question_->data(), std::forward<A>(arguments)...);
  }

  // Not inline, for Suspend::begin's reason.
  [[nodiscard]] [[gnu::noinline]] bool begin(Resume resume) {
    Suspend send([this, whom = std::move(whom_), question = std::move(question_)](Resume go_on) {
      whom.send_question(*question, make_answer_sink([this, go_on = std::move(go_on)](
                                                         std::error_code error, Answers<T> answers) mutable {
        answer_ = {error, std::move(answers)};
        go_on();
      }));
    });
    return send.begin(std::move(resume));
  }
  Answer<Answers<T>> await_resume() { return std::move(answer_); }

 private:
  Broadcast whom_;
  QuestionPtr question_;
  Answer<Answers<T>> answer_;
};

}  // namespace detail
}  // namespace banter
