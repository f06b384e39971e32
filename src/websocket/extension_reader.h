// Reads the value of one Sec-WebSocket-Extensions line (RFC 6455 section 9.1), each character once.
//
//   name [; parameter [= value]]... , name ...
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace banter::websocket {

struct ExtensionParameter {
  std::string_view name;
  std::optional<std::string> value;  // of a quoted one what the quotes mean
};

class ExtensionReader {
 public:
  // The reader and what it answers look at `value`.
  explicit ExtensionReader(std::string_view value) noexcept : rest_(value) {}

  // The next extension's name; nothing at the end. To be called when all parameters of the one before are
  // read.
  [[nodiscard]] std::optional<std::string_view> next_extension();

  // The extension's next parameter; nothing behind the last.
  [[nodiscard]] std::optional<ExtensionParameter> next_parameter();

  // The value is ill-formed; both calls answer nothing from there on.
  [[nodiscard]] bool has_failed() const noexcept { return has_failed_; }

 private:
  void skip_blanks() noexcept;
  [[nodiscard]] bool skip(char wanted) noexcept;
  [[nodiscard]] std::string_view read_token() noexcept;
  [[nodiscard]] std::string read_quoted();
  void fail() noexcept;

  std::string_view rest_;
  bool has_failed_ = false;
};

}  // namespace banter::websocket
