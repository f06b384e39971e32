#include "loop/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>

namespace banter::loop {

namespace {

struct PoolJob {
  uv_work_t request{};
  Function<void()> work;
  Function<void()> done;
};

std::error_code last_error() {
  return {errno, std::generic_category()};
}

// Where the open file really lies; empty if the system does not say.
std::string path_of(int fd) {
#ifdef __APPLE__
  char path[PATH_MAX];
  return ::fcntl(fd, F_GETPATH, path) == 0 ? path : "";
#else
  char path[PATH_MAX];
  const ssize_t length = ::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), path, sizeof path);
  return length > 0 ? std::string(path, static_cast<std::size_t>(length)) : "";
#endif
}

bool is_below(const std::string& root, const std::string& path) {
  if (root == "/") return path.starts_with('/');
  return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
}

File::Info to_info(const struct stat& status) {
#ifdef __APPLE__
  const timespec& modified = status.st_mtimespec;
#else
  const timespec& modified = status.st_mtim;
#endif
  return {.size = static_cast<std::uint64_t>(status.st_size),
          .modified = std::int64_t{modified.tv_sec} * 1'000'000'000 + modified.tv_nsec,
          .is_regular = S_ISREG(status.st_mode),
          .is_folder = S_ISDIR(status.st_mode)};
}

}  // namespace

void run_on_pool(Loop& loop, Function<void()> work, Function<void()> done) {
  auto job = std::make_unique<PoolJob>();
  job->work = std::move(work);
  job->done = std::move(done);
  job->request.data = job.get();
  [[maybe_unused]] const int status = uv_queue_work(
      loop.uv(), &job->request, [](uv_work_t* request) { static_cast<PoolJob*>(request->data)->work(); },
      [](uv_work_t* request, int) {
        const std::unique_ptr<PoolJob> finished(static_cast<PoolJob*>(request->data));
        finished->done();
      });
  assert(status == 0);  // fails only without a callback
  job.release();        // its last callback deletes it
}

File::~File() {
  if (fd_ >= 0) ::close(fd_);
}

// O_NONBLOCK: opening a FIFO must not wait for its writer.
std::error_code File::open_below(const std::string& root, const std::string& path) {
  File opened;
  opened.fd_ = ::open((root + "/" + path).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (opened.fd_ < 0) return last_error();
  struct stat status {};
  if (::fstat(opened.fd_, &status) < 0) return last_error();
  if (!is_below(root, path_of(opened.fd_))) return std::make_error_code(std::errc::no_such_file_or_directory);
  opened.info_ = to_info(status);
  *this = std::move(opened);
  return {};
}

std::error_code File::read_at(std::uint64_t offset, std::span<char> buffer, std::size_t& length) const {
  ssize_t got = -1;
  do {
    got = ::pread(fd_, buffer.data(), buffer.size(), static_cast<off_t>(offset));
  } while (got < 0 && errno == EINTR);
  length = got > 0 ? static_cast<std::size_t>(got) : 0;
  return got < 0 ? last_error() : std::error_code{};
}

std::string real_path(const std::string& folder) {
  const std::unique_ptr<char, decltype(&std::free)> path(::realpath(folder.c_str(), nullptr), &std::free);
  struct stat status {};
  if (!path || ::stat(path.get(), &status) < 0)
    throw std::system_error(last_error(), "folder \"" + folder + "\"");
  if (!S_ISDIR(status.st_mode)) errno = ENOTDIR;
  if (!S_ISDIR(status.st_mode) || ::access(path.get(), R_OK | X_OK) < 0) {
    throw std::system_error(last_error(), "folder \"" + folder + "\"");
  }
  return path.get();
}

}  // namespace banter::loop
