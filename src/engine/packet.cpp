#include "engine/packet.h"

namespace banter::engine {

std::string open_packet(const Opening& opening) {
  std::string text = "0{\"sid\":\"";
  text.append(opening.sid)
      .append("\",\"upgrades\":[")
      .append(opening.offers_websocket ? "\"websocket\"" : "");
  text.append("],\"pingInterval\":").append(std::to_string(opening.ping_interval_ms));
  text.append(",\"pingTimeout\":").append(std::to_string(opening.ping_timeout_ms));
  text.append(",\"maxPayload\":").append(std::to_string(opening.max_payload)).append("}");
  return text;
}

}  // namespace banter::engine
