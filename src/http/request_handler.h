// What HTTP connections ask of the layer above.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "http/exchange.h"
#include "http/request.h"
#include "http/response.h"
#include "loop/stream.h"

namespace banter::http {

// What becomes of a body that a request announces.
class BodyPlan {
 public:
  // Read whole, up to `max` bytes; a longer one is answered 413 and on_request() is not called.
  [[nodiscard]] static BodyPlan read(std::size_t max) {
    BodyPlan plan;
    plan.max_size = max;
    return plan;
  }

  // The same, where the 413 is `too_long`.
  [[nodiscard]] static BodyPlan read(std::size_t max, Response too_long) {
    BodyPlan plan = read(max);
    plan.too_long = std::make_unique<Response>(std::move(too_long));
    return plan;
  }

  // Not wanted: read and dropped, up to Settings::max_dropped_body, and on_request() sees none. After a
  // longer one, or one that the client waits to send (Expect: 100-continue), the connection is closed with
  // the answer.
  [[nodiscard]] static BodyPlan drop() { return {}; }

  // The request is answered with `response` and on_request() is not called; the body goes as with drop().
  [[nodiscard]] static BodyPlan refuse(Response response) {
    BodyPlan plan;
    plan.refusal = std::make_unique<Response>(std::move(response));
    return plan;
  }

  std::optional<std::size_t> max_size;  // absent: dropped
  std::unique_ptr<Response> refusal;    // null: on_request() answers
  std::unique_ptr<Response> too_long;   // null: an error page; sent as soon as it is known

 private:
  BodyPlan() = default;
};

// Calls come on the loop's thread, one request of a connection at a time: the next only when this one is
// answered and its answer has gone out to within Settings::stream.high_water. They must not throw.
class RequestHandler {
 public:
  // The head of a request with a body is complete. Requests without a body, and upgrades, are not asked
  // about. `incoming` goes when the call returns, unless it is moved out.
  virtual BodyPlan on_head(const Request& request, Incoming& incoming) = 0;

  // `request` is complete, and lives until the call returns.
  virtual void on_request(Request& request, Responder responder) = 0;

  // A request with is_upgrade; as on_request().
  virtual void on_upgrade(Request& request, Upgrade upgrade) = 0;

  // A request of the client at `stream` broke a rule or a limit and is answered with that error.
  virtual void on_bad_request(std::error_code /*error*/, const loop::Stream& /*stream*/) {}

 protected:
  ~RequestHandler() = default;
};

}  // namespace banter::http
