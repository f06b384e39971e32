#include "http/assets.h"

#include <doctest/doctest.h>

#include <ostream>

using namespace banter;
using namespace banter::http;

namespace {

Assets client() {
  Assets assets("4.8.1");
  const auto bytes = [](std::string text) { return base::SharedBytes::take(std::move(text)); };
  assets.add("socket.io.js",
             {"application/javascript; charset=utf-8", bytes("plain"), bytes("gz"), bytes("br")});
  assets.add("socket.io.js.map", {"application/json; charset=utf-8", bytes("{}"), {}, {}});
  return assets;
}

Request get(std::string_view header = "", std::string_view value = "") {
  Request request;
  request.method = "GET";
  if (!header.empty()) request.headers.add(std::string(header), std::string(value));
  return request;
}

}  // namespace

TEST_SUITE("http assets") {
  TEST_CASE("answers with the best coding that is accepted, each with its own entity tag") {
    const Assets assets = client();
    struct Row {
      const char* accepts;
      const char* body;
      const char* coding;
      const char* suffix;
    };
    for (const Row& row : {
             Row{"", "plain", "", "\""},
             Row{"gzip", "gz", "gzip", "-gz\""},
             Row{"gzip, deflate, br", "br", "br", "-br\""},
             Row{"br;q=0, gzip", "gz", "gzip", "-gz\""},
             Row{"br;q=0, gzip;q=0", "plain", "", "\""},
             Row{"identity", "plain", "", "\""},
         }) {
      CAPTURE(row.accepts);
      const auto answer = assets.answer(get("Accept-Encoding", row.accepts), "socket.io.js");
      REQUIRE(answer.has_value());
      CHECK(answer->status() == 200);
      CHECK(answer->body() == row.body);
      CHECK(answer->headers().get("Content-Encoding") == row.coding);
      CHECK(answer->headers().get("Content-Type") == "application/javascript; charset=utf-8");
      CHECK(answer->headers().get("Cache-Control") == "public, max-age=0");
      CHECK(answer->headers().get("Vary") == "Accept-Encoding");
      CHECK(answer->headers().get("ETag").starts_with("\"4.8.1-"));
      CHECK(answer->headers().get("ETag").ends_with(row.suffix));
    }
  }

  TEST_CASE("answers 304 to the tag of the same coding, also in its weak form") {
    const Assets assets = client();
    const std::string tag(assets.answer(get(), "socket.io.js")->headers().get("ETag"));
    CHECK(assets.answer(get("If-None-Match", tag), "socket.io.js")->status() == 304);
    CHECK(assets.answer(get("If-None-Match", "W/" + tag), "socket.io.js")->status() == 304);
    CHECK(assets.answer(get("If-None-Match", "\"4.8.1\""), "socket.io.js")->status() == 200);
    Request packed = get("If-None-Match", tag);
    packed.headers.add("Accept-Encoding", "gzip");
    CHECK(assets.answer(packed, "socket.io.js")->status() == 200);
  }

  TEST_CASE("has what was added, by its exact name, for GET and HEAD") {
    const Assets assets = client();
    CHECK_FALSE(assets.answer(get(), "socket.io.JS").has_value());
    CHECK_FALSE(assets.answer(get(), "").has_value());
    CHECK(assets.answer(get("Accept-Encoding", "gzip"), "socket.io.js.map")->body() == "{}");
    Request post = get();
    post.method = "POST";
    CHECK(assets.answer(post, "socket.io.js")->status() == 405);
    CHECK(assets.answer(post, "socket.io.js")->headers().get("Allow") == "GET, HEAD");
  }

  TEST_CASE("a changed file has another tag") {
    Assets assets("1");
    assets.add("a", {"text/plain", base::SharedBytes::take(std::string("one")), {}, {}});
    const std::string before(assets.answer(get(), "a")->headers().get("ETag"));
    assets.add("a", {"text/plain", base::SharedBytes::take(std::string("two")), {}, {}});
    CHECK(assets.answer(get(), "a")->headers().get("ETag") != before);
  }
}
