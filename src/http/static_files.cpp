#include "http/static_files.h"

#include <charconv>
#include <utility>

#include "http/conditional.h"
#include "http/content_coding.h"
#include "http/content_type.h"
#include "http/date.h"
#include "http/error_page.h"
#include "http/file_source.h"
#include "loop/file.h"

namespace banter::http {

namespace {

// One request on its way through the pool. Only what was copied here is used when it comes back.
struct Lookup {
  std::string root;
  std::string path;  // relative; "" is the root, a last slash means a folder
  bool accepts_gzip = false;
  Request request;
  Responder responder;

  // Found on the pool:
  std::error_code error;
  loop::File file;
  bool is_gzip = false;
  bool needs_slash = false;
};

bool is_folder_path(std::string_view path) {
  return path.empty() || path.ends_with('/');
}

// On the pool. Folders are served by their index.html, at the path with the slash, so that relative links
// work.
void find_file(Lookup& lookup) {
  if (is_folder_path(lookup.path)) lookup.path += "index.html";
  lookup.error = lookup.file.open_below(lookup.root, lookup.path);
  if (lookup.error) return;
  lookup.needs_slash = lookup.file.info().is_folder;
  if (lookup.needs_slash) return;
  if (!lookup.file.info().is_regular) {
    lookup.error = std::make_error_code(std::errc::no_such_file_or_directory);
    return;
  }
  if (!lookup.accepts_gzip) return;
  loop::File packed;
  if (packed.open_below(lookup.root, lookup.path + ".gz") || !packed.info().is_regular) return;
  if (packed.info().modified < lookup.file.info().modified) return;  // made from an older version
  lookup.file = std::move(packed);
  lookup.is_gzip = true;
}

std::string to_hex(std::uint64_t number) {
  char digits[16];
  const auto result = std::to_chars(digits, digits + sizeof digits, number, 16);
  return {digits, result.ptr};
}

// Strong: size and nanoseconds change with the bytes.
std::string etag_of(const loop::File::Info& info, bool is_gzip) {
  const std::string version = to_hex(info.size) + "-" + to_hex(static_cast<std::uint64_t>(info.modified));
  return "\"" + version + (is_gzip ? "-gz\"" : "\"");
}

Response not_found(const Lookup& lookup) {
  if (lookup.error == std::errc::permission_denied) {
    return error_page(403, "The server may not read " + lookup.request.raw_path);
  }
  const bool is_our_fault = lookup.error == std::errc::too_many_files_open ||
                            lookup.error == std::errc::too_many_files_open_in_system;
  if (is_our_fault) return error_page(503, "The server cannot open more files at the moment.");
  return error_page(404, "There is no file at " + lookup.request.raw_path);
}

Response redirect_to_folder(const Request& request) {
  std::string location = request.raw_path + "/";
  if (!request.query.empty()) location += "?" + request.query;
  Response response = error_page(301, "This folder is at " + location);
  response.set_header("Location", location);
  return response;
}

Response answer_of(Lookup& lookup, loop::Loop& loop) {
  if (lookup.error) return not_found(lookup);
  if (lookup.needs_slash) return redirect_to_folder(lookup.request);
  const loop::File::Info info = lookup.file.info();
  const std::string etag = etag_of(info, lookup.is_gzip);
  const std::string last_modified = format_date(info.modified / 1'000'000'000);

  Response response(is_not_modified(lookup.request, etag, last_modified) ? 304 : 200);
  response.set_header("ETag", etag);
  response.set_header("Last-Modified", last_modified);
  response.set_header("Cache-Control", "no-cache");
  response.set_header("Vary", "Accept-Encoding");
  if (response.status() == 304) return response;
  response.set_header("Content-Type", content_type_of(lookup.path));
  response.set_header("X-Content-Type-Options", "nosniff");
  if (lookup.is_gzip) response.set_header("Content-Encoding", "gzip");
  response.set_body(std::make_unique<FileSource>(loop, std::move(lookup.file)));
  return response;
}

}  // namespace

std::optional<std::string> relative_path(std::string_view raw_path) {
  std::string path;
  while (raw_path.starts_with('/')) {
    raw_path.remove_prefix(1);
    const std::size_t end = std::min(raw_path.find('/'), raw_path.size());
    const std::string segment = percent_decode(raw_path.substr(0, end), Plus::is_plus);
    raw_path.remove_prefix(end);
    if (segment.empty() && raw_path.empty()) return path;  // "" or "a/": a folder
    const bool is_bad = segment.empty() || segment.front() == '.' ||
                        segment.find_first_of(std::string_view("/\\\0", 3)) != std::string::npos;
    if (is_bad) return std::nullopt;
    path += segment;
    if (!raw_path.empty()) path += '/';
  }
  return path;
}

StaticFiles::StaticFiles(std::string_view prefix, const std::string& folder)
    : prefix_(prefix), root_(loop::real_path(folder)) {
  while (prefix_.ends_with('/'))
    prefix_.pop_back();
}

void StaticFiles::serve(const Request& request, Responder responder) const {
  if (!responder.is_open()) return;
  std::string_view below = request.raw_path;
  below.remove_prefix(std::min(prefix_.size(), below.size()));
  if (below.empty()) return responder.send(redirect_to_folder(request));
  std::optional<std::string> path = relative_path(below);
  if (!path) return responder.send(error_page(404, "There is no file at " + request.raw_path));

  loop::Loop& loop = responder.loop();
  auto lookup = std::make_unique<Lookup>();
  lookup->root = root_;
  lookup->path = std::move(*path);
  lookup->accepts_gzip = accepts_coding(request, "gzip");
  lookup->request = request;
  lookup->responder = std::move(responder);
  Lookup* work = lookup.get();
  loop::run_on_pool(
      loop, [work] { find_file(*work); },
      [found = std::move(lookup), &loop] {
        if (found->responder.is_open()) found->responder.send(answer_of(*found, loop));
      });
}

}  // namespace banter::http
