// One argument as it came off the wire, and the primitives that read it.
//
// Precondition of everything here: the text is one JSON value whose grammar was checked when its packet was
// split (an empty text is a missing argument: nothing but an `optional` decodes from it). Nothing here throws
// on account of what a peer sent; `false` means that the value does not fit, and leaves the output
// unspecified.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "banter/bytes.h"
#include "banter/export.h"
#include "banter/json.h"

namespace banter {

// How a link carries binary values.
enum class BinaryForm {
  attachments,  // Socket.IO: placeholders in the JSON, bytes beside it
  base64,       // plain JSON events: base64 strings in the JSON
};

}  // namespace banter

namespace banter::detail {

// Without attachments a placeholder is ordinary data.
struct RawArgument {
  std::string_view text;
  std::span<const Bytes> attachments = {};
  BinaryForm binary = BinaryForm::attachments;

  // The same packet's `part` of this argument.
  [[nodiscard]] RawArgument with_text(std::string_view part) const noexcept {
    return {part, attachments, binary};
  }
};

// What a `string_view` parameter looks at: the packet itself, or a copy if the string has escapes.
class TextStorage {
 public:
  [[nodiscard]] std::string_view view() const noexcept {
    return is_copy_ ? std::string_view(copy_) : packet_;
  }
  void look_at(std::string_view packet) noexcept;
  std::string& copy() noexcept;

 private:
  std::string_view packet_;
  std::string copy_;
  bool is_copy_ = false;
};

inline void TextStorage::look_at(std::string_view packet) noexcept {
  packet_ = packet;
  is_copy_ = false;
}
inline std::string& TextStorage::copy() noexcept {
  is_copy_ = true;
  return copy_;
}

// What a `span<const std::byte>` parameter looks at: an attachment, or bytes decoded from base64.
class BytesStorage {
 public:
  [[nodiscard]] BytesView view() const noexcept { return is_copy_ ? copy_.span() : attachment_; }
  void look_at(BytesView attachment) noexcept;
  void keep(Bytes copy) noexcept;

  // The bytes as a value of their own; this storage is empty afterwards.
  [[nodiscard]] Bytes take();

 private:
  BytesView attachment_;
  Bytes copy_;
  bool is_copy_ = false;
};

inline void BytesStorage::look_at(BytesView attachment) noexcept {
  attachment_ = attachment;
  is_copy_ = false;
}
inline void BytesStorage::keep(Bytes copy) noexcept {
  copy_ = std::move(copy);
  is_copy_ = true;
}
inline Bytes BytesStorage::take() {
  return is_copy_ ? std::exchange(copy_, {}) : Bytes(attachment_);
}

[[nodiscard]] inline bool is_null(std::string_view text) noexcept {
  return text == "null";
}
[[nodiscard]] BANTER_API bool decode_bool(std::string_view text, bool& out) noexcept;

// Any spelling of an integer that `out` can hold: 1.0 and 1e2 fit, 1.5 does not.
[[nodiscard]] BANTER_API bool decode_integer(std::string_view text, std::int64_t& out) noexcept;
[[nodiscard]] BANTER_API bool decode_integer(std::string_view text, std::uint64_t& out) noexcept;

// A number beyond the range of `out` becomes an infinity or zero, as in JavaScript.
[[nodiscard]] BANTER_API bool decode_double(std::string_view text, double& out) noexcept;

// An escaped lone surrogate becomes U+FFFD.
[[nodiscard]] BANTER_API bool decode_string(std::string_view text, std::string& out);
[[nodiscard]] BANTER_API bool decode_text(std::string_view text, TextStorage& out);

// A placeholder, or a base64 string where the link carries bytes like that.
[[nodiscard]] BANTER_API bool decode_bytes(const RawArgument& raw, BytesStorage& out);

// Any value. The last of several equal keys wins, an integer over 64 bits becomes a double, a placeholder a
// `json::binary`. Fails for a missing argument and for a placeholder without its attachment.
[[nodiscard]] BANTER_API bool decode_json(const RawArgument& raw, json& out);

// Walks the elements of an array; an empty walk for anything else.
class BANTER_API Elements {
 public:
  explicit Elements(std::string_view array) noexcept;
  [[nodiscard]] bool next(std::string_view& element) noexcept;

 private:
  const char* at_;
  const char* end_;
};

// Walks the members of an object; an empty walk for anything else. Keys are raw: with quotes and escapes.
class BANTER_API Members {
 public:
  explicit Members(std::string_view object) noexcept;
  [[nodiscard]] bool next(std::string_view& key, std::string_view& value) noexcept;

 private:
  const char* at_;
  const char* end_;
};

}  // namespace banter::detail
