#include "history.h"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string_view>

namespace chat {
namespace {

// FULL: what was acknowledged survives a power cut as well, not only a crash of the process.
constexpr const char* schema = R"(
  PRAGMA busy_timeout = 5000;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    room TEXT NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS messages_of_room ON messages (room, seq);
)";

constexpr std::string_view insert_sql =
    "INSERT INTO messages (id, room, name, text, at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO NOTHING";
constexpr std::string_view by_id_sql = "SELECT seq, id, room, name, text, at FROM messages WHERE id = ?1";
constexpr std::string_view page_sql =
    "SELECT seq, id, room, name, text, at FROM messages WHERE room = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT "
    "?3";

// Makes the statement ready for its next use, however this one ends.
class Use {
 public:
  explicit Use(const Statement& statement) : statement_(statement.get()) {}
  ~Use() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

  [[nodiscard]] int step() { return sqlite3_step(statement_); }

 private:
  sqlite3_stmt* statement_;
};

Message message_of(sqlite3_stmt* row) {
  return {.id = column_text(row, 1),
          .room = column_text(row, 2),
          .name = column_text(row, 3),
          .text = column_text(row, 4),
          .at = Time(std::chrono::milliseconds(sqlite3_column_int64(row, 5))),
          .seq = sqlite3_column_int64(row, 0)};
}

}  // namespace

History::History(HistorySettings settings, Post post)
    : settings_(std::move(settings)), post_(std::move(post)) {
  if (settings_.max_queue == 0)
    throw std::invalid_argument("HistorySettings::max_queue must be greater than 0");
  open();
  thread_ = std::thread([this] { work(); });
}

History::~History() {
  {
    const std::lock_guard lock(mutex_);
    is_closing_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void History::open() {
  database_ = open_database(settings_.file);
  try {
    if (const auto error = execute(database_.get(), schema)) throw std::system_error(error);
    insert_ = prepare(database_.get(), insert_sql);
    by_id_ = prepare(database_.get(), by_id_sql);
    page_ = prepare(database_.get(), page_sql);
  } catch (const std::system_error&) {
    throw std::runtime_error("cannot use the history \"" + settings_.file.string() +
                             "\": " + sqlite3_errmsg(database_.get()));
  }
}

bool History::append(Message message, Stored stored) {
  return take(Append{.receipt = {.message = std::move(message)}, .done = std::move(stored)});
}

bool History::find(std::string room, std::optional<std::int64_t> before, std::size_t count, Found found) {
  return take(Find{.room = std::move(room),
                   .before = before.value_or(std::numeric_limits<std::int64_t>::max()),
                   .count = count,
                   .page = {},
                   .done = std::move(found)});
}

bool History::take(Request request) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= settings_.max_queue) return false;
    queue_.push_back(std::move(request));
  }
  changed_.notify_one();
  return true;
}

void History::work() {
  for (Batch batch = wait(); !batch.empty(); batch = wait()) {
    const std::error_code error = commit(batch);
    post_([error, done = std::move(batch)]() mutable {
      for (Request& request : done) {
        if (auto* append = std::get_if<Append>(&request)) append->done(error, append->receipt);
        if (auto* find = std::get_if<Find>(&request)) find->done(error, find->page);
      }
    });
  }
}

// Everything that waits; empty when the history closes and nothing is left.
History::Batch History::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return is_closing_ || !queue_.empty(); });
  return std::exchange(queue_, {});
}

std::error_code History::commit(Batch& batch) {
  std::error_code error = execute(database_.get(), "BEGIN IMMEDIATE");
  for (Request& request : batch) {
    if (error) break;
    error = std::visit([this](auto& one) { return run(one); }, request);
  }
  if (!error) error = execute(database_.get(), "COMMIT");
  // Some errors end the transaction by themselves; then there is nothing to roll back.
  if (error && sqlite3_get_autocommit(database_.get()) == 0) (void)execute(database_.get(), "ROLLBACK");
  return error;
}

std::error_code History::run(Append& append) {
  Message& message = append.receipt.message;
  Use insert(insert_);
  bind_text(insert_.get(), 1, message.id);
  bind_text(insert_.get(), 2, message.room);
  bind_text(insert_.get(), 3, message.name);
  bind_text(insert_.get(), 4, message.text);
  sqlite3_bind_int64(insert_.get(), 5, message.at.time_since_epoch().count());
  if (const int result = insert.step(); result != SQLITE_DONE) return sqlite_error(result);
  append.receipt.is_new = sqlite3_changes(database_.get()) == 1;
  if (!append.receipt.is_new) return load_stored(message);
  message.seq = sqlite3_last_insert_rowid(database_.get());
  return {};
}

std::error_code History::load_stored(Message& message) {
  Use by_id(by_id_);
  const std::string id = message.id;
  bind_text(by_id_.get(), 1, id);
  const int result = by_id.step();
  if (result == SQLITE_ROW) message = message_of(by_id_.get());
  return sqlite_error(result);
}

std::error_code History::run(Find& find) {
  Use page(page_);
  bind_text(page_.get(), 1, find.room);
  sqlite3_bind_int64(page_.get(), 2, find.before);
  sqlite3_bind_int64(page_.get(), 3,
                     static_cast<std::int64_t>(find.count) + 1);  // one more tells whether more exist
  int result = page.step();
  for (; result == SQLITE_ROW; result = page.step())
    find.page.messages.push_back(message_of(page_.get()));
  find.page.has_more = find.page.messages.size() > find.count;
  if (find.page.has_more) find.page.messages.pop_back();
  std::reverse(find.page.messages.begin(), find.page.messages.end());
  return sqlite_error(result);
}

}  // namespace chat
