// What the application registers before `listen`; immutable afterwards, and common to all Workers.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "banter/admission.h"
#include "banter/engine.h"
#include "banter/error.h"
#include "banter/function.h"
#include "banter/http.h"
#include "banter/native_options.h"
#include "base/log.h"
#include "http/router.h"
#include "socketio/definition.h"

namespace banter::detail {

// Of plain JSON events.
struct NativeEndpoint {
  std::uint32_t nsp;  // the id of a static namespace
  NativeOptions options;
};

}  // namespace banter::detail

struct banter::detail::Registration : std::enable_shared_from_this<Registration> {
  // Throws std::logic_error that names `what` once registration has ended.
  void require_open(std::string_view what) const;

  // Throws std::invalid_argument if the path does not begin with a slash or is taken by another endpoint.
  void require_free(std::string_view path) const;

  std::string engine_path;  // of Socket.IO itself, with its last slash
  socketio::Registry namespaces;
  http::Router router;
  std::map<std::string, WebSocketEndpoint, std::less<>> websockets;
  std::map<std::string, NativeEndpoint, std::less<>> native;
  std::map<std::string, EngineEndpoint, std::less<>> engines;  // bare ones
  std::vector<Http::Middleware> middlewares;
  Function<void(const Problem&)> on_error;
  base::Log log;
  Function<void(const Request&, Admission)> allow_request;
  Function<void(const ConnectionError&)> on_connection_error;
  Function<void(const Request&, AnswerHeaders&)> on_initial_headers;
  Function<void(const Request&, AnswerHeaders&)> on_headers;
  bool is_open = true;
};

namespace banter::detail {

// For a value that outlives the server: its registration, as long as it is open. Throws std::logic_error that
// names `what` once it is not, or gone.
[[nodiscard]] std::shared_ptr<Registration> open_registration(const std::weak_ptr<Registration>& registration,
                                                              std::string_view what);

}  // namespace banter::detail
