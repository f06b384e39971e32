// Owners for SQLite's handles, and its errors as std::error_code.
#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>

namespace chat {

// SQLite's result codes, extended ones included.
[[nodiscard]] const std::error_category& sqlite_category() noexcept;
[[nodiscard]] std::error_code sqlite_error(int result) noexcept;

struct CloseDatabase {
  void operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

// Opens `file` for reading and writing, with its folder made if it is missing. For one thread at a time.
// Throws std::runtime_error that names the file.
[[nodiscard]] Database open_database(const std::filesystem::path& file);

// Runs statements that answer no rows.
[[nodiscard]] std::error_code execute(sqlite3* database, const char* sql) noexcept;

// Throws std::system_error: a statement is fixed text, so only the database can be wrong.
[[nodiscard]] Statement prepare(sqlite3* database, std::string_view sql);

// `text` must stay valid until the statement has been reset.
void bind_text(sqlite3_stmt* statement, int index, std::string_view text) noexcept;
[[nodiscard]] std::string column_text(sqlite3_stmt* statement, int column);

}  // namespace chat
