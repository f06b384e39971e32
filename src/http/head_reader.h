// Collects the head of a request within its limits, line by line.
//
//   (empty lines) --> request line --> header lines --> empty line: complete
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

#include "http/line_reader.h"

namespace banter::http {

struct Limits {
  // Longest request line, in bytes without its CR LF; a longer one gets 414.
  std::size_t max_request_line = 8 * 1024;

  // All header lines together, in bytes; more get 431. The trailers of a chunked body have the same room
  // again.
  std::size_t max_head = 16 * 1024;

  // Header lines; one more gets 431.
  std::size_t max_headers = 100;
};

class HeadReader {
 public:
  enum class Event { need_input, complete, error };

  // `limits` must outlive the reader.
  explicit HeadReader(const Limits& limits) : limits_(&limits) {}

  // Takes bytes off the front of `input` up to the end of the head. Errors are final.
  [[nodiscard]] Event read(std::string_view& input);

  // The head with its closing empty line, after Event::complete, until reset().
  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  [[nodiscard]] std::error_code error() const noexcept { return error_; }

  // True once a byte of the head has been read.
  [[nodiscard]] bool has_begun() const noexcept {
    return !text_.empty() || empty_lines_ > 0 || line_.is_inside();
  }

  // Begins anew, with the memory given back.
  void reset();

 private:
  [[nodiscard]] std::error_code take_line(std::string_view line);
  [[nodiscard]] std::size_t room() const noexcept;
  [[nodiscard]] bool is_in_headers() const noexcept { return !text_.empty(); }

  const Limits* limits_;
  LineReader line_;
  std::string text_;
  std::size_t request_line_size_ = 0;  // with CR LF
  std::size_t header_lines_ = 0;
  std::size_t empty_lines_ = 0;
  bool is_complete_ = false;
  std::error_code error_;
};

}  // namespace banter::http
