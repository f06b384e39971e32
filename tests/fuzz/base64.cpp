// Base64: what decodes, encodes to the very same text, and every bytes come back.
#include "base/base64.h"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  banter::Bytes decoded;
  if (banter::base::decode_base64(text, decoded)) {
    std::string again;
    banter::base::append_base64(again, decoded.span());
    require(again == text);  // strict: one text for one value
  }
  std::string encoded;
  banter::base::append_base64(encoded, banter::as_bytes(text));
  require(encoded.size() == banter::base::base64_size(size));
  require(banter::base::decode_base64(encoded, decoded));
  require(decoded.text() == text);
  return 0;
}
