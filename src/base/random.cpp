#include "base/random.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <pthread.h>

#include <array>
#include <atomic>
#include <cstring>

#include "base/base64.h"

namespace banter::base {
namespace {

std::atomic<RandomSource> replacement_source{nullptr};

// Counts forks: a child must not hand out what its parent's pools hold.
std::atomic<unsigned> fork_count{0};

bool from_openssl(std::span<std::byte> out) noexcept {
  return RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size())) == 1;
}

// Bytes in stock, since the generator makes a system call each time it is asked (to notice a fork).
class Pool {
 public:
  bool take(std::span<std::byte> out) noexcept {
    if (out.size() > left() && !refill()) return false;
    std::byte* const from = bytes_.data() + next_;
    std::memcpy(out.data(), from, out.size());
    OPENSSL_cleanse(from, out.size());  // an id once handed out is not to be found in memory
    next_ += out.size();
    return true;
  }

  static constexpr std::size_t largest_request = 64;

 private:
  std::size_t left() const noexcept {
    return forks_ == fork_count.load(std::memory_order_relaxed) ? bytes_.size() - next_ : 0;
  }

  bool refill() noexcept {
    next_ = bytes_.size();
    if (!from_openssl(bytes_)) return false;
    next_ = 0;
    forks_ = fork_count.load(std::memory_order_relaxed);
    return true;
  }

  std::array<std::byte, 480> bytes_{};  // 32 ids
  std::size_t next_ = bytes_.size();
  unsigned forks_ = 0;
};

bool watch_forks() noexcept {
  return pthread_atfork(nullptr, nullptr, [] { fork_count.fetch_add(1, std::memory_order_relaxed); }) == 0;
}

}  // namespace

bool random_bytes(std::span<std::byte> out) noexcept {
  if (out.empty()) return true;
  if (const RandomSource source = replacement_source.load()) return source(out);
  static const bool forks_are_watched = watch_forks();
  if (out.size() > Pool::largest_request || !forks_are_watched) return from_openssl(out);
  thread_local Pool pool;
  return pool.take(out);
}

std::optional<std::string> random_id() {
  std::array<std::byte, 15> bytes;
  if (!random_bytes(bytes)) return std::nullopt;
  std::string id;
  append_base64url(id, bytes);
  return id;
}

void set_random_source(RandomSource source) noexcept {
  replacement_source.store(source);
}

}  // namespace banter::base
