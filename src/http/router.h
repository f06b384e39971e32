// Finds the handler of a request by its method and path.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "banter/function.h"
#include "http/exchange.h"
#include "http/request.h"

namespace banter::http {

// What the `:name` segments of a pattern stood for, decoded.
class Params {
 public:
  void add(std::string name, std::string value) { list_.push_back({std::move(name), std::move(value)}); }
  [[nodiscard]] std::string_view get(std::string_view name) const noexcept;  // empty where there is none
  [[nodiscard]] std::size_t size() const noexcept { return list_.size(); }

 private:
  std::vector<QueryParameter> list_;
};

// Routes are added first; then several threads may call route() at once.
class Router {
 public:
  using Handler = Function<void(Request&, const Params&, Responder)>;
  using ErrorHandler = Function<void(const Request&, std::exception_ptr)>;

  // A pattern is a path whose segments may be `:name`, which stands for one segment that is not empty, as in
  // "/room/:name". It is compared with the decoded segments of the path, so `%2F` does not separate. Throws
  // std::invalid_argument, naming the pattern, if it does not begin with a slash, has a segment `:` or the
  // same name twice, or was added before.
  void get(std::string_view pattern, Handler handler) {
    add("GET", pattern, std::move(handler));
  }  // and HEAD
  void post(std::string_view pattern, Handler handler) { add("POST", pattern, std::move(handler)); }
  void add(std::string_view method, std::string_view pattern, Handler handler);

  // GET and HEAD of every path at or below `prefix` ("/" or "/files") that no route has; the longest prefix
  // first.
  void mount(std::string_view prefix, Handler handler);

  // Hears what a handler throws; the request is then answered 500, if it was not answered before.
  void set_error_handler(ErrorHandler handler) { on_error_ = std::move(handler); }

  // Calls the handler: routes without parameters first, then in the order they were added. Answers 404, or
  // 405 with Allow, where there is none.
  void route(Request& request, Responder responder);

  // True if a route would take a request with this method and path, whose body is then worth reading.
  [[nodiscard]] bool wants_body(const Request& request) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> segments;  // decoded; ":name" for a parameter
    bool has_params = false;
    mutable Handler handler;
  };
  struct Mount {
    std::string prefix;  // without its last slash
    mutable Handler handler;
  };

  [[nodiscard]] const Route* find(std::string_view method, const std::vector<std::string>& path) const;
  [[nodiscard]] const Mount* find_mount(std::string_view raw_path) const;
  [[nodiscard]] std::string allowed(const Request& request, const std::vector<std::string>& path) const;
  void call(Handler& handler, Request& request, const Params& params, Responder responder);

  std::vector<Route> routes_;
  std::vector<Mount> mounts_;  // longest first
  ErrorHandler on_error_;
};

}  // namespace banter::http
