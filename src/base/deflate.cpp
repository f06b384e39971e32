#include "base/deflate.h"

#define ZLIB_CONST  // input is not written to
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <new>

namespace banter::base {

namespace {

// What a flushed message ends with, the end of an empty stored block (RFC 7692 section 7.2.1).
constexpr std::string_view tail("\x00\x00\xff\xff", 4);

using Room = std::array<char, std::size_t{16} * 1024>;

// Moves the front of `bytes` to `stream`, all of it unless zlib's 32 bits cannot count it.
void give_input(z_stream& stream, std::string_view& bytes) {
  const std::size_t count = std::min<std::size_t>(bytes.size(), std::numeric_limits<uInt>::max());
  stream.next_in = reinterpret_cast<const Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(count);
  bytes.remove_prefix(count);
}

void give_room(z_stream& stream, Room& room) {
  stream.next_out = reinterpret_cast<Bytef*>(room.data());
  stream.avail_out = static_cast<uInt>(room.size());
}

std::string_view taken(const z_stream& stream, const Room& room) {
  return {room.data(), room.size() - stream.avail_out};
}

void init_deflate(z_stream& stream, int window_bits, const DeflaterSettings& settings) {
  const int code = deflateInit2(&stream, settings.level, Z_DEFLATED, window_bits, settings.memory_level,
                                Z_DEFAULT_STRATEGY);
  assert(code != Z_STREAM_ERROR);  // a setting out of its range
  if (code != Z_OK) throw std::bad_alloc();
}

void run_deflate(z_stream& stream, std::string& out, std::string_view bytes, int flush) {
  Room room;
  do {
    if (stream.avail_in == 0) give_input(stream, bytes);
    give_room(stream, room);
    [[maybe_unused]] const int code = deflate(&stream, bytes.empty() ? flush : Z_NO_FLUSH);
    assert(code != Z_STREAM_ERROR);
    out.append(taken(stream, room));
  } while (stream.avail_in > 0 || !bytes.empty() || stream.avail_out == 0);
}

// A string that grows doubles its memory; near the limit it gets what the limit allows and no more.
void append_within(std::string& out, std::string_view bytes, std::size_t limit) {
  const bool must_grow = bytes.size() > out.capacity() - out.size();
  if (must_grow && limit / 2 < std::max(out.capacity(), bytes.size())) {
    std::string longest;
    longest.reserve(limit);
    out = std::move(longest.append(out));
  }
  out.append(bytes);
}

}  // namespace

void Deflater::End::operator()(z_stream_s* stream) const noexcept {
  deflateEnd(stream);
  delete stream;
}

Deflater::Deflater(const DeflaterSettings& settings) : stream_(new z_stream_s{}) {
  assert(settings.window_bits >= 9 && settings.window_bits <= 15);
  init_deflate(*stream_, -settings.window_bits, settings);  // negative: without zlib's header
}

void Deflater::write(std::string& out, std::string_view part) {
  if (part.empty()) return;
  is_empty_ = false;
  run_deflate(*stream_, out, part, Z_NO_FLUSH);
}

void Deflater::finish(std::string& out) {
  if (is_empty_) return out.push_back('\0');  // RFC 7692 section 7.2.3.6; zlib flushes nothing twice
  run_deflate(*stream_, out, {}, Z_SYNC_FLUSH);
  assert(std::string_view(out).ends_with(tail));
  out.resize(out.size() - tail.size());
  is_empty_ = true;
}

void Deflater::append(std::string& out, std::string_view message) {
  write(out, message);
  finish(out);
}

void Deflater::reset() noexcept {
  deflateReset(stream_.get());
  is_empty_ = true;
}

void Inflater::End::operator()(z_stream_s* stream) const noexcept {
  inflateEnd(stream);
  delete stream;
}

Inflater::Inflater(int window_bits) : stream_(new z_stream_s{}) {
  assert(window_bits >= 8 && window_bits <= 15);
  if (inflateInit2(stream_.get(), -window_bits) != Z_OK) throw std::bad_alloc();
}

InflateResult Inflater::append(std::string& out, std::string_view compressed, std::size_t limit) {
  position_ = Position::between_blocks;
  InflateResult result = feed(out, compressed, limit);
  if (result != InflateResult::ok) return result;
  // Behind a final block an empty one should follow (RFC 7692 section 7.2.3.4), which some leave out.
  if (position_ != Position::behind_final_block) result = feed(out, tail, limit);
  if (result != InflateResult::ok) return result;
  return position_ == Position::inside_block ? InflateResult::corrupt : InflateResult::ok;
}

InflateResult Inflater::feed(std::string& out, std::string_view bytes, std::size_t limit) {
  constexpr int is_between_blocks = 128;  // in data_type
  Room room;
  do {
    if (stream_->avail_in == 0) give_input(*stream_, bytes);
    give_room(*stream_, room);
    const int code = inflate(stream_.get(), Z_SYNC_FLUSH);
    if (code == Z_BUF_ERROR) return InflateResult::ok;  // nothing was left to do
    if (code == Z_MEM_ERROR) throw std::bad_alloc();
    if (code != Z_OK && code != Z_STREAM_END) return InflateResult::corrupt;
    const std::string_view inflated = taken(*stream_, room);
    if (inflated.size() > limit - out.size()) return InflateResult::too_big;
    append_within(out, inflated, limit);
    const bool is_between = (stream_->data_type & is_between_blocks) != 0;
    position_ = is_between ? Position::between_blocks : Position::inside_block;
    if (code == Z_STREAM_END) {
      position_ = Position::behind_final_block;
      inflateResetKeep(stream_.get());  // a new stream; what may be referred to stays
    }
  } while (stream_->avail_in > 0 || !bytes.empty() || stream_->avail_out == 0);
  return InflateResult::ok;
}

void Inflater::reset() noexcept {
  inflateReset(stream_.get());
  stream_->avail_in = 0;  // of a message that was given up
}

std::string compress(std::string_view body, Coding coding) {
  struct Stream : z_stream {
    Stream() : z_stream{} {}
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream() { deflateEnd(this); }
  };
  constexpr int gzip_format = 16;  // added to the window bits
  const DeflaterSettings settings;
  Stream stream;
  init_deflate(stream, settings.window_bits + (coding == Coding::gzip ? gzip_format : 0), settings);
  std::string out;
  run_deflate(stream, out, body, Z_FINISH);
  return out;
}

}  // namespace banter::base
