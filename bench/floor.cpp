// The floor: what the kernel and libuv alone cost for the same frames. A server that accepts, answers the two
// handshakes with constant bytes, and echoes: one read, unmasking in place, one uv_try_write. It checks
// nothing about its peer and has neither sessions, timers, queues nor limits, so it serves bench-load and
// nobody else.
//
//   bench-floor [--port PORT]
#include <arpa/inet.h>
#include <uv.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

constexpr std::size_t mask_size = 4;

enum class State : std::uint8_t { request, join, echo };

// Freed in the close callback of its handle.
struct Connection {
  uv_tcp_t tcp{};
  State state = State::request;
  std::string rest;  // the start of a request or frame whose end has not arrived
};

// One receive buffer for all connections; the echo is made in place.
std::array<char, 65'536> buffer;

void check(const char* what, int status) {
  if (status >= 0) return;
  std::fprintf(stderr, "bench-floor: %s: %s\n", what, uv_strerror(status));
  std::exit(1);
}

std::string text_frame(std::string_view payload) {
  std::string frame{'\x81', static_cast<char>(payload.size())};  // payloads below 126 bytes
  return frame.append(payload);
}

// bench-load always sends the key of RFC 6455 section 1.3, so the answer is constant.
const std::string upgrade_answer =
    "HTTP/1.1 101 Switching Protocols\r\n"
    "Upgrade: websocket\r\n"
    "Connection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

// The same and Engine.IO's open packet. The pings it announces would begin after an hour: there are none.
const std::string engine_answer =
    upgrade_answer +
    text_frame(
        R"(0{"sid":"floor","upgrades":[],"pingInterval":3600000,"pingTimeout":20000,"maxPayload":65535})");

// The answer to Socket.IO's CONNECT, and the event `auth` that the test server sends behind it.
const std::string join_answer = text_frame(R"(40{"sid":"floor"})") + text_frame(R"(42["auth",{}])");

Connection& owner_of(uv_handle_t* handle) {
  return *static_cast<Connection*>(handle->data);
}

void close(Connection& connection) {
  uv_close(reinterpret_cast<uv_handle_t*>(&connection.tcp),
           [](uv_handle_t* handle) { delete &owner_of(handle); });
}

// What bench-load has in flight fits into the socket's buffer, so there is no queue for what does not.
void write(Connection& connection, char* data, std::size_t size) {
  const uv_buf_t bytes = uv_buf_init(data, static_cast<unsigned>(size));
  const int written = uv_try_write(reinterpret_cast<uv_stream_t*>(&connection.tcp), &bytes, 1);
  check("write", written);
  if (static_cast<std::size_t>(written) != size) check("write", UV_ENOBUFS);
}

void write(Connection& connection, std::string text) {
  write(connection, text.data(), text.size());
}

// The two answers below return how many bytes they took off the front of `input`, 0 if there are too few.
std::size_t answer_request(Connection& connection, std::string_view input) {
  const auto end = input.find("\r\n\r\n");
  if (end == input.npos) return 0;
  const bool is_engine = input.substr(0, 15) == "GET /socket.io/";
  write(connection, is_engine ? engine_answer : upgrade_answer);
  connection.state = is_engine ? State::join : State::echo;
  return end + 4;
}

std::size_t answer_join(Connection& connection, std::string_view input) {
  const std::size_t frame_size = 2 + mask_size + std::strlen("40");
  if (input.size() < frame_size) return 0;
  write(connection, join_answer);
  connection.state = State::echo;
  return frame_size;
}

// `to` may be before `from` in the same buffer: every word is read before it can be overwritten.
void copy_unmasked(char* to, const char* from, std::size_t size, const char* mask) {
  std::uint32_t key;
  std::memcpy(&key, mask, mask_size);
  std::uint64_t mask_twice = static_cast<std::uint64_t>(key) << 32 | key;
  std::size_t at = 0;
  for (; at + 8 <= size; at += 8) {
    std::uint64_t word;
    std::memcpy(&word, from + at, 8);
    word ^= mask_twice;
    std::memcpy(to + at, &word, 8);
  }
  for (; at < size; ++at, mask_twice >>= 8)
    to[at] = static_cast<char>(from[at] ^ static_cast<char>(mask_twice));
}

// A complete frame from the client, its header as long as its length says (RFC 6455 section 5.2).
struct Frame {
  std::size_t header = 0;  // without the mask
  std::size_t payload = 0;
  std::size_t size() const { return header + mask_size + payload; }
};

bool read_frame(const char* data, std::size_t size, Frame& frame) {
  if (size < 4) return false;
  const auto byte = [data](std::size_t index) { return static_cast<std::uint8_t>(data[index]); };
  const std::size_t length = byte(1) & 0x7f;
  if (length == 127) check("frame", UV_EMSGSIZE);
  frame.header = length < 126 ? 2 : 4;
  frame.payload = length < 126 ? length : static_cast<std::size_t>(byte(2)) << 8 | byte(3);
  return size >= frame.size();
}

// Echoes all complete frames in one write and keeps the rest. A server's frame is shorter by the mask than
// its client's, so the echo grows at the front of the buffer and never reaches what is still to be read.
void echo(Connection& connection, char* data, std::size_t size) {
  constexpr char close_frame = '\x88';
  std::size_t read = 0, written = 0;
  bool is_closed = false;
  for (Frame frame; !is_closed && read_frame(data + read, size - read, frame); read += frame.size()) {
    const char* header = data + read;
    std::array<char, mask_size> mask;
    std::memcpy(mask.data(), header + frame.header, mask_size);
    is_closed = header[0] == close_frame;
    std::memmove(data + written, header, frame.header);
    data[written + 1] = static_cast<char>(data[written + 1] & 0x7f);
    copy_unmasked(data + written + frame.header, header + frame.header + mask_size, frame.payload,
                  mask.data());
    written += frame.header + frame.payload;
  }
  if (written > 0) write(connection, data, written);
  if (is_closed) return close(connection);
  if (read < size) connection.rest.assign(data + read, size - read);
}

void handle(Connection& connection, char* data, std::size_t size) {
  if (connection.state == State::echo) return echo(connection, data, size);
  const std::string_view input(data, size);
  const bool is_request = connection.state == State::request;
  const std::size_t taken = is_request ? answer_request(connection, input) : answer_join(connection, input);
  connection.rest.assign(input.substr(taken));
}

// Puts what was left of the last read in front of the next.
void allocate(uv_handle_t* handle, std::size_t, uv_buf_t* out) {
  const std::string& rest = owner_of(handle).rest;
  std::memcpy(buffer.data(), rest.data(), rest.size());
  *out = uv_buf_init(buffer.data() + rest.size(), static_cast<unsigned>(buffer.size() - rest.size()));
}

void on_read(uv_stream_t* stream, ssize_t size, const uv_buf_t*) {
  auto& connection = owner_of(reinterpret_cast<uv_handle_t*>(stream));
  if (size < 0) return close(connection);
  const std::size_t total = connection.rest.size() + static_cast<std::size_t>(size);
  connection.rest.clear();
  handle(connection, buffer.data(), total);
}

void on_connection(uv_stream_t* listener, int status) {
  check("accept", status);
  auto* connection = new Connection;
  connection->tcp.data = connection;
  auto* stream = reinterpret_cast<uv_stream_t*>(&connection->tcp);
  check("uv_tcp_init", uv_tcp_init(listener->loop, &connection->tcp));
  check("uv_accept", uv_accept(listener, stream));
  check("uv_tcp_nodelay", uv_tcp_nodelay(&connection->tcp, 1));
  check("uv_read_start", uv_read_start(stream, allocate, on_read));
}

int parse_port(int argc, char** argv) {
  if (argc == 1) return 0;
  const int port = argc == 3 && std::string_view(argv[1]) == "--port" ? std::atoi(argv[2]) : -1;
  if (port >= 0 && port <= 65'535) return port;
  std::fprintf(stderr, "usage: bench-floor [--port PORT]\n");
  std::exit(2);
}

void listen(uv_tcp_t& listener, int port) {
  constexpr int backlog = 4096;
  sockaddr_storage address{};
  int address_size = sizeof address;
  check("uv_ip4_addr", uv_ip4_addr("127.0.0.1", port, reinterpret_cast<sockaddr_in*>(&address)));
  check("bind", uv_tcp_bind(&listener, reinterpret_cast<const sockaddr*>(&address), 0));
  check("listen", uv_listen(reinterpret_cast<uv_stream_t*>(&listener), backlog, on_connection));
  check("getsockname", uv_tcp_getsockname(&listener, reinterpret_cast<sockaddr*>(&address), &address_size));
  const auto& bound = reinterpret_cast<const sockaddr_in&>(address);
  std::printf("listening on http://127.0.0.1:%d\n", ntohs(bound.sin_port));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  uv_loop_t& loop = *uv_default_loop();
  uv_tcp_t listener;
  check("uv_tcp_init", uv_tcp_init(&loop, &listener));
  listen(listener, parse_port(argc, argv));
  return uv_run(&loop, UV_RUN_DEFAULT);  // until a signal ends the process
}
