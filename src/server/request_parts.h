// What a public Request looks into.
#pragma once

#include "banter/http.h"
#include "http/request.h"
#include "http/router.h"

struct banter::detail::RequestParts {
  const http::Request& request;
  const http::Params& params;
};
