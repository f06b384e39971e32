#include "engine/handshake_record.h"

#include <algorithm>
#include <utility>

namespace banter::engine {

namespace {

constexpr char separator = '\n';

std::string_view take_line(std::string_view& rest) noexcept {
  const std::size_t end = rest.find(separator);
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return line;
}

}  // namespace

HandshakeRecord::HandshakeRecord(std::string_view url, std::string_view address, bool is_secure,
                                 std::chrono::system_clock::time_point issued)
    : issued_(issued), is_secure_(is_secure) {
  append_lines(url, address);
}

void HandshakeRecord::append_lines(std::string_view name, std::string_view value) {
  lines_.append(name).push_back(separator);
  lines_.append(value).push_back(separator);
}

void HandshakeRecord::add_header(std::string_view name, std::string_view value) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  has_origin_ = has_origin_ || lower == "origin";
  append_lines(lower, value);
}

std::vector<Handshake::Header> HandshakeRecord::headers() const {
  std::vector<Handshake::Header> headers;
  std::string_view rest = lines_;
  take_line(rest);
  take_line(rest);
  while (!rest.empty()) {
    const std::string_view name = take_line(rest);
    headers.push_back({std::string(name), std::string(take_line(rest))});
  }
  return headers;
}

void HandshakeRecord::keep_only(const std::vector<std::string>& names) {
  if (std::exchange(is_trimmed_, true)) return;
  const Handshake all = to_public();
  lines_.clear();
  append_lines(all.url, all.address);
  for (const auto& [name, value] : all.headers) {
    if (std::find(names.begin(), names.end(), name) != names.end()) append_lines(name, value);
  }
  lines_.shrink_to_fit();
}

Handshake HandshakeRecord::to_public() const {
  Handshake handshake;
  std::string_view rest = lines_;
  handshake.url = take_line(rest);
  handshake.address = take_line(rest);
  handshake.headers = headers();
  handshake.secure = is_secure_;
  handshake.xdomain = has_origin_;
  handshake.issued = issued_;
  return handshake;
}

HandshakeRecord record_of(const http::Request& request, const http::Exchange& exchange) {
  HandshakeRecord record(request.target, exchange.peer().host, false, std::chrono::system_clock::now());
  for (const http::Header& header : request.headers)
    record.add_header(header.name, header.value);
  return record;
}

}  // namespace banter::engine
