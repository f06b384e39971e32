// Placeholders: the objects {"_placeholder":true,"num":k} that stand for attachments in a packet's JSON.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "banter/bytes.h"

namespace banter::base {

// A placeholder in a text: bytes [begin, end) stand for attachment `number`.
struct Placeholder {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t number = 0;

  friend bool operator==(const Placeholder&, const Placeholder&) = default;
};

// Sets `found` to the placeholders of the checked JSON `text`, in order, outermost only. An object is one if
// the last of its `_placeholder` keys, however escaped, is exactly `true`. False if the number of any of them
// is not an integer below `attachment_count`. Linear.
[[nodiscard]] bool find_placeholders(std::string_view text, std::size_t attachment_count,
                                     std::vector<Placeholder>& found);

// The attachment that the checked JSON value `text` stands for; null if it is no placeholder, or one without
// its attachment.
[[nodiscard]] const Bytes* attachment_of(std::string_view text, std::span<const Bytes> attachments);

// True if a packet's checked JSON and its attachments belong together: every placeholder has its attachment,
// and the placeholders do not stand for many times the bytes that were sent. One attachment may be used
// several times, but each use is a copy when decoded, so without a bound 30 bytes of text would buy a
// megabyte.
[[nodiscard]] bool check_placeholders(std::string_view text, std::span<const Bytes> attachments);

// Appends `text` with each placeholder (as an Encoder wrote them: `offsets`, one for each attachment)
// replaced by the attachment as a base64 string: the form of plain JSON events.
void append_with_base64(std::string& out, std::string_view text, std::span<const std::size_t> offsets,
                        std::span<const Bytes> attachments);

}  // namespace banter::base
