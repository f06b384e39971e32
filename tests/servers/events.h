// The events that the test server answers: as it were a tour of the API, one line of behaviour each.
#pragma once

#include <banter/banter.h>

#include <string>

namespace fixture {

// Registers every event on `nsp`. `io` and `node`, the name that `whoami` reports, must outlive the server's
// handlers; `node` may be set until the server runs.
void register_events(banter::Server& io, const banter::Namespace& nsp, const std::string& node);

}  // namespace fixture
