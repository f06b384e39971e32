#include "http/chunk_reader.h"

#include <algorithm>
#include <charconv>

#include "http/error.h"
#include "http/text.h"

namespace banter::http {

namespace {

constexpr std::size_t max_size_digits = 16;
constexpr std::size_t max_size_line = 1024;

bool is_hex(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

ChunkReader::Event ChunkReader::read(std::string_view& input) {
  while (!error_ && state_ != State::end) {
    if (state_ == State::data) {
      if (input.empty()) return Event::need_input;
      data_ = input.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size())));
      input.remove_prefix(data_.size());
      left_ -= data_.size();
      if (left_ == 0) state_ = State::data_end;
      return Event::data;
    }
    switch (line_.read(input, longest_line())) {
      case LineReader::Event::need_input: return Event::need_input;
      case LineReader::Event::line: take_line(line_.line()); break;
      case LineReader::Event::error: error_ = Error::bad_chunk; break;
      case LineReader::Event::too_long:
        error_ = state_ == State::trailer ? Error::head_too_large : Error::bad_chunk;
        break;
    }
  }
  return error_ ? Event::error : Event::end;
}

std::size_t ChunkReader::longest_line() const noexcept {
  if (state_ == State::data_end) return 0;
  if (state_ == State::size) return max_size_line;
  return limits_->max_head - std::min(limits_->max_head, trailers_);
}

void ChunkReader::take_line(std::string_view line) {
  switch (state_) {
    case State::size: return take_size(line);
    case State::data_end: state_ = State::size; return;
    case State::trailer: return take_trailer(line);
    case State::data:
    case State::end: return;
  }
}

// chunk-size [ ";" extensions ]; blanks may surround the semicolon (section 7.1.1).
void ChunkReader::take_size(std::string_view line) {
  const auto digits =
      static_cast<std::size_t>(std::find_if_not(line.begin(), line.end(), is_hex) - line.begin());
  const std::string_view rest = trim(line.substr(digits));
  extensions_ += line.size() - digits;
  const bool is_good =
      digits > 0 && digits <= max_size_digits && (digits == line.size() || rest.starts_with(';'));
  if (!is_good || extensions_ > limits_->max_head) {
    error_ = Error::bad_chunk;
    return;
  }
  std::from_chars(line.data(), line.data() + digits, left_, 16);
  state_ = left_ == 0 ? State::trailer : State::data;
}

void ChunkReader::take_trailer(std::string_view line) {
  if (line.empty()) {
    state_ = State::end;
    return;
  }
  trailers_ += line.size() + 2;
  if (++trailer_lines_ > limits_->max_headers) {
    error_ = Error::too_many_headers;
  } else if (!is_token(line.substr(0, line.find(':'))) || line.find(':') == std::string_view::npos) {
    error_ = Error::malformed_header;
  }
}

}  // namespace banter::http
