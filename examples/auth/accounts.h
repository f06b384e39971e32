// Who may log in, and with which tokens they have. A real one is a database: it blocks, and so does this.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

using Clock = std::chrono::system_clock;

// A proof of having logged in, for a while.
struct Token {
  std::string text;  // a secret
  std::string name;  // whose it is
  Clock::time_point expires;
};

// Threads: any. Everything here takes its time: not for the server's threads.
class Accounts {
 public:
  explicit Accounts(std::chrono::milliseconds lifetime) : lifetime_(lifetime) {}

  void add(std::string_view name, std::string_view password);

  // Nothing if the name is unknown or the password wrong; both take equally long.
  std::optional<Token> log_in(const std::string& name, std::string_view password);

  // The token that `text` is; nothing if it is none, or has expired.
  std::optional<Token> check(const std::string& text);

  // A new token for a valid one, which then is none any more.
  std::optional<Token> refresh(const std::string& text);

 private:
  struct Password {
    std::string salt;
    std::string hash;
  };

  Token issue(std::string name);
  void forget_expired();

  const std::chrono::milliseconds lifetime_;
  std::mutex mutex_;  // guards both; not held while a password is hashed
  std::map<std::string, Password, std::less<>> passwords_;
  std::unordered_map<std::string, Token> tokens_;  // by the hash of their text
};
