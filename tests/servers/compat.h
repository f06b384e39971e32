// What compat-server answers.
#pragma once

#include <banter/banter.h>

namespace compat {

// What the conversations of tests/vectors expect of a server; their files say it.
void register_conversations(banter::Server& io);

}  // namespace compat
