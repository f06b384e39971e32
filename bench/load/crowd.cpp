#include "load/crowd.h"

#include <sys/resource.h>

#include <algorithm>
#include <string>

#include "load/failure.h"

namespace bench {
namespace {

// How many take a step at once: enough to keep the server awake, well below the length of a listen queue.
constexpr std::size_t group_size = 50;

void add_group(Crowd& crowd, std::size_t count, const Endpoint& endpoint, std::size_t first_number) {
  const std::size_t start = crowd.size();
  for (std::size_t i = 0; i < count; ++i)
    crowd.emplace_back(endpoint, first_number + i).send_upgrade(endpoint);
  for (std::size_t i = start; i < crowd.size(); ++i)
    crowd[i].expect_upgrade();
  for (std::size_t i = start; i < crowd.size(); ++i)
    crowd[i].send_join();
  for (std::size_t i = start; i < crowd.size(); ++i)
    crowd[i].expect_join();
}

}  // namespace

void add_connections(Crowd& crowd, std::size_t count, const Endpoint& endpoint, std::size_t first_number) {
  crowd.reserve(crowd.size() + count);
  for (std::size_t done = 0; done < count; done += group_size) {
    add_group(crowd, std::min(group_size, count - done), endpoint, first_number + done);
  }
}

void close_connections(Crowd& crowd) {
  for (auto& connection : crowd)
    connection.send_close();
  for (auto& connection : crowd)
    connection.expect_close();
  crowd.clear();
}

void allow_descriptors(std::size_t connections) {
  constexpr rlim_t others = 32;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) fail_with_errno("getrlimit");
  const rlim_t needed = connections + others;
  if (limit.rlim_cur >= needed) return;
  if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < needed) {
    throw Failure("the hard limit of open files is " + std::to_string(limit.rlim_max) + ", " +
                  std::to_string(needed) + " are needed (ulimit -Hn)");
  }
  limit.rlim_cur = needed;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) fail_with_errno("setrlimit");
}

}  // namespace bench
