// Everything an application needs.
#pragma once

#include "banter/ack.h"
#include "banter/address.h"
#include "banter/args.h"
#include "banter/bytes.h"
#include "banter/error.h"
#include "banter/handshake.h"
#include "banter/http.h"
#include "banter/json.h"
#include "banter/namespace.h"
#include "banter/next.h"
#include "banter/options.h"
#include "banter/reason.h"
#include "banter/send_result.h"
#include "banter/server.h"
#include "banter/socket.h"
