#include "base/sha1.h"

#include <openssl/evp.h>

namespace banter::base {

std::optional<Sha1> sha1(BytesView bytes) noexcept {
  Sha1 digest;
  auto* const out = reinterpret_cast<unsigned char*>(digest.data());
  if (EVP_Digest(bytes.data(), bytes.size(), out, nullptr, EVP_sha1(), nullptr) != 1) return std::nullopt;
  return digest;
}

}  // namespace banter::base
