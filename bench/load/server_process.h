#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>

namespace bench {

// What the measured process has used so far, read from /proc (Linux). Throws Failure if it is gone.
class ServerProcess {
 public:
  explicit ServerProcess(pid_t pid) : pid_{pid} {}

  // CPU time of all its living threads, user and system. A thread that ends takes its share along.
  std::chrono::nanoseconds cpu_time() const;

  // Anonymous memory in bytes: heap and stacks, neither the program's file nor the kernel's socket buffers.
  std::size_t anonymous_memory() const;

 private:
  pid_t pid_;
};

// CPU time of this process.
std::chrono::nanoseconds own_cpu_time();

}  // namespace bench
