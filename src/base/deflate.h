// DEFLATE (RFC 1951) by zlib: messages of permessage-deflate (RFC 7692 section 7.2), and whole HTTP bodies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct z_stream_s;  // zlib's

namespace banter::base {

// What compressing costs. A Deflater takes about 2^(window_bits + 2) + 2^(memory_level + 9) bytes, 256 KiB
// with the defaults.
struct DeflaterSettings {
  int window_bits = 15;  // how far back repetitions are found, as a power of two: 9 to 15
  int memory_level = 8;  // 1 to 9
  int level = 6;         // 0 (store) to 9 (smallest)
};

// Compresses messages one after another. What was sent is kept as context, so that later messages may refer
// to it, until reset(). A movable resource of one thread. Making one throws std::bad_alloc if memory is
// short; nothing else fails.
class Deflater {
 public:
  explicit Deflater(const DeflaterSettings& settings = {});

  // Takes the next part of a message. What is ready of its compressed form is appended to `out`.
  void write(std::string& out, std::string_view part);

  // Ends the message and appends the rest of it: flushed to a byte, without the 00 00 ff ff it would end
  // with.
  void finish(std::string& out);

  // A whole message.
  void append(std::string& out, std::string_view message);

  // Forgets the context, and a message that is not finished.
  void reset() noexcept;

 private:
  struct End {
    void operator()(z_stream_s* stream) const noexcept;
  };
  std::unique_ptr<z_stream_s, End> stream_;
  bool is_empty_ = true;  // the message so far
};

enum class InflateResult : std::uint8_t {
  ok,
  too_big,  // more bytes come out than the limit
  corrupt,  // not DEFLATE, or not a whole message
};

// Inflates messages one after another; those of a Deflater that keeps its context need one of their own. A
// movable resource of one thread. After too_big and corrupt only reset() makes sense. Throws std::bad_alloc
// and nothing else.
class Inflater {
 public:
  // `window_bits`: at least those of the Deflater, 8 to 15.
  explicit Inflater(int window_bits = 15);

  // Appends the message that `compressed` is, its final 00 00 ff ff cut off. `out` gets no longer than
  // `limit` and never has memory for more; what came out before a failure stays in it.
  [[nodiscard]] InflateResult append(std::string& out, std::string_view compressed, std::size_t limit);

  // Forgets the context.
  void reset() noexcept;

 private:
  struct End {
    void operator()(z_stream_s* stream) const noexcept;
  };
  enum class Position : std::uint8_t { inside_block, between_blocks, behind_final_block };

  [[nodiscard]] InflateResult feed(std::string& out, std::string_view bytes, std::size_t limit);

  std::unique_ptr<z_stream_s, End> stream_;
  Position position_ = Position::between_blocks;
};

// Content codings of HTTP (RFC 9110 section 8.4.1).
enum class Coding : std::uint8_t {
  gzip,
  deflate,  // in the zlib format (RFC 1950)
};

// A whole body. Throws std::bad_alloc if memory is short.
[[nodiscard]] std::string compress(std::string_view body, Coding coding);

}  // namespace banter::base
