// What was said, kept in SQLite on a thread of its own.
//
//   append, before --> queue --> one transaction for all that waits --> commit --> results posted back
//
// While a commit waits for the disk the queue fills, and the next transaction takes all of it: the busier the
// chat, the more messages share a commit.
#pragma once

#include <banter/function.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <variant>
#include <vector>

#include "sqlite.h"

namespace chat {

using Time = std::chrono::sys_time<std::chrono::milliseconds>;

struct Message {
  std::string id;  // made by the sender; unique
  std::string room;
  std::string name;
  std::string text;
  Time at{};
  std::int64_t seq = 0;  // position in the history, given by it

  bool operator==(const Message&) const = default;
};

struct Receipt {
  Message message;      // as it is stored
  bool is_new = false;  // false: a message with this id was there before, and is what `message` shows
};

struct Page {
  std::vector<Message> messages;  // oldest first
  bool has_more = false;          // older ones exist
};

struct HistorySettings {
  // Made, with its folder, if it does not exist.
  std::filesystem::path file = "build/chat.sqlite3";

  // Most requests that wait for the disk. Greater than zero; one more is not taken.
  std::size_t max_queue = 1024;
};

// Threads: all members on one thread, or guarded by the caller. Callbacks run wherever `post` runs its tasks,
// in the order of the calls; the destructor waits until everything taken is committed and posted.
class History {
 public:
  using Task = banter::Function<void()>;
  // Called on the history's thread. May drop the task; then its callbacks are destroyed uncalled.
  using Post = banter::Function<void(Task)>;
  using Stored = banter::Function<void(std::error_code, const Receipt&)>;
  using Found = banter::Function<void(std::error_code, const Page&)>;

  // Throws std::runtime_error naming the file if it cannot be used.
  History(HistorySettings settings, Post post);
  ~History();
  History(const History&) = delete;
  History& operator=(const History&) = delete;

  // Stores `message` and calls `stored` once it is on the disk. After an error nothing of it is stored.
  // False: the queue is full, nothing was taken.
  [[nodiscard]] bool append(Message message, Stored stored);

  // Finds the last `count` messages of `room`, or the last ones before the position `before`. Sees every
  // append that came before this call. False: the queue is full.
  [[nodiscard]] bool find(std::string room, std::optional<std::int64_t> before, std::size_t count,
                          Found found);

 private:
  struct Append {
    Receipt receipt;
    Stored done;
  };
  struct Find {
    std::string room;
    std::int64_t before;
    std::size_t count;
    Page page;
    Found done;
  };
  using Request = std::variant<Append, Find>;
  using Batch = std::vector<Request>;

  void open();
  [[nodiscard]] bool take(Request request);
  void work();
  [[nodiscard]] Batch wait();
  [[nodiscard]] std::error_code commit(Batch& batch);
  [[nodiscard]] std::error_code run(Append& append);
  [[nodiscard]] std::error_code run(Find& find);
  [[nodiscard]] std::error_code load_stored(Message& message);

  HistorySettings settings_;
  Post post_;
  Database database_;
  Statement insert_;
  Statement by_id_;
  Statement page_;

  std::condition_variable changed_;
  std::mutex mutex_;  // guards the two below
  Batch queue_;
  bool is_closing_ = false;

  std::thread thread_;
};

}  // namespace chat
