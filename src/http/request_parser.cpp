#include "http/request_parser.h"

#include <algorithm>

#include "http/error.h"
#include "http/head_parser.h"

namespace banter::http {

RequestParser::Event RequestParser::read(std::string_view& input) {
  while (true) {
    switch (state_) {
      case State::head: return read_head(input);
      case State::begin_body:
        if (const Event event = begin_body(); event != Event::need_input) return event;
        break;
      case State::sized_body: return read_sized_body(input);
      case State::chunked_body: return read_chunked_body(input);
      case State::failed: return Event::error;
    }
  }
}

RequestParser::Event RequestParser::read_head(std::string_view& input) {
  switch (head_.read(input)) {
    case HeadReader::Event::need_input: return Event::need_input;
    case HeadReader::Event::error: return fail(head_.error());
    case HeadReader::Event::complete: break;
  }
  const std::error_code error = parse_head(head_.text(), request_);
  head_.reset();
  if (error) return fail(error);
  body_room_ = UINT64_MAX;
  state_ = State::begin_body;
  return Event::head;
}

// Answers need_input if there is a body to read.
RequestParser::Event RequestParser::begin_body() {
  if (!request_.has_body()) return end_request();
  if (request_.is_chunked) {
    chunks_ = std::make_unique<ChunkReader>(*limits_);
    state_ = State::chunked_body;
    return Event::need_input;
  }
  left_ = *request_.content_length;
  if (left_ > body_room_) return fail(Error::body_too_large);
  state_ = State::sized_body;
  return Event::need_input;
}

RequestParser::Event RequestParser::read_sized_body(std::string_view& input) {
  if (left_ == 0) return end_request();
  if (input.empty()) return Event::need_input;
  piece_ = input.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size())));
  input.remove_prefix(piece_.size());
  left_ -= piece_.size();
  return Event::body;
}

RequestParser::Event RequestParser::read_chunked_body(std::string_view& input) {
  switch (chunks_->read(input)) {
    case ChunkReader::Event::need_input: return Event::need_input;
    case ChunkReader::Event::error: return fail(chunks_->error());
    case ChunkReader::Event::end: return end_request();
    case ChunkReader::Event::data: break;
  }
  piece_ = chunks_->data();
  if (piece_.size() > body_room_) return fail(Error::body_too_large);
  body_room_ -= piece_.size();
  return Event::body;
}

RequestParser::Event RequestParser::end_request() noexcept {
  chunks_.reset();
  state_ = State::head;
  return Event::end;
}

RequestParser::Event RequestParser::fail(std::error_code error) noexcept {
  error_ = error;
  state_ = State::failed;
  return Event::error;
}

}  // namespace banter::http
