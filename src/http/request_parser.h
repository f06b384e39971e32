// Incremental parser of the requests of one connection.
//
//   head --> (body pieces) --> end --> head ...
//
// Bytes in, requests or an error out; an error is final, so that nothing behind a bad request is taken for a
// request.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <system_error>

#include "http/chunk_reader.h"
#include "http/head_reader.h"
#include "http/request.h"

namespace banter::http {

class RequestParser {
 public:
  enum class Event {
    need_input,  // `input` is used up
    head,        // request() is there, without its body
    body,        // body_piece() is there
    end,         // the request is complete; the next read() begins another one
    error,       // error() says why
  };

  // `limits` must outlive the parser.
  explicit RequestParser(const Limits& limits) : limits_(&limits), head_(limits) {}

  // Takes bytes off the front of `input` until there is something to tell. For an upgrade stop at
  // Event::head: the rest of `input` belongs to the other protocol.
  [[nodiscard]] Event read(std::string_view& input);

  // From Event::head until the read() after Event::end. The body pieces are not put together here.
  [[nodiscard]] Request& request() noexcept { return request_; }

  // Between Event::head and the next read(): a body of more bytes is an error, at once if its length was
  // announced, else before the piece that would pass it. Without a call there is no limit.
  void set_max_body(std::uint64_t max) noexcept { body_room_ = max; }

  // After Event::body, until `input`'s bytes go.
  [[nodiscard]] std::string_view body_piece() const noexcept { return piece_; }

  [[nodiscard]] std::error_code error() const noexcept { return error_; }

  // True once a byte of a request has been read whose head is not complete.
  [[nodiscard]] bool is_in_head() const noexcept { return state_ == State::head && head_.has_begun(); }

 private:
  enum class State { head, begin_body, sized_body, chunked_body, failed };

  [[nodiscard]] Event read_head(std::string_view& input);
  [[nodiscard]] Event begin_body();
  [[nodiscard]] Event read_sized_body(std::string_view& input);
  [[nodiscard]] Event read_chunked_body(std::string_view& input);
  [[nodiscard]] Event end_request() noexcept;
  [[nodiscard]] Event fail(std::error_code error) noexcept;

  const Limits* limits_;
  State state_ = State::head;
  HeadReader head_;
  std::unique_ptr<ChunkReader> chunks_;  // while a chunked body is read
  Request request_;
  std::uint64_t left_ = 0;  // of a sized body
  std::uint64_t body_room_ = UINT64_MAX;
  std::string_view piece_;
  std::error_code error_;
};

}  // namespace banter::http
