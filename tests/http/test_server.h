// A server of HTTP connections on a loop of its own, whose handlers the test sets.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "banter/function.h"
#include "http/connection_set.h"
#include "loop/listener.h"
#include "loop/loop.h"
#include "tests/http/test_client.h"

namespace banter::http {

class TestServer final : public loop::AcceptHandler, public RequestHandler {
 public:
  explicit TestServer(const Settings& wanted = {}) : settings(wanted) {}
  ~TestServer() {
    bool is_done = false;
    connections.close_all();
    listener.reset();
    upgraded.clear();
    loop.close([&] { is_done = true; });
    run_until(loop, [&] { return is_done; });
  }

  [[nodiscard]] TestClient connect() { return TestClient(loop, listener->bound().port); }
  void run_until_true(auto condition) { run_until(loop, condition); }

  void on_accept(loop::StreamPtr stream) override { connections.add(std::move(stream)); }
  BodyPlan on_head(const Request& request, Incoming& incoming) override {
    return plan ? plan(request, incoming) : BodyPlan::read(1000);
  }
  void on_request(Request& request, Responder responder) override {
    paths.push_back(request.path);
    if (handler) return handler(request, std::move(responder));
    responder.send(200, "text/plain", request.method + " " + request.path + " " + request.body);
  }
  void on_upgrade(Request& request, Upgrade upgrade) override {
    if (upgrade_handler) upgrade_handler(request, std::move(upgrade));
  }

  loop::Loop loop;
  Settings settings;
  Counters counters;
  Function<BodyPlan(const Request&, Incoming&)> plan;
  Function<void(Request&, Responder)> handler;
  Function<void(Request&, Upgrade)> upgrade_handler;
  std::vector<std::string> paths;  // of the requests that were handled
  std::vector<loop::StreamPtr> upgraded;
  ConnectionSet connections{loop, *this, settings, counters};
  std::unique_ptr<loop::Listener> listener =
      std::make_unique<loop::Listener>(loop, *this, settings.stream, "127.0.0.1", std::uint16_t{0});
};

}  // namespace banter::http
