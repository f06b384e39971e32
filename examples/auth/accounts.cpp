#include "accounts.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cstddef>
#include <stdexcept>

namespace {

constexpr std::size_t hash_size = 32;
constexpr int rounds = 200'000;  // slow on purpose: a stolen table of hashes is then worth little

unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

void require(int result) {
  if (result != 1) throw std::runtime_error("OpenSSL has failed");
}

std::string random_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  require(RAND_bytes(bytes_of(bytes), static_cast<int>(size)));
  return bytes;
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    hex += digits[value >> 4];
    hex += digits[value & 15];
  }
  return hex;
}

// PBKDF2 (RFC 8018 section 5.2) with HMAC-SHA-256.
std::string slow_hash(std::string_view password, std::string salt) {
  std::string hash(hash_size, '\0');
  require(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), bytes_of(salt),
                            static_cast<int>(salt.size()), rounds, EVP_sha256(), hash_size, bytes_of(hash)));
  return hash;
}

// For what is random already.
std::string fast_hash(std::string_view text) {
  std::string hash(hash_size, '\0');
  require(EVP_Digest(text.data(), text.size(), bytes_of(hash), nullptr, EVP_sha256(), nullptr));
  return hash;
}

}  // namespace

void Accounts::add(std::string_view name, std::string_view password) {
  const std::string salt = random_bytes(16);
  Password entry{salt, slow_hash(password, salt)};
  const std::lock_guard lock(mutex_);
  passwords_.insert_or_assign(std::string(name), std::move(entry));
}

std::optional<Token> Accounts::log_in(const std::string& name, std::string_view password) {
  Password expected{std::string(16, 's'), std::string(hash_size, 'h')};  // of nobody
  {
    const std::lock_guard lock(mutex_);
    const auto found = passwords_.find(name);
    if (found != passwords_.end()) expected = found->second;
  }
  const std::string hash = slow_hash(password, expected.salt);
  if (CRYPTO_memcmp(hash.data(), expected.hash.data(), hash_size) != 0) return std::nullopt;
  const std::lock_guard lock(mutex_);
  return issue(name);
}

std::optional<Token> Accounts::check(const std::string& text) {
  const std::string key = fast_hash(text);
  const std::lock_guard lock(mutex_);
  const auto found = tokens_.find(key);
  if (found == tokens_.end() || found->second.expires <= Clock::now()) return std::nullopt;
  return found->second;
}

std::optional<Token> Accounts::refresh(const std::string& text) {
  const std::string key = fast_hash(text);
  const std::lock_guard lock(mutex_);
  const auto old = tokens_.extract(key);
  if (!old || old.mapped().expires <= Clock::now()) return std::nullopt;
  return issue(old.mapped().name);
}

Token Accounts::issue(std::string name) {
  forget_expired();
  const Token token{to_hex(random_bytes(32)), std::move(name), Clock::now() + lifetime_};
  Token kept = token;
  kept.text.clear();  // not even we can tell it any more
  tokens_.emplace(fast_hash(token.text), std::move(kept));
  return token;
}

void Accounts::forget_expired() {
  std::erase_if(tokens_, [now = Clock::now()](const auto& entry) { return entry.second.expires <= now; });
}
