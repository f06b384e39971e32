#include "loop/listener.h"

#include <netdb.h>

#include <algorithm>
#include <string>
#include <utility>

#include "loop/error.h"

namespace banter::loop {

namespace {

constexpr int backlog = 4096;                // the kernel takes less if net.core.somaxconn says so
constexpr unsigned keep_alive_seconds = 60;  // finds peers that vanished, beside the protocol's own heartbeat

std::string describe(std::string_view host, std::uint16_t port) {
  const bool is_v6 = host.find(':') != std::string_view::npos;
  std::string text = "cannot listen on ";
  text.append(is_v6 ? "[" : "").append(host).append(is_v6 ? "]:" : ":").append(std::to_string(port));
  return text;
}

// Resolves `host`, numeric or a name; blocks for a name.
sockaddr_storage resolve(Loop& loop, std::string_view host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  uv_getaddrinfo_t request{};
  const int status = uv_getaddrinfo(loop.uv(), &request, nullptr, std::string(host).c_str(),
                                    std::to_string(port).c_str(), &hints);
  if (status < 0) throw std::system_error(uv_error(status), describe(host, port));
  sockaddr_storage address{};
  std::copy_n(reinterpret_cast<const char*>(request.addrinfo->ai_addr), request.addrinfo->ai_addrlen,
              reinterpret_cast<char*>(&address));
  uv_freeaddrinfo(request.addrinfo);
  return address;
}

}  // namespace

Listener::Listener(Loop& loop, AcceptHandler& handler, const Settings& settings, std::string_view host,
                   std::uint16_t port)
    : loop_(loop), handler_(handler), settings_(settings) {
  open(host, port);
}

Listener::~Listener() {
  close();
}

void Listener::open(std::string_view host, std::uint16_t port) {
  const sockaddr_storage address = resolve(loop_, host, port);
  const int status = bind_and_listen(reinterpret_cast<const sockaddr&>(address));
  if (status == 0) {
    bound_ = bound_address();
    return;
  }
  close();
  const bool lacks_v6 = status == UV_EAFNOSUPPORT || status == UV_EADDRNOTAVAIL;
  if (host == "::" && lacks_v6) return open("0.0.0.0", port);
  throw std::system_error(uv_error(status), describe(host, port));
}

int Listener::bind_and_listen(const sockaddr& address) {
  handle_ = new Handle{.loop = loop_.self_};
  uv_tcp_init(loop_.uv(), &handle_->tcp);
  handle_->tcp.data = this;
  loop_.handle_opened();
  if (const int status = uv_tcp_bind(&handle_->tcp, &address, 0); status < 0) return status;
  uv_tcp_nodelay(&handle_->tcp, 1);
  uv_tcp_keepalive(&handle_->tcp, 1, keep_alive_seconds);
  return uv_listen(reinterpret_cast<uv_stream_t*>(&handle_->tcp), backlog,
                   [](uv_stream_t* listener, int status) {
                     if (listener->data != nullptr)
                       static_cast<Listener*>(listener->data)->on_connection(status);
                   });
}

void Listener::on_connection(int status) {
  if (status < 0) return;  // EMFILE and the like: libuv goes on with the next connection
  if (is_held_) {
    has_waiting_ = true;
    return;
  }
  auto* listener = reinterpret_cast<uv_stream_t*>(&handle_->tcp);
  if (StreamPtr stream = Stream::accept(loop_, listener, settings_)) handler_.on_accept(std::move(stream));
}

void Listener::resume() {
  is_held_ = false;
  if (std::exchange(has_waiting_, false)) on_connection(0);
}

void Listener::close() noexcept {
  if (!handle_) return;
  Handle* closing = std::exchange(handle_, nullptr);
  closing->tcp.data = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(&closing->tcp), [](uv_handle_t* closed) {
    auto* handle = reinterpret_cast<Handle*>(closed);  // `tcp` is its first member
    if (const std::shared_ptr<Loop> loop = handle->loop.lock()) loop->handle_closed();
    delete handle;
  });
}

Address Listener::bound_address() const {
  sockaddr_storage storage{};
  int length = sizeof storage;
  uv_tcp_getsockname(&handle_->tcp, reinterpret_cast<sockaddr*>(&storage), &length);
  return to_address(storage);
}

}  // namespace banter::loop
