// How the library calls a handler: what the templates of `on` wrap an application's function into.
#pragma once

#include <cstddef>
#include <string>

#include "banter/ack.h"
#include "banter/args.h"
#include "banter/function.h"
#include "banter/handle.h"
#include "banter/reason.h"

namespace banter::detail {

// One call of one handler.
struct Invocation {
  const SocketRef& socket;
  const Args& args;
  const AckTicketPtr& ack;
  const DisconnectReason* reason = nullptr;  // in `disconnecting` and `disconnect`

  // Set instead of calling the handler if the arguments do not fit it.
  struct Misfit {
    std::size_t position = 0;
    std::string wanted;
  };
  bool fits = true;
  Misfit misfit;
};

using Handler = Function<void(Invocation&)>;

// What `on` reads off a handler's parameters, to tell a local happening from an event.
struct HandlerShape {
  bool takes_reason = false;
  bool takes_arguments = false;  // anything besides the Socket and the reason
};

// One answer to an emit that asked for it.
struct AckAnswer {
  std::error_code error;
  const Args& args;

  // Set by a callback that takes no error_code, so that on_error hears what it cannot.
  std::error_code unheard;
};
using AckCallback = Function<void(AckAnswer&)>;

}  // namespace banter::detail
