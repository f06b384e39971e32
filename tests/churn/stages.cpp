#include "stages.h"

namespace churn {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view poll =
    "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr std::string_view next_poll =
    "GET /socket.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nHost: localhost\r\n\r\n";

constexpr std::string_view half_a_post =
    "POST /socket.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nHost: localhost\r\n"
    "Content-Type: text/plain;charset=UTF-8\r\nContent-Length: 20\r\n\r\n42[\"half";

constexpr std::string_view websocket =
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
constexpr std::string_view upgrade =
    "GET /socket.io/?EIO=4&transport=websocket&sid={sid} HTTP/1.1\r\nHost: localhost\r\nUpgrade: "
    "websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

// Text frames (RFC 6455 section 5.2); with a mask of zeros the payload stays as it is.
constexpr std::string_view probe =
    "\x81\x86\0\0\0\0"
    "2probe"sv;
constexpr std::string_view probe_answer =
    "\x81\x06"
    "3probe"sv;

constexpr std::string_view open_end = "\"maxPayload\":1000000}";
constexpr std::string_view switched = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";  // Sec-WebSocket-Accept for the key

constexpr Step polling_opened = {Line::first, poll, open_end};
constexpr Step upgrading = {Line::second, upgrade, switched};

constexpr Step part_of_request[] = {{Line::first, poll.substr(0, 40), {}}};
constexpr Step answer_unread[] = {{Line::first, poll, {}}};
constexpr Step websocket_unread[] = {{Line::first, websocket, {}}};
constexpr Step opened[] = {polling_opened};
constexpr Step websocket_opened[] = {{Line::first, websocket, open_end}};
constexpr Step upgrade_begun[] = {polling_opened, upgrading};
constexpr Step probe_sent[] = {polling_opened, upgrading, {Line::second, probe, {}}};
constexpr Step probed[] = {polling_opened, upgrading, {Line::second, probe, probe_answer}};
constexpr Step mid_post[] = {polling_opened, {Line::first, half_a_post, {}}};
constexpr Step mid_poll[] = {polling_opened, {Line::first, next_poll, {}}};

constexpr std::array<Stage, stage_count> all = {{
    {"before open: part of the request", Opens::never, part_of_request},
    {"before open: answer not read", Opens::perhaps, answer_unread},
    {"before open: WebSocket, answer not read", Opens::perhaps, websocket_unread},
    {"after open", Opens::always, opened},
    {"after open: WebSocket", Opens::always, websocket_opened},
    {"mid-upgrade: 101 read", Opens::always, upgrade_begun},
    {"mid-upgrade: 2probe sent", Opens::always, probe_sent},
    {"mid-upgrade: 3probe read", Opens::always, probed},
    {"mid-POST: half a body", Opens::always, mid_post},
    {"mid-poll: poll held", Opens::always, mid_poll},
}};

}  // namespace

const std::array<Stage, stage_count>& stages() noexcept {
  return all;
}

}  // namespace churn
