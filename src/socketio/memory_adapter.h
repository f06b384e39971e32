// The adapter of a process that is alone: there is nobody else to reach.
#pragma once

#include "socketio/adapter.h"

namespace banter::socketio {

class MemoryAdapter final : public Adapter {
 public:
  void start(AdapterHub& hub, Function<void()> done) override;
  void stop() override {}
  [[nodiscard]] bool reaches_others() const noexcept override { return false; }
  void publish(const Operation&) override {}
  void request(const Request& request, std::shared_ptr<Collector> collector) override;
  void interest(std::string_view nsp, std::string_view room, Presence presence,
                Function<void()> done) override;
  [[nodiscard]] EventLog* log() noexcept override { return nullptr; }
};

}  // namespace banter::socketio
