#include "sqlite.h"

#include <string>

namespace chat {
namespace {

class SqliteCategory final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "sqlite"; }
  [[nodiscard]] std::string message(int result) const override { return sqlite3_errstr(result); }
};

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
  throw std::runtime_error("cannot open the history \"" + file.string() + "\": " + why);
}

void make_folder_of(const std::filesystem::path& file) {
  if (!file.has_parent_path()) return;
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  if (error) refuse(file, error.message());
}

}  // namespace

const std::error_category& sqlite_category() noexcept {
  static const SqliteCategory category;
  return category;
}

std::error_code sqlite_error(int result) noexcept {
  const bool is_fine = result == SQLITE_OK || result == SQLITE_ROW || result == SQLITE_DONE;
  return is_fine ? std::error_code{} : std::error_code{result, sqlite_category()};
}

Database open_database(const std::filesystem::path& file) {
  make_folder_of(file);
  sqlite3* raw = nullptr;
  constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int result = sqlite3_open_v2(file.c_str(), &raw, flags, nullptr);
  Database database(raw);  // a failed open leaves a handle as well
  if (result != SQLITE_OK) refuse(file, sqlite3_errstr(result));
  sqlite3_extended_result_codes(database.get(), 1);
  return database;
}

std::error_code execute(sqlite3* database, const char* sql) noexcept {
  return sqlite_error(sqlite3_exec(database, sql, nullptr, nullptr, nullptr));
}

Statement prepare(sqlite3* database, std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const int result = sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (result != SQLITE_OK) throw std::system_error(sqlite_error(result), sqlite3_errmsg(database));
  return Statement(raw);
}

void bind_text(sqlite3_stmt* statement, int index, std::string_view text) noexcept {
  sqlite3_bind_text64(statement, index, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

std::string column_text(sqlite3_stmt* statement, int column) {
  const void* text = sqlite3_column_text(statement, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
  return text == nullptr ? std::string() : std::string(static_cast<const char*>(text), size);
}

}  // namespace chat
