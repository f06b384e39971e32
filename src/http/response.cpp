#include "http/response.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "http/status.h"
#include "http/text.h"

namespace banter::http {

namespace {

void append_field(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

// RFC 9110 section 7.8: Upgrade is a matter of this connection and is listed in Connection.
std::string connection_options(const Response& response, const Delivery& delivery) {
  std::string options = response.headers().has("Upgrade") ? "Upgrade" : "";
  std::string_view persistence;
  if (!delivery.keep_alive) {
    persistence = "close";
  } else if (delivery.version == Version::http_1_0) {
    persistence = "keep-alive";
  }
  if (!options.empty() && !persistence.empty()) options += ", ";
  return options.append(persistence);
}

bool adds_up(std::string_view name) noexcept {
  return equals_ignoring_case(name, "Vary") || equals_ignoring_case(name, "Set-Cookie");
}

}  // namespace

void check_header(std::string_view name, std::string_view value) {
  if (!is_token(name)) throw std::invalid_argument("not a header name: \"" + std::string(name) + "\"");
  for (const std::string_view own : {"Content-Length", "Transfer-Encoding", "Connection", "Date"}) {
    if (equals_ignoring_case(name, own)) {
      throw std::invalid_argument("header " + std::string(own) + " is written by the connection");
    }
  }
  const bool is_clean = std::none_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
  if (!is_clean) throw std::invalid_argument("control byte in the value of header " + std::string(name));
}

Response::Response(int status) : status_(status) {
  if (status < 200 || status > 599) {
    throw std::invalid_argument("not the status of an answer: " + std::to_string(status));
  }
}

Response::Response(int status, std::string_view content_type, std::string body) : Response(status) {
  set_header("Content-Type", content_type);
  set_body(std::move(body));
}

Response& Response::set_header(std::string_view name, std::string_view value) {
  check_header(name, value);
  headers_.remove(name);
  headers_.add(std::string(name), std::string(value));
  return *this;
}

Response& Response::add_header(std::string_view name, std::string_view value) {
  check_header(name, value);
  headers_.add(std::string(name), std::string(value));
  return *this;
}

Response& Response::add_missing(Headers fields) {
  for (const Header& own : headers_) {
    if (!adds_up(own.name)) fields.remove(own.name);
  }
  for (const Header& field : fields)
    headers_.add(field.name, field.value);
  return *this;
}

Response& Response::set_body(std::string bytes) {
  body_ = std::move(bytes);
  return *this;
}

Response& Response::set_body(base::SharedBytes bytes) {
  body_ = std::move(bytes);
  return *this;
}

Response& Response::set_body(std::unique_ptr<BodySource> source) {
  body_ = std::move(source);
  return *this;
}

std::string_view Response::body() const noexcept {
  if (const auto* bytes = std::get_if<std::string>(&body_)) return *bytes;
  if (const auto* shared = std::get_if<base::SharedBytes>(&body_)) return shared->view();
  return {};
}

std::uint64_t Response::body_size() const noexcept {
  const auto* source = std::get_if<std::unique_ptr<BodySource>>(&body_);
  return source && *source ? (*source)->size() : body().size();
}

base::SharedBytes Response::take_bytes() {
  if (auto* bytes = std::get_if<std::string>(&body_)) return base::SharedBytes::take(std::move(*bytes));
  if (auto* shared = std::get_if<base::SharedBytes>(&body_)) return std::exchange(*shared, {});
  return {};
}

std::unique_ptr<BodySource> Response::take_source() noexcept {
  auto* source = std::get_if<std::unique_ptr<BodySource>>(&body_);
  return source ? std::move(*source) : nullptr;
}

std::string write_head(const Response& response, const Delivery& delivery) {
  const int status = response.status();
  std::string head = "HTTP/1.1 " + std::to_string(status) + " ";
  head.append(reason_phrase(status)).append("\r\n");
  if (!delivery.date.empty()) append_field(head, "Date", delivery.date);
  for (const Header& header : response.headers())
    append_field(head, header.name, header.value);
  if (may_have_body(status)) {
    append_field(head, "Content-Length", std::to_string(response.body_size()));
  } else if (response.announces_empty()) {
    append_field(head, "Content-Length", "0");
  }
  if (const std::string options = connection_options(response, delivery); !options.empty()) {
    append_field(head, "Connection", options);
  }
  return head += "\r\n";
}

}  // namespace banter::http
