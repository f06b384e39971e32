// Which pages may open a WebSocket here; and what their refusal says to the operator.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>

#include "base/counter.h"
#include "http/cors.h"
#include "http/origin.h"
#include "http/request.h"
#include "socketio/user_code.h"

namespace banter::server {

class Origins {
 public:
  Origins(const http::Cors& cors, socketio::ProblemSink& problems, base::Counter& refused)
      : cors_(cors), problems_(problems), refused_(refused) {}

  // True without Origin, for the server's own host, and for what the options allow.
  [[nodiscard]] bool allow(const http::Request& request) const;

  // A page was refused: tells the operator, once for each origin.
  void report(const http::Request& request);

  // The same if the page's browser will keep the answer from it.
  void report_if_unread(const http::Request& request);

 private:
  const http::Cors& cors_;
  socketio::ProblemSink& problems_;
  base::Counter& refused_;
  std::unordered_set<std::string> reported_;
};

}  // namespace banter::server
