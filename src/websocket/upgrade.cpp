#include "websocket/upgrade.h"

#include <utility>
#include <variant>
#include <vector>

#include "websocket/handshake.h"

namespace banter::websocket {

namespace {

std::vector<Field> fields_of(const http::Headers& headers) {
  std::vector<Field> fields;
  fields.reserve(headers.size());
  for (const http::Header& header : headers)
    fields.push_back({header.name, header.value});
  return fields;
}

http::Response response_of(const Refusal& refusal) {
  http::Response response(refusal.status, "text/plain; charset=utf-8", std::string(refusal.body));
  for (const Field& field : refusal.fields)
    response.set_header(field.name, field.value);
  return response;
}

}  // namespace

Opened accept_upgrade(const http::Request& request, http::Upgrade& upgrade) {
  const std::vector<Field> fields = fields_of(request.headers);
  const auto answer = check_handshake({.method = request.method, .fields = fields});
  if (const auto* refusal = std::get_if<Refusal>(&answer)) {
    upgrade.refuse(response_of(*refusal));
    return {};
  }
  const http::Headers extra = upgrade.take_headers();
  auto [stream, rest] =
      upgrade.accept(switching_protocols(std::get<Acceptance>(answer), fields_of(extra)));
  return {std::move(stream), std::move(rest)};
}

}  // namespace banter::websocket
