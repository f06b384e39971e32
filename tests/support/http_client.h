// An HTTP client on a connection of its own, which it keeps: literal requests, answers taken apart.
#pragma once

#include <doctest/doctest.h>
#include <strings.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "banter/function.h"
#include "tests/support/raw_client.h"

namespace banter::test {

struct HttpRequest {
  std::string line;     // "GET /path"
  std::string headers;  // further ones, each with its line end
  std::string body;     // with a POST also an empty one is announced
};

inline std::string text_of(const HttpRequest& request) {
  std::string text = request.line + " HTTP/1.1\r\nHost: localhost\r\n" + request.headers;
  if (!request.body.empty() || request.line.starts_with("POST")) {
    text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  }
  return text + "\r\n" + request.body;
}

struct HttpAnswer {
  int status = 0;    // 0: the connection has ended before the whole head had come
  std::string head;  // the status line and the fields
  std::string body;

  // All fields of that name, in any case, in their order.
  [[nodiscard]] std::vector<std::string> headers(std::string_view name) const {
    std::vector<std::string> values;
    for (std::size_t begin = head.find("\r\n"); begin != std::string::npos;) {
      const std::size_t end = head.find("\r\n", begin + 2);
      const std::string line = head.substr(begin + 2, end - begin - 2);
      const std::size_t colon = line.find(": ");
      if (colon == name.size() && strncasecmp(line.data(), name.data(), name.size()) == 0) {
        values.push_back(line.substr(colon + 2));
      }
      begin = end;
    }
    return values;
  }

  // The only field of that name; empty if there is none.
  [[nodiscard]] std::string header(std::string_view name) const {
    const std::vector<std::string> values = headers(name);
    CHECK(values.size() <= 1);
    return values.empty() ? std::string() : values.front();
  }
};

// Reads one answer to a request other than HEAD.
inline HttpAnswer read_answer(RawClient& raw) {
  HttpAnswer answer;
  while (!answer.head.ends_with("\r\n\r\n")) {
    const std::string byte = raw.read(1);
    if (byte.empty()) return answer;
    answer.head += byte;
  }
  answer.head.resize(answer.head.size() - 2);
  answer.status = std::stoi(answer.head.substr(9, 3));
  const std::string length = answer.header("Content-Length");
  if (!length.empty()) answer.body = raw.read(std::stoul(length));
  return answer;
}

class HttpClient {
 public:
  HttpClient(int port, Function<void()> turn) : raw_(port, std::move(turn)) {}
  HttpClient(HttpClient&&) = default;

  bool send(const HttpRequest& request) { return raw_.send(text_of(request)); }
  HttpAnswer read() { return read_answer(raw_); }
  HttpAnswer ask(const HttpRequest& request) {
    send(request);
    return read();
  }

  [[nodiscard]] RawClient& raw() { return raw_; }

 private:
  RawClient raw_;
};

}  // namespace banter::test
