#include "engine/pending_handshake.h"

#include <string>
#include <utility>

#include "engine/endpoint.h"

namespace banter::engine {

http::Exchange& base_of(PendingExchange& exchange) noexcept {
  return std::visit([](auto& either) -> http::Exchange& { return either; }, exchange);
}

PendingHandshake::PendingHandshake(Endpoint& endpoint, std::uint64_t number, http::Request request,
                                   PendingExchange exchange)
    : endpoint_(endpoint), number_(number), request_(std::move(request)), exchange_(std::move(exchange)) {
  loop::Loop& loop = endpoint.context_.loop;
  deadline_.set(loop.wheel(), loop.now() + endpoint.context_.settings.admission_timeout);
  base_of(exchange_).on_gone([this] { endpoint_.pending_.erase(number_); });
}

void PendingHandshake::on_deadline() {
  endpoint_.decided(number_, "no decision in time");
}

}  // namespace banter::engine
