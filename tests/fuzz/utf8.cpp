// UTF-8: the incremental check, cut where the input says, agrees with the whole one; a repaired text is
// valid.
#include "base/utf8.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace banter::base;

void require(bool holds) {
  if (!holds) std::abort();
}

// The definition, byte by byte (RFC 3629 section 4), to compare the fast check with.
bool is_valid_slowly(std::string_view text) {
  Utf8Validator validator;
  for (const char byte : text) {
    if (!validator.append({&byte, 1})) return false;
  }
  return validator.is_complete();
}

// The first byte is the length of the pieces.
bool is_valid_in_pieces(std::string_view text, std::size_t piece) {
  Utf8Validator validator;
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    if (!validator.append(text.substr(0, piece))) return false;
  }
  return validator.is_complete();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool is_valid = is_valid_utf8(text);
  require(is_valid == is_valid_slowly(text));
  require(is_valid == is_valid_in_pieces(text, std::size_t{1} + data[0] % 40));

  std::string repaired;
  append_lossy(repaired, text);
  require(is_valid_utf8(repaired));
  require(is_valid == (repaired == text));
  return 0;
}
