#include "load/server_process.h"

#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include "load/failure.h"

namespace bench {
namespace {

std::filesystem::path folder_of(pid_t pid) {
  return std::filesystem::path("/proc") / std::to_string(pid);
}

[[noreturn]] void fail_to_read(const std::filesystem::path& path) {
  throw Failure("cannot read " + path.string() + ": did the server exit?");
}

}  // namespace

std::chrono::nanoseconds ServerProcess::cpu_time() const {
  const auto tasks = folder_of(pid_) / "task";
  std::error_code error;
  std::chrono::nanoseconds total{0};
  for (const auto& task : std::filesystem::directory_iterator(tasks, error)) {
    std::ifstream file(task.path() / "schedstat");
    std::chrono::nanoseconds::rep running = 0;  // the first number: nanoseconds on a CPU
    if (!(file >> running)) fail_to_read(task.path() / "schedstat");
    total += std::chrono::nanoseconds(running);
  }
  if (error) fail_to_read(tasks);
  return total;
}

std::size_t ServerProcess::anonymous_memory() const {
  const auto path = folder_of(pid_) / "smaps_rollup";
  std::ifstream file(path);
  std::string word;
  while (file >> word) {
    std::size_t kibibytes = 0;
    if (word == "Pss_Anon:" && file >> kibibytes) return kibibytes * 1024;
  }
  fail_to_read(path);
}

std::chrono::nanoseconds own_cpu_time() {
  timespec time{};
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) != 0) fail_with_errno("clock_gettime");
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace bench
