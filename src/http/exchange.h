// What a RequestHandler is given for one request: the link to a body that is still on its way, and what to
// answer with, now or later. Each is bound to its connection by a link that either side cuts when it goes, so
// a late answer for a connection that is gone does nothing.
//
// Movable. All on the connection's loop's thread.
#pragma once

#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "banter/address.h"
#include "banter/function.h"
#include "http/headers.h"
#include "http/request.h"
#include "http/response.h"
#include "loop/stream.h"

namespace banter::http {

class Connection;
class Responder;

// Whom an AnswerWatch tells. From the loop; the connection may be gone afterwards.
class AnswerHandler {
 public:
  // What the client has not taken has fallen to half of the stream's high_water, having been above it.
  virtual void on_answer_drain() = 0;

  // The connection has failed, or was closed, before the client had taken everything.
  virtual void on_answer_lost(std::error_code error) = 0;

 protected:
  ~AnswerHandler() = default;
};

// Follows an answer on its way out. Neither copied nor moved; may go at any time.
class AnswerWatch {
 public:
  explicit AnswerWatch(AnswerHandler& handler) noexcept : handler_(handler) {}
  AnswerWatch(const AnswerWatch&) = delete;
  AnswerWatch& operator=(const AnswerWatch&) = delete;
  ~AnswerWatch() { cut(); }

  // Bytes of the answer, its head included, that the kernel has not taken. Of one after which the connection
  // closes no more than are above high_water.
  [[nodiscard]] std::size_t unsent() const noexcept;

 private:
  friend class Connection;
  void cut() noexcept;

  AnswerHandler& handler_;
  Connection* connection_ = nullptr;
};

class Exchange {
 public:
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // False once it was answered or the client has gone.
  [[nodiscard]] bool is_open() const noexcept { return connection_ != nullptr; }

  // Puts the field on the answer of this request, whatever it will be: also on one that the connection makes
  // itself, as 408 or 413. A field that the answer sets itself stays as it is and this one is left out,
  // except that Vary and Set-Cookie are sent beside. Throws as Response::add_header(); ignored if is_open()
  // is false.
  void add_header(std::string_view name, std::string_view value);

  // Calls `callback` if the client goes before it is answered: it has closed the connection or its side of
  // it, it failed, or the server shuts down. A client that has closed only its side can still be answered.
  // Replaces an earlier one; nothing happens on an exchange that is not open. The callback may destroy this
  // object.
  void on_gone(Function<void()> callback);

  // The connection's loop. Only while is_open().
  [[nodiscard]] loop::Loop& loop() const noexcept;

  // True if the client has gone, also where on_gone() has yet to say so. Only while is_open().
  [[nodiscard]] bool is_lost() const noexcept;

  // The client's address; empty once the connection is gone.
  [[nodiscard]] Address peer() const;

 protected:
  Exchange() noexcept = default;
  explicit Exchange(Connection& connection) noexcept;
  Exchange(Exchange&& other) noexcept;
  ~Exchange() { cut(); }

  // The connection, whose link is cut; null if it is gone or was answered.
  Connection* cut() noexcept;
  [[nodiscard]] Connection* connection() const noexcept { return connection_; }
  void take(Exchange& other) noexcept;

 private:
  friend class Connection;
  Connection* connection_ = nullptr;
};

// A request whose body is still being read. Whoever wants to follow it moves this out of on_head() and keeps
// it; destroyed, it only means that nobody follows any more.
//
// It ends, and is_open() becomes false, when the body is complete, is too long, or will never be complete.
// on_gone() is called in the last case alone: the client has gone, was too slow (and is answered 408), its
// body is malformed (400), or the server shuts down. Neither callback may own this object; both may destroy
// it.
class Incoming final : public Exchange {
 public:
  using Complete = Function<void(Request&, Responder)>;

  Incoming() noexcept = default;  // not open
  Incoming(Incoming&&) noexcept = default;
  Incoming& operator=(Incoming&& other) noexcept;
  ~Incoming();

  // The complete request goes to `callback`, as on_request() would get it, and not there. Replaces an earlier
  // one. Not called where the BodyPlan answers.
  void on_complete(Complete callback) { on_complete_ = std::move(callback); }

  // Closes the connection at once, without an answer; no callback is called.
  void abort();

 private:
  friend class Connection;
  explicit Incoming(Connection& connection) noexcept : Exchange(connection) {}

  Complete on_complete_;
};

// Answers one request.
class Responder final : public Exchange {
 public:
  Responder() noexcept = default;  // not open
  Responder(Responder&&) noexcept = default;
  Responder& operator=(Responder&& other) noexcept;
  ~Responder();  // unanswered: 500

  // Sends the answer. Ignored if is_open() is false. Calls no handler, also where the next request is waiting
  // already.
  void send(Response response);

  // The same, and tells of what becomes of the answer; the watch leaves an earlier one.
  void send(Response response, AnswerWatch& watch);
  void send(int status, std::string_view content_type, std::string body) {
    send(Response(status, content_type, std::move(body)));
  }

 private:
  friend class Connection;
  explicit Responder(Connection& connection) noexcept : Exchange(connection) {}
};

// Decides about one upgrade. Until then nothing is read from the connection, so a client that goes is not
// noticed.
class Upgrade final : public Exchange {
 public:
  Upgrade() noexcept = default;  // not open
  Upgrade(Upgrade&&) noexcept = default;
  Upgrade& operator=(Upgrade&& other) noexcept;
  ~Upgrade();  // undecided: refused with 500

  struct Accepted {
    loop::StreamPtr stream;  // null if is_open() was false
    std::string rest;        // what the client has sent behind the head of its request
  };

  // Takes out what add_header() has collected: for the head that accept() is given.
  [[nodiscard]] Headers take_headers();

  // Queues `head` (a whole "HTTP/1.1 101 …" with its empty line) and gives up the connection. Before
  // returning to the loop the new owner must start() the stream or destroy it; it reads, also if it was
  // paused.
  [[nodiscard]] Accepted accept(std::string_view head);

  // Sends the answer with `Connection: close`. Ignored if is_open() is false.
  void refuse(Response response);

 private:
  friend class Connection;
  explicit Upgrade(Connection& connection) noexcept : Exchange(connection) {}
};

}  // namespace banter::http
