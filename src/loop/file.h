// Files, and other work that blocks, on libuv's thread pool.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include "banter/function.h"
#include "loop/loop.h"

namespace banter::loop {

// Runs `work` on a thread of the pool, then `done` on the loop's. Neither throws. While it is under way the
// uv loop stays alive; `done` comes even after Loop::close() and must not then touch what is gone.
void run_on_pool(Loop& loop, Function<void()> work, Function<void()> done);

// An open file or folder, for the pool: all calls may block. A movable owner.
class File {
 public:
  struct Info {
    std::uint64_t size = 0;
    std::int64_t modified = 0;  // nanoseconds since 1970
    bool is_regular = false;
    bool is_folder = false;
  };

  File() noexcept = default;  // not open
  File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)), info_(other.info_) {}
  File& operator=(File&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(info_, other.info_);
    return *this;
  }
  ~File();

  // Opens `path`, relative to the folder `root`, for reading; `root` is what real_path() gave. A file that
  // lies outside of `root`, wherever links lead, is not found: what was opened is looked at, not its name.
  [[nodiscard]] std::error_code open_below(const std::string& root, const std::string& path);

  // Reads at `offset` into `buffer` and sets `length`, which is 0 at the end of the file.
  [[nodiscard]] std::error_code read_at(std::uint64_t offset, std::span<char> buffer,
                                        std::size_t& length) const;

  [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }
  [[nodiscard]] const Info& info() const noexcept { return info_; }

 private:
  int fd_ = -1;
  Info info_;
};

// `folder` without links and dots. Throws std::system_error, naming it, if it is not a folder that can be
// read.
[[nodiscard]] std::string real_path(const std::string& folder);

}  // namespace banter::loop
