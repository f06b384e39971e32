#include "http/head_reader.h"

#include <algorithm>
#include <utility>

#include "http/error.h"
#include "http/text.h"

namespace banter::http {

namespace {

// Some clients end a body with a CR LF that belongs to nothing (RFC 9112 section 2.2).
constexpr std::size_t max_empty_lines = 4;

bool looks_like_version(std::string_view text) noexcept {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return text.size() == 8 && text.starts_with("HTTP/") && is_digit(text[5]) && text[6] == '.' &&
         is_digit(text[7]);
}

// One blank on each side of the target, and no more (RFC 9112 section 3).
std::error_code check_request_line(std::string_view line) noexcept {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return Error::malformed_request_line;
  if (!is_token(line.substr(0, first))) return Error::malformed_request_line;

  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (target.empty() || target.find_first_of(" \t") != std::string_view::npos)
    return Error::malformed_request_line;

  const std::string_view version = line.substr(last + 1);
  if (version == "HTTP/1.1" || version == "HTTP/1.0") return {};
  return looks_like_version(version) ? Error::unsupported_version : Error::malformed_request_line;
}

// No blank between the name and the colon, no continuation of the line before (RFC 9112 section 5).
std::error_code check_header_line(std::string_view line) noexcept {
  if (line.front() == ' ' || line.front() == '\t') return Error::folded_header;
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return Error::malformed_header;
  return {};
}

}  // namespace

HeadReader::Event HeadReader::read(std::string_view& input) {
  while (!error_ && !is_complete_) {
    switch (line_.read(input, room())) {
      case LineReader::Event::need_input: return Event::need_input;
      case LineReader::Event::error: error_ = line_.error(); break;
      case LineReader::Event::too_long:
        error_ = is_in_headers() ? Error::head_too_large : Error::request_line_too_long;
        break;
      case LineReader::Event::line: error_ = take_line(line_.line()); break;
    }
  }
  return error_ ? Event::error : Event::complete;
}

std::size_t HeadReader::room() const noexcept {
  if (!is_in_headers()) return limits_->max_request_line;
  const std::size_t used = text_.size() - request_line_size_;
  return limits_->max_head - std::min(limits_->max_head, used);
}

std::error_code HeadReader::take_line(std::string_view line) {
  if (!is_in_headers()) {
    if (line.empty())
      return ++empty_lines_ > max_empty_lines ? Error::malformed_request_line : std::error_code{};
    if (const std::error_code error = check_request_line(line)) return error;
    request_line_size_ = line.size() + 2;
  } else if (line.empty()) {
    is_complete_ = true;
  } else {
    if (++header_lines_ > limits_->max_headers) return Error::too_many_headers;
    if (const std::error_code error = check_header_line(line)) return error;
  }
  text_.append(line).append("\r\n");
  return {};
}

void HeadReader::reset() {
  HeadReader fresh(*limits_);
  std::swap(*this, fresh);  // plain assignment of a short string would keep the memory of the long one
}

}  // namespace banter::http
