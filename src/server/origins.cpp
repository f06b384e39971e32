#include "server/origins.h"

namespace banter::server {

namespace {

// Of peers that make up origins only so many get into the log, and no longer ones.
constexpr std::size_t most_reported = 64;
constexpr std::size_t longest_reported = 256;

}  // namespace

bool Origins::allow(const http::Request& request) const {
  if (!request.headers.has("Origin")) return true;
  const std::string_view origin = request.header("Origin");
  return http::is_same_origin(origin, request.host, http::Scheme::http) || cors_.allows(origin);
}

void Origins::report_if_unread(const http::Request& request) {
  const bool anyone_reads = cors_.headers_for(request).get("Access-Control-Allow-Origin") == "*";
  if (!anyone_reads && !allow(request)) report(request);
}

void Origins::report(const http::Request& request) {
  refused_.add();
  const std::string origin(request.header("Origin").substr(0, longest_reported));
  if (reported_.size() == most_reported || !reported_.insert(origin).second) return;
  Problem problem;
  problem.where = Problem::Where::origin;
  problem.event = request.path;
  problem.text = "a page of " + origin + " may not use this server, whose own host is " + request.host +
                 "; Options::cors.origins = {\"" + origin + "\"} would allow it";
  problems_.report(problem);
}

}  // namespace banter::server
