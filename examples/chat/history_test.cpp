#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "history.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <deque>
#include <fstream>
#include <string>

using namespace chat;
using namespace std::chrono_literals;

namespace {

// A folder that is gone with the test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "chat-history-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::filesystem::path operator/(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// The loop of the application: runs on the test's thread what the history posts.
class Inbox {
 public:
  [[nodiscard]] History::Post post() {
    return [this](History::Task task) {
      std::unique_lock lock(mutex_);
      ++posts_;
      changed_.notify_all();
      changed_.wait(lock, [this] { return !is_held_; });
      tasks_.push_back(std::move(task));
      changed_.notify_all();
    };
  }

  // Holds the history's thread in its next post, and waits until it is there.
  void hold() {
    const std::lock_guard lock(mutex_);
    is_held_ = true;
  }
  void wait_for_posts(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return posts_ >= count; });
  }
  void let_go() {
    const std::lock_guard lock(mutex_);
    is_held_ = false;
    changed_.notify_all();
  }

  void run_one() {
    History::Task task;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return !tasks_.empty(); });
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
  [[nodiscard]] int posts() {
    const std::lock_guard lock(mutex_);
    return posts_;
  }

 private:
  std::condition_variable changed_;
  std::mutex mutex_;
  std::deque<History::Task> tasks_;
  int posts_ = 0;
  bool is_held_ = false;
};

Message message(std::string id, std::string text = "hello", std::string room = "lobby") {
  return {.id = std::move(id),
          .room = std::move(room),
          .name = "Ann",
          .text = std::move(text),
          .at = Time(1234ms)};
}

Receipt append(History& history, Inbox& inbox, Message what) {
  Receipt answer;
  REQUIRE(history.append(std::move(what), [&](std::error_code error, const Receipt& receipt) {
    CHECK_FALSE(error);
    answer = receipt;
  }));
  inbox.run_one();
  return answer;
}

Page find(History& history, Inbox& inbox, std::optional<std::int64_t> before, std::size_t count) {
  Page answer;
  REQUIRE(history.find("lobby", before, count, [&](std::error_code error, const Page& page) {
    CHECK_FALSE(error);
    answer = page;
  }));
  inbox.run_one();
  return answer;
}

std::string texts_of(const Page& page) {
  std::string all;
  for (const Message& one : page.messages)
    all += one.text + ' ';
  return all;
}

std::string refusal_of(const std::filesystem::path& file) {
  Inbox inbox;
  try {
    const History history({.file = file}, inbox.post());
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "(opened)";
}

// Rows another reader of the file sees: only what is committed.
int committed_in(const std::filesystem::path& file) {
  const Database database = open_database(file);
  const Statement count = prepare(database.get(), "SELECT count(*) FROM messages");
  REQUIRE(sqlite3_step(count.get()) == SQLITE_ROW);
  return sqlite3_column_int(count.get(), 0);
}

}  // namespace

TEST_CASE("a message comes back as it was stored, with a position") {
  const Folder folder;
  Inbox inbox;
  History history({.file = folder / "h.sqlite3"}, inbox.post());
  const std::string odd = std::string("'; DROP TABLE messages; --\n\"\u202e\U0001F389") + '\0' + "end";

  const Receipt receipt = append(history, inbox, message("one", odd));
  CHECK(receipt.is_new);
  CHECK(receipt.message.seq > 0);
  const Page page = find(history, inbox, {}, 10);
  REQUIRE(page.messages.size() == 1);
  CHECK(page.messages[0] == receipt.message);
  CHECK(page.messages[0].text == odd);
  CHECK(page.messages[0].at == Time(1234ms));
}

TEST_CASE("a message that is sent again with its id is stored once and answered with what is stored") {
  const Folder folder;
  Inbox inbox;
  History history({.file = folder / "h.sqlite3"}, inbox.post());

  const Receipt first = append(history, inbox, message("one", "first"));
  const Receipt again = append(history, inbox, message("one", "other text", "other room"));
  CHECK(first.is_new);
  CHECK_FALSE(again.is_new);
  CHECK(again.message == first.message);
  CHECK(committed_in(folder / "h.sqlite3") == 1);
}

TEST_CASE("the same id twice in one transaction is stored once") {
  const Folder folder;
  Inbox inbox;
  History history({.file = folder / "h.sqlite3"}, inbox.post());
  inbox.hold();
  REQUIRE(history.append(message("held"), [](std::error_code, const Receipt&) {}));
  inbox.wait_for_posts(1);

  std::string news;
  const auto note = [&](std::error_code error, const Receipt& receipt) {
    CHECK_FALSE(error);
    news += receipt.is_new ? "new " : "known ";
  };
  REQUIRE(history.append(message("one"), note));
  REQUIRE(history.append(message("one"), note));
  inbox.let_go();
  inbox.run_one();
  inbox.run_one();
  CHECK(news == "new known ");
}

TEST_CASE("the answer comes after the commit") {
  const Folder folder;
  Inbox inbox;
  History history({.file = folder / "h.sqlite3"}, inbox.post());
  inbox.hold();
  REQUIRE(history.append(message("one"), [](std::error_code, const Receipt&) {}));
  inbox.wait_for_posts(1);
  CHECK(committed_in(folder / "h.sqlite3") == 1);
  inbox.let_go();
}

TEST_CASE("what waits while a commit is under way shares the next one, in the order of the calls") {
  const Folder folder;
  Inbox inbox;
  History history({.file = folder / "h.sqlite3"}, inbox.post());
  inbox.hold();
  REQUIRE(history.append(message("first"), [](std::error_code, const Receipt&) {}));
  inbox.wait_for_posts(1);

  std::vector<std::string> answered;
  std::int64_t last = 0;
  for (int i = 0; i < 100; ++i) {
    REQUIRE(history.append(message(std::to_string(i)), [&](std::error_code error, const Receipt& receipt) {
      CHECK_FALSE(error);
      CHECK(receipt.message.seq > last);
      last = receipt.message.seq;
      answered.push_back(receipt.message.id);
    }));
  }
  Page seen;
  REQUIRE(history.find("lobby", {}, 1000, [&](std::error_code, const Page& page) { seen = page; }));
  inbox.let_go();
  inbox.run_one();
  inbox.run_one();
  REQUIRE(answered.size() == 100);
  for (int i = 0; i < 100; ++i)
    CHECK(answered[static_cast<std::size_t>(i)] == std::to_string(i));
  CHECK(seen.messages.size() == 101);
  CHECK(inbox.posts() == 2);
}

TEST_CASE("a page holds the last messages of its room before a position, oldest first") {
  const Folder folder;
  Inbox inbox;
  History history({.file = folder / "h.sqlite3"}, inbox.post());
  std::vector<std::int64_t> seqs;
  for (int i = 1; i <= 5; ++i) {
    (void)append(history, inbox, message("other" + std::to_string(i), "elsewhere", "other"));
    seqs.push_back(append(history, inbox, message(std::to_string(i), std::to_string(i))).message.seq);
  }
  struct Row {
    std::optional<std::int64_t> before;
    std::size_t count;
    std::string texts;
    bool has_more;
  };
  const Row rows[] = {
      {{}, 2, "4 5 ", true},
      {{}, 5, "1 2 3 4 5 ", false},
      {{}, 9, "1 2 3 4 5 ", false},
      {seqs[3], 2, "2 3 ", true},
      {seqs[2], 2, "1 2 ", false},
      {seqs[0], 2, "", false},
      {seqs[4] + 99, 1, "5 ", true},
      {0, 5, "", false},
      {{}, 0, "", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.count);
    CAPTURE(row.before.value_or(-1));
    const Page page = find(history, inbox, row.before, row.count);
    CHECK(texts_of(page) == row.texts);
    CHECK(page.has_more == row.has_more);
  }
}

TEST_CASE("a file that is opened again still has everything, and knows the ids in it") {
  const Folder folder;
  Inbox inbox;
  Receipt before;
  {
    History history({.file = folder / "h.sqlite3"}, inbox.post());
    before = append(history, inbox, message("one", "kept"));
  }
  History history({.file = folder / "h.sqlite3"}, inbox.post());
  CHECK(append(history, inbox, message("one")).message == before.message);
  CHECK(append(history, inbox, message("two", "added")).message.seq > before.message.seq);
  CHECK(texts_of(find(history, inbox, {}, 10)) == "kept added ");
}

TEST_CASE("what was taken is committed before the history is gone") {
  const Folder folder;
  Inbox inbox;
  {
    History history({.file = folder / "h.sqlite3"}, inbox.post());
    for (int i = 0; i < 50; ++i) {
      REQUIRE(history.append(message(std::to_string(i)), [](std::error_code, const Receipt&) {}));
    }
  }
  CHECK(committed_in(folder / "h.sqlite3") == 50);
}

TEST_CASE("a full queue takes nothing more until a transaction has emptied it") {
  const Folder folder;
  Inbox inbox;
  History history({.file = folder / "h.sqlite3", .max_queue = 2}, inbox.post());
  inbox.hold();
  int answers = 0;
  const auto count = [&](std::error_code, const Receipt&) { ++answers; };
  REQUIRE(history.append(message("held"), count));
  inbox.wait_for_posts(1);
  CHECK(history.append(message("1"), count));
  CHECK(history.append(message("2"), count));
  CHECK_FALSE(history.append(message("3"), count));
  CHECK_FALSE(history.find("lobby", {}, 1, [](std::error_code, const Page&) { FAIL("was not taken"); }));
  inbox.let_go();
  inbox.run_one();
  inbox.run_one();
  CHECK(answers == 3);
  (void)append(history, inbox, message("3"));
}

TEST_CASE("a database that fails answers the error, and works again when it does") {
  const Folder folder;
  Inbox inbox;
  History history({.file = folder / "h.sqlite3"}, inbox.post());
  (void)append(history, inbox, message("one"));
  const Database other = open_database(folder / "h.sqlite3");
  REQUIRE_FALSE(execute(other.get(), "ALTER TABLE messages RENAME TO away"));

  std::error_code seen;
  REQUIRE(history.append(message("two"), [&](std::error_code error, const Receipt&) { seen = error; }));
  inbox.run_one();
  CHECK(seen.category() == sqlite_category());
  CHECK(seen.value() == SQLITE_ERROR);

  REQUIRE_FALSE(execute(other.get(), "ALTER TABLE away RENAME TO messages"));
  CHECK(append(history, inbox, message("two")).is_new);
}

TEST_CASE("a folder that is missing is made") {
  const Folder folder;
  Inbox inbox;
  History history({.file = folder / "a/b/h.sqlite3"}, inbox.post());
  CHECK(append(history, inbox, message("one")).is_new);
}

TEST_CASE("a file that cannot be used is refused with its name") {
  const Folder folder;
  std::ofstream(folder / "plain") << "this is not a database, and long enough to look like one: "
                                  << std::string(200, '.');

  const std::filesystem::path in_a_file = folder / "plain/h.sqlite3";
  CHECK(refusal_of(in_a_file) == "cannot open the history \"" + in_a_file.string() + "\": Not a directory");
  const std::filesystem::path a_folder = folder / ".";
  CHECK(refusal_of(a_folder) ==
        "cannot open the history \"" + a_folder.string() + "\": unable to open database file");
  const std::filesystem::path no_database = folder / "plain";
  CHECK(refusal_of(no_database) ==
        "cannot use the history \"" + no_database.string() + "\": file is not a database");
}
