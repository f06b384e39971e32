// Which pages of other origins may use the server: the headers of CORS (Fetch standard, section 3.2), and the
// same decision for WebSockets, which CORS does not guard.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "banter/function.h"
#include "http/headers.h"
#include "http/request.h"
#include "http/response.h"

namespace banter::http {

struct CorsSettings {
  // Origins that are allowed, as a browser sends them: "https://example.org", "http://localhost:8080". "*" is
  // every origin but "null" and those of files ("file://"), which any page can have and which must be named.
  // Without origins and `allows` there is no CORS.
  std::vector<std::string> origins;

  // Decides about origins that are not listed. May be empty. Must not throw; it is asked on the thread of
  // each connection.
  Function<bool(std::string_view)> allows;

  // The browser sends cookies and lets the page read the answer all the same. Not together with "*", which
  // browsers refuse.
  bool credentials = false;

  // What an allowed page may use; without `methods` GET, HEAD, PUT, PATCH, POST and DELETE, without
  // `allowed_headers` what it asks for.
  std::vector<std::string> methods;
  std::vector<std::string> allowed_headers;

  // Header fields of answers that the page may read beyond the simple ones.
  std::vector<std::string> exposed_headers;

  // How long a browser may keep the answer to a preflight; zero is not at all, without it the browser
  // decides.
  std::optional<std::chrono::seconds> max_age;
};

// Neither copied nor moved. Its members may be called on several threads at once if `allows` may.
class Cors {
 public:
  // Throws std::invalid_argument that names the entry if an origin is not "scheme://host" with an optional
  // port, a method or header is not a token, max_age is below zero, or `credentials` comes with "*".
  explicit Cors(CorsSettings settings);
  Cors(const Cors&) = delete;
  Cors& operator=(const Cors&) = delete;

  [[nodiscard]] bool is_configured() const noexcept { return mode_ != Mode::none; }

  // True if pages of `origin`, the value of a request's Origin, may open WebSockets.
  [[nodiscard]] bool allows(std::string_view origin) const;

  // The fields that belong on every answer to `request`, errors included; none if not configured.
  //   origins are "*"        Access-Control-Allow-Origin: *
  //   one origin             that one, whoever asks, and Vary: Origin
  //   several, or `allows`   the request's own if it is allowed, and Vary: Origin in any case
  // With Access-Control-Allow-Origin come the fields for credentials and exposed headers.
  [[nodiscard]] Headers headers_for(const Request& request) const;

  // The answer if `request` is a preflight, an OPTIONS with Origin and Access-Control-Request-Method, and
  // CORS is configured. It has the fields of headers_for() already.
  [[nodiscard]] std::optional<Response> preflight(const Request& request) const;

 private:
  enum class Mode : std::uint8_t { none, any, one, some };

  [[nodiscard]] Mode choose_mode() const;
  [[nodiscard]] bool is_listed(std::string_view origin) const noexcept;
  [[nodiscard]] std::optional<std::string> allowed_origin(const Request& request) const;
  void allow_headers(const Request& request, Response& response) const;

  mutable Function<bool(std::string_view)> predicate_;
  CorsSettings settings_;
  std::string methods_;  // these three joined
  std::string allowed_headers_;
  std::string exposed_headers_;
  Mode mode_;
};

}  // namespace banter::http
