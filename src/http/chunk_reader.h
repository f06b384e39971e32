// Incremental reader of a chunked body (RFC 9112 section 7.1). Extensions and trailers are checked for their
// form, bounded and dropped.
//
//   size line --> data --> line end --> size line ...
//        \-- 0 --> trailer lines --> empty line: end
//
// llhttp is not used here: 8.1 refuses a second extension, bounds neither extensions nor leading zeros, and
// takes bare LF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>

#include "http/head_reader.h"
#include "http/line_reader.h"

namespace banter::http {

class ChunkReader {
 public:
  enum class Event { need_input, data, end, error };

  // `limits` bound the trailers as they do the head, and all size lines' extensions by max_head.
  explicit ChunkReader(const Limits& limits) : limits_(&limits) {}

  // Takes bytes off the front of `input` until there is something to tell. Errors are final.
  [[nodiscard]] Event read(std::string_view& input);

  // After Event::data: bytes of the body, which lie in what was `input`.
  [[nodiscard]] std::string_view data() const noexcept { return data_; }
  [[nodiscard]] std::error_code error() const noexcept { return error_; }

 private:
  enum class State { size, data, data_end, trailer, end };

  [[nodiscard]] std::size_t longest_line() const noexcept;
  void take_line(std::string_view line);
  void take_size(std::string_view line);
  void take_trailer(std::string_view line);

  const Limits* limits_;
  LineReader line_;
  State state_ = State::size;
  std::uint64_t left_ = 0;  // of the present chunk's data
  std::size_t extensions_ = 0;
  std::size_t trailers_ = 0;
  std::size_t trailer_lines_ = 0;
  std::string_view data_;
  std::error_code error_;
};

}  // namespace banter::http
