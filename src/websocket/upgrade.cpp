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

Opened accept_upgrade(const http::Request& request, http::Upgrade& upgrade, Compressors* compressors,
                      Function<void()> before) {
  const std::vector<Field> fields = fields_of(request.headers);
  const auto answer = check_handshake({.method = request.method, .fields = fields}, std::nullopt,
                                      compressors ? &compressors->settings() : nullptr);
  if (const auto* refusal = std::get_if<Refusal>(&answer)) {
    upgrade.refuse(response_of(*refusal));
    return {};
  }
  if (before) before();
  const http::Headers extra = upgrade.take_headers();
  const auto& acceptance = std::get<Acceptance>(answer);
  auto [stream, rest] = upgrade.accept(switching_protocols(acceptance, fields_of(extra)));
  auto deflate = acceptance.deflate
                     ? std::make_unique<PermessageDeflate>(acceptance.deflate->agreement, *compressors)
                     : nullptr;
  return {std::move(stream), std::move(rest), std::move(deflate)};
}

}  // namespace banter::websocket
