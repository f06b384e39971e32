// What an Engine.IO request says in its query string.
#pragma once

#include <string>
#include <string_view>

namespace banter::engine {

// Decoded; of parameters with the same name the last counts.
struct Query {
  explicit Query(std::string_view query);

  [[nodiscard]] bool names_session() const noexcept { return !sid.empty(); }
  [[nodiscard]] bool has_revision_4() const noexcept { return revision == "4"; }

  std::string transport, sid, revision;  // `transport`, `sid`, `EIO`; empty where there is none
  bool wants_base64 = false;             // b64=1: the client cannot take binary messages
  bool wants_jsonp = false;              // `j`: of clients before revision 4
};

}  // namespace banter::engine
