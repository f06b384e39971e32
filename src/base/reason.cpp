#include "banter/reason.h"

namespace banter {

std::string_view to_text(Reason reason) noexcept {
  switch (reason) {
    case Reason::transport_close: return "transport close";
    case Reason::transport_error: return "transport error";
    case Reason::ping_timeout: return "ping timeout";
    case Reason::parse_error: return "parse error";
    case Reason::slow_consumer: return "slow consumer";
    case Reason::forced_close: return "forced close";
    case Reason::forced_server_close: return "forced server close";
    case Reason::server_shutting_down: return "server shutting down";
    case Reason::client_namespace_disconnect: return "client namespace disconnect";
    case Reason::server_namespace_disconnect: return "server namespace disconnect";
  }
  return "";
}

std::string_view to_text(EndedBy by) noexcept {
  switch (by) {
    case EndedBy::client: return "client";
    case EndedBy::server: return "server";
    case EndedBy::network: return "network";
  }
  return "";
}

std::string_view to_text(Layer layer) noexcept {
  switch (layer) {
    case Layer::tcp: return "tcp";
    case Layer::http: return "http";
    case Layer::websocket: return "websocket";
    case Layer::engine: return "engine";
    case Layer::socketio: return "socketio";
    case Layer::application: return "application";
  }
  return "";
}

}  // namespace banter
