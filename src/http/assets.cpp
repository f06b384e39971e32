#include "http/assets.h"

#include <charconv>
#include <utility>

#include "http/conditional.h"
#include "http/content_coding.h"
#include "http/error_page.h"

namespace banter::http {

namespace {

// FNV-1a: tells versions of a file apart, which nobody forges here.
std::string hash_of(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : bytes) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  char digits[16];
  const auto result = std::to_chars(digits, digits + sizeof digits, hash, 16);
  return {digits, result.ptr};
}

struct Choice {
  const base::SharedBytes* bytes;
  const char* coding;  // empty: as it is
  const char* suffix;  // of the entity tag
};

Choice choose(const Request& request, const Asset& asset) {
  if (asset.brotli && accepts_coding(request, "br")) return {&asset.brotli, "br", "-br"};
  if (asset.gzip && accepts_coding(request, "gzip")) return {&asset.gzip, "gzip", "-gz"};
  return {&asset.bytes, "", ""};
}

}  // namespace

void Assets::add(std::string name, Asset asset) {
  std::string tag = version_ + "-" + hash_of(asset.bytes.view());
  entries_.insert_or_assign(std::move(name), Entry{std::move(asset), std::move(tag)});
}

std::optional<Response> Assets::answer(const Request& request, std::string_view name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) return std::nullopt;
  if (request.method != "GET" && request.method != "HEAD") {
    Response refusal = error_page(405, request.method + " is not possible here, but GET, HEAD");
    refusal.set_header("Allow", "GET, HEAD");
    return refusal;
  }
  const auto& [asset, tag] = found->second;
  const Choice choice = choose(request, asset);
  const std::string etag = "\"" + tag + choice.suffix + "\"";

  Response response(is_not_modified(request, etag, {}) ? 304 : 200);
  response.set_header("Cache-Control", "public, max-age=0");
  response.set_header("ETag", etag);
  response.set_header("Vary", "Accept-Encoding");
  if (response.status() == 304) return response;
  response.set_header("Content-Type", asset.content_type);
  response.set_header("X-Content-Type-Options", "nosniff");
  if (*choice.coding != '\0') response.set_header("Content-Encoding", choice.coding);
  response.set_body(*choice.bytes);
  return response;
}

}  // namespace banter::http
