#include "socketio/memory_adapter.h"

namespace banter::socketio {

void MemoryAdapter::start(AdapterHub&, Function<void()> done) {
  done();
}

// Nobody was asked, so nobody is missing.
void MemoryAdapter::request(const Request&, std::shared_ptr<Collector> collector) {
  collector->on_done({}, {});
}

void MemoryAdapter::interest(std::string_view, std::string_view, Presence, Function<void()> done) {
  if (done) done();
}

}  // namespace banter::socketio
