// What public values look into.
#pragma once

#include "banter/admission.h"
#include "banter/http.h"
#include "http/exchange.h"
#include "http/request.h"
#include "http/router.h"

struct banter::detail::RequestParts {
  const http::Request& request;
  const http::Params& params;
};

// The answer that AnswerHeaders adds to.
struct banter::detail::PendingAnswer {
  http::Exchange& exchange;
};
