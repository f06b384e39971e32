// How an endpoint for plain JSON events works.
#pragma once

#include <cstdint>

namespace banter {

// Where a client of such an endpoint says who it is: what middlewares find as Handshake::auth.
enum class NativeAuth : std::uint8_t {
  query,  // in the query of the URL, which logs and proxies see too

  // As its first message, {"name":"auth","data":[{...}]}, within Options::connect_timeout (then it is closed
  // with 4408). Anything else closes it with 4401.
  first_message,
};

struct NativeOptions {
  NativeAuth auth = NativeAuth::query;
};

}  // namespace banter
