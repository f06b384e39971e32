#include "http/request_parser.h"

#include <doctest/doctest.h>

#include <functional>
#include <ostream>

#include "http/error.h"
#include "tests/http/parse_all.h"

using namespace banter::http;

namespace {

constexpr std::string_view crlf = "\r\n";

std::string get(std::string_view lines) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(lines) + "\r\n";
}

// The request that the bytes hold, read at every cut and the same at each.
Parsed parse_at_every_cut(std::string_view bytes, const Limits& limits = {},
                          std::uint64_t max_body = 1'000'000) {
  const Parsed whole = parse_all(bytes, bytes.size(), limits, max_body);
  for (std::size_t piece = 1; piece < bytes.size(); ++piece) {
    const Parsed cut = parse_all(bytes, piece, limits, max_body);
    CAPTURE(piece);
    CHECK(cut.error == whole.error);
    CHECK(cut.requests == whole.requests);
  }
  return whole;
}

Request one(std::string_view bytes) {
  const Parsed parsed = parse_at_every_cut(bytes);
  CAPTURE(bytes);
  CHECK_MESSAGE(!parsed.error, parsed.error.message());
  REQUIRE(parsed.requests.size() == 1);
  return parsed.requests[0];
}

}  // namespace

TEST_SUITE("http request parser") {
  TEST_CASE("reads a request without a body however it is cut up") {
    const Request request =
        one("GET /a%20b/c?x=1&y=%41+b HTTP/1.1\r\n"
            "Host: example.com:3000\r\n"
            "Accept:text/html\r\n"
            "X-Empty:\r\n"
            "x-padded: \t two words \t\r\n"
            "\r\n");
    CHECK(request.method == "GET");
    CHECK(request.target == "/a%20b/c?x=1&y=%41+b");
    CHECK(request.raw_path == "/a%20b/c");
    CHECK(request.path == "/a b/c");
    CHECK(request.query == "x=1&y=%41+b");
    CHECK(request.query_value("y") == "A b");
    CHECK(request.host == "example.com:3000");
    CHECK(request.version == Version::http_1_1);
    CHECK(request.headers.size() == 4);
    CHECK(request.header("HOST") == "example.com:3000");
    CHECK(request.header("accept") == "text/html");
    CHECK(request.headers.has("X-Empty"));
    CHECK(request.header("X-Empty").empty());
    CHECK(request.header("X-Padded") == "two words");
    CHECK(request.header("absent").empty());
    CHECK(request.keep_alive);
    CHECK_FALSE(request.has_body());
    CHECK_FALSE(request.is_upgrade);
  }

  TEST_CASE("keeps repeated headers in their order") {
    const Request request = one(get("Cookie: a=1\r\nX: y\r\ncookie: b=2\r\n"));
    CHECK(request.headers.get_all("Cookie") == std::vector<std::string_view>{"a=1", "b=2"});
    CHECK(request.header("Cookie") == "a=1");
  }

  TEST_CASE("reads a body by its length, and the request behind it") {
    const Parsed parsed = parse_at_every_cut(
        "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
        "PUT /b HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
        "GET /c HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_FALSE(parsed.error);
    REQUIRE(parsed.requests.size() == 3);
    CHECK(parsed.requests[0].body == "hello");
    CHECK(parsed.requests[0].content_length == 5);
    CHECK(parsed.requests[1].method == "PUT");
    CHECK_FALSE(parsed.requests[1].has_body());
    CHECK(parsed.requests[2].raw_path == "/c");
    CHECK(parsed.requests[2].body.empty());
  }

  TEST_CASE("reads a chunked body with extensions and trailers (RFC 9112 section 7.1)") {
    const Parsed parsed = parse_at_every_cut(
        "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
        "5;name=value;second=\"quoted; text\"\r\nhello\r\n"
        "00A ; x\r\n, chunked!\r\n"
        "0;last\r\nTrailer: dropped\r\nOther: too\r\n\r\n"
        "GET /b HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_FALSE(parsed.error);
    REQUIRE(parsed.requests.size() == 2);
    CHECK(parsed.requests[0].is_chunked);
    CHECK(parsed.requests[0].body == "hello, chunked!");
    CHECK_FALSE(parsed.requests[0].headers.has("Trailer"));
    CHECK(parsed.requests[1].raw_path == "/b");
  }

  TEST_CASE("skips the empty lines that some clients send between requests (RFC 9112 section 2.2)") {
    CHECK(one("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").raw_path == "/");
    CHECK(parse_at_every_cut("\r\n\r\n\r\n\r\n\r\n").error == Error::malformed_request_line);
  }

  TEST_CASE("takes the parts of the target (RFC 9112 section 3.2)") {
    struct Row {
      const char* line;
      const char* raw_path;
      const char* query;
      const char* host;
    };
    for (const Row& row : {
             Row{"GET / HTTP/1.1", "/", "", "header"},
             Row{"GET // HTTP/1.1", "//", "", "header"},
             Row{"GET /? HTTP/1.1", "/", "", "header"},
             Row{"GET /a?b?c=d/e HTTP/1.1", "/a", "b?c=d/e", "header"},
             Row{"GET http://other:81/x?y HTTP/1.1", "/x", "y", "other:81"},
             Row{"GET HTTP://other HTTP/1.1", "/", "", "other"},
             Row{"GET http://other?q HTTP/1.1", "/", "q", "other"},
             Row{"GET https://[::1]:3000/ HTTP/1.1", "/", "", "[::1]:3000"},
             Row{"OPTIONS * HTTP/1.1", "*", "", "header"},
             Row{"GET /\xc3\xa9 HTTP/1.1", "/\xc3\xa9", "", "header"},
         }) {
      CAPTURE(row.line);
      const Request request = one(std::string(row.line) + "\r\nHost: header\r\n\r\n");
      CHECK(request.raw_path == row.raw_path);
      CHECK(request.query == row.query);
      CHECK(request.host == row.host);
    }
  }

  TEST_CASE("knows who wants to keep the connection (RFC 9112 section 9.3)") {
    struct Row {
      const char* head;
      bool keep_alive;
    };
    for (const Row& row : {
             Row{"GET / HTTP/1.1\r\nHost: a\r\n", true},
             Row{"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n", false},
             Row{"GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n", false},
             Row{"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, close\r\n", false},
             Row{"GET / HTTP/1.0\r\n", false},
             Row{"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n", true},
         }) {
      CAPTURE(row.head);
      CHECK(one(row.head + std::string(crlf)).keep_alive == row.keep_alive);
    }
  }

  TEST_CASE("takes only a GET for a WebSocket as an upgrade") {
    struct Row {
      const char* request;
      bool is_upgrade;
    };
    for (const Row& row : {
             Row{"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n\r\n",
                 true},
             Row{"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c, websocket\r\n\r\n", true},
             Row{"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n", false},
             Row{"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n", false},
             Row{"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\n\r\n", false},
             Row{"GET / HTTP/1.0\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", false},
             Row{"POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
                 "Content-Length: 1\r\n\r\nx",
                 false},
             Row{"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
                 "Content-Length: 1\r\n\r\nx",
                 false},
         }) {
      CAPTURE(row.request);
      CHECK(one(row.request).is_upgrade == row.is_upgrade);
    }
  }

  TEST_CASE("leaves what is behind the head of an upgrade in the input") {
    const Limits limits;
    RequestParser parser(limits);
    std::string_view input =
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x85";
    CHECK(parser.read(input) == RequestParser::Event::head);
    CHECK(parser.request().is_upgrade);
    CHECK(input == "\x81\x85");
  }

  TEST_CASE("refuses what is not a request, the same at every cut, and reads nothing behind it") {
    using namespace std::string_literals;
    struct Row {
      std::string bytes;
      Error error;
    };
    const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
    const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
    const Row rows[] = {
        // request line
        {"GET /\r\n\r\n", Error::malformed_request_line},
        {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", Error::malformed_request_line},
        {"GET /  HTTP/1.1\r\nHost: a\r\n\r\n", Error::malformed_request_line},
        {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", Error::malformed_request_line},
        {" GET / HTTP/1.1\r\nHost: a\r\n\r\n", Error::malformed_request_line},
        {"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", Error::malformed_request_line},
        {"GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n", Error::malformed_request_line},
        {"GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", Error::malformed_request_line},
        {"GET  HTTP/1.1\r\nHost: a\r\n\r\n", Error::malformed_request_line},
        {"G(T / HTTP/1.1\r\nHost: a\r\n\r\n", Error::malformed_request_line},
        {"GET / http/1.1\r\nHost: a\r\n\r\n", Error::malformed_request_line},
        {"GET / HTTP/1.10\r\nHost: a\r\n\r\n", Error::malformed_request_line},
        {"GET / ICE/1.1\r\nHost: a\r\n\r\n", Error::malformed_request_line},
        {"FROB / HTTP/1.1\r\nHost: a\r\n\r\n", Error::unknown_method},
        {"get / HTTP/1.1\r\nHost: a\r\n\r\n", Error::unknown_method},
        {"PLAY / HTTP/1.1\r\nHost: a\r\n\r\n", Error::unknown_method},
        {"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", Error::method_not_implemented},
        {"GET / HTTP/0.9\r\nHost: a\r\n\r\n", Error::unsupported_version},
        {"GET / HTTP/1.2\r\nHost: a\r\n\r\n", Error::unsupported_version},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Error::unsupported_version},
        {"GET a HTTP/1.1\r\nHost: a\r\n\r\n", Error::bad_target},
        {"GET * HTTP/1.1\r\nHost: a\r\n\r\n", Error::bad_target},
        {"GET *a HTTP/1.1\r\nHost: a\r\n\r\n", Error::bad_target},
        {"GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", Error::bad_target},
        {"GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", Error::bad_target},
        {"GET http:/a HTTP/1.1\r\nHost: a\r\n\r\n", Error::bad_target},
        {"GET http:///a HTTP/1.1\r\nHost: a\r\n\r\n", Error::bad_host},
        {"GET http://user@a/ HTTP/1.1\r\nHost: a\r\n\r\n", Error::bad_host},
        // bytes and line ends
        {"GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"s, Error::control_byte},
        {"GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"s, Error::control_byte},
        {get("X: a\x01"
             "b\r\n"),
         Error::control_byte},
        {get("X: a\x7f\r\n"), Error::control_byte},
        {get("X\x01: a\r\n"), Error::control_byte},
        {"\x16\x03\x01\x02\x00"s, Error::control_byte},  // a TLS client
        {"GET / HTTP/1.1\nHost: a\r\n\r\n", Error::bad_line_end},
        {"GET / HTTP/1.1\r\nHost: a\n\r\n", Error::bad_line_end},
        {"GET / HTTP/1.1\r\nHost: a\r\n\n", Error::bad_line_end},
        {"GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", Error::bad_line_end},
        {get("X: a\rb\r\n"), Error::bad_line_end},
        {"\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", Error::bad_line_end},
        // header lines
        {get("X: a\r\n b\r\n"), Error::folded_header},
        {"GET / HTTP/1.1\r\n Host: a\r\n\r\n", Error::folded_header},
        {get("\tX: a\r\n"), Error::folded_header},
        {get("X : a\r\n"), Error::malformed_header},
        {get("X\r\n"), Error::malformed_header},
        {get(": a\r\n"), Error::malformed_header},
        {get("X Y: a\r\n"), Error::malformed_header},
        {get("X(: a\r\n"), Error::malformed_header},
        {"GET / HTTP/1.1\r\n\r\n", Error::missing_host},
        {get("Host: a\r\n"), Error::missing_host},
        {"GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", Error::missing_host},
        {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", Error::bad_host},
        {"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", Error::bad_host},
        {"GET / HTTP/1.1\r\nHost: u@b\r\n\r\n", Error::bad_host},
        // framing: what smuggles requests past a proxy
        {post + "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", Error::bad_content_length},
        {post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nx", Error::bad_content_length},
        {post + "Content-Length: 1, 1\r\n\r\nx", Error::bad_content_length},
        {post + "Content-Length: +1\r\n\r\nx", Error::bad_content_length},
        {post + "Content-Length: -1\r\n\r\nx", Error::bad_content_length},
        {post + "Content-Length: 0x1\r\n\r\nx", Error::bad_content_length},
        {post + "Content-Length: 1 1\r\n\r\nx", Error::bad_content_length},
        {post + "Content-Length:\r\n\r\nx", Error::bad_content_length},
        {post + "Content-Length: 18446744073709551616\r\n\r\nx", Error::bad_content_length},
        {post + "Content-Length : 1\r\n\r\nx", Error::malformed_header},
        {post + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         Error::length_and_transfer_encoding},
        {post + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n",
         Error::length_and_transfer_encoding},
        {post + "Transfer-Encoding: gzip\r\n\r\n", Error::unknown_transfer_coding},
        {post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", Error::unknown_transfer_coding},
        {post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", Error::unknown_transfer_coding},
        {post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", Error::unknown_transfer_coding},
        {post + "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n", Error::unknown_transfer_coding},
        {post + "Transfer-Encoding:\r\n\r\n", Error::unknown_transfer_coding},
        {post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         Error::unknown_transfer_coding},
        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", Error::unknown_transfer_coding},
        // chunks
        {chunked + "\r\n", Error::bad_chunk},
        {chunked + "x\r\n", Error::bad_chunk},
        {chunked + "-1\r\n", Error::bad_chunk},
        {chunked + "0x1\r\nx\r\n0\r\n\r\n", Error::bad_chunk},
        {chunked + " 1\r\nx\r\n0\r\n\r\n", Error::bad_chunk},
        {chunked + "1 2\r\nx\r\n0\r\n\r\n", Error::bad_chunk},
        {chunked + "1\nx\r\n0\r\n\r\n", Error::bad_chunk},
        {chunked + "1\r\nxy\r\n0\r\n\r\n", Error::bad_chunk},
        {chunked + "1\r\nx\n0\r\n\r\n", Error::bad_chunk},
        {chunked + "1;a=\x01\r\nx\r\n0\r\n\r\n", Error::bad_chunk},
        {chunked + "1;\xff\n\r\nx\r\n0\r\n\r\n", Error::bad_chunk},
        {chunked + "10000000000000000\r\n", Error::bad_chunk},
        {chunked + "00000000000000001\r\nx", Error::bad_chunk},
        {chunked + "0\r\nGET / HTTP/1.1\r\n\r\n", Error::malformed_header},
        {chunked + "0\r\nX : y\r\n\r\n", Error::malformed_header},
        {chunked + "0\r\nX: y\n\r\n", Error::bad_chunk},
    };
    for (const Row& row : rows) {
      CAPTURE(row.bytes);
      const Parsed parsed = parse_at_every_cut(row.bytes + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
      CHECK_MESSAGE(parsed.error == row.error, parsed.error.message());
      CHECK(parsed.requests.empty());
    }
  }

  TEST_CASE("accepts a request line, a head and header lines up to the limit, and no more") {
    const Limits limits{.max_request_line = 30, .max_head = 40, .max_headers = 3};
    const auto error_of = [&](const std::string& bytes) { return parse_at_every_cut(bytes, limits).error; };
    const std::string start = "GET / HTTP/1.1\r\nHost: a\r\n";  // 9 bytes of header lines

    CHECK_FALSE(error_of("GET /" + std::string(16, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK(error_of("GET /" + std::string(17, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n") ==
          Error::request_line_too_long);
    CHECK(error_of(std::string(31, 'a')) == Error::request_line_too_long);

    CHECK_FALSE(error_of(start + "X: " + std::string(28, 'a') + "\r\n\r\n"));
    CHECK(error_of(start + "X: " + std::string(29, 'a') + "\r\nY: \r\n\r\n") == Error::head_too_large);

    CHECK_FALSE(error_of(start + "X: 1\r\nY: 2\r\n\r\n"));
    CHECK(error_of(start + "X: 1\r\nY: 2\r\nUpgrade: websocket\r\n\r\n") == Error::too_many_headers);
  }

  TEST_CASE("bounds chunk extensions and trailers, which nobody reads") {
    const std::string post = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    const auto error_of = [&](const std::string& body) { return parse_all(post + body, SIZE_MAX).error; };
    CHECK_FALSE(error_of("1;" + std::string(1000, 'a') + "\r\nx\r\n0\r\n\r\n"));
    CHECK(error_of("1;" + std::string(1100, 'a') + "\r\nx\r\n0\r\n\r\n") == Error::bad_chunk);

    std::string many;
    for (int i = 0; i < 20; ++i)
      many += "1;" + std::string(1000, 'a') + "\r\nx\r\n";
    CHECK(error_of(many) == Error::bad_chunk);

    CHECK(error_of("0\r\nX: " + std::string(17'000, 'a') + "\r\n\r\n") == Error::head_too_large);
    std::string lines;
    for (int i = 0; i < 101; ++i)
      lines += "X: y\r\n";
    CHECK(error_of("0\r\n" + lines + "\r\n") == Error::too_many_headers);
  }

  TEST_CASE("refuses a body over the limit by its length before a byte of it is read") {
    const Limits limits;
    RequestParser parser(limits);
    std::string_view input = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n";
    REQUIRE(parser.read(input) == RequestParser::Event::head);
    parser.set_max_body(10);
    CHECK(parser.read(input) == RequestParser::Event::error);
    CHECK(parser.error() == Error::body_too_large);
    CHECK(parser.read(input) == RequestParser::Event::error);
  }

  TEST_CASE("refuses a chunked body as soon as it passes the limit") {
    const std::string post = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    CHECK_FALSE(parse_at_every_cut(post + "5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n", {}, 10).error);
    CHECK(parse_at_every_cut(post + "5\r\nhello\r\n6\r\nworld!\r\n0\r\n\r\n", {}, 10).error ==
          Error::body_too_large);
    CHECK(parse_all(post + "ffffffffffffffff\r\nhello worl", SIZE_MAX, {}, 9).error == Error::body_too_large);
  }

  TEST_CASE("knows whether the next request has begun") {
    const Limits limits;
    RequestParser parser(limits);
    CHECK_FALSE(parser.is_in_head());
    for (const char* part : {"G", "ET / HTTP/1.1\r\nHo", "st: a\r\n\r"}) {
      std::string_view input = part;
      CHECK(parser.read(input) == RequestParser::Event::need_input);
      CHECK(parser.is_in_head());
    }
    std::string_view input = "\n";
    CHECK(parser.read(input) == RequestParser::Event::head);
    CHECK(parser.read(input) == RequestParser::Event::end);
    CHECK_FALSE(parser.is_in_head());
  }

  TEST_CASE("a head that was read leaves no memory behind") {
    const Limits limits;
    HeadReader reader(limits);
    const std::string head = get("X: " + std::string(1000, 'a') + "\r\n");
    std::string_view input = head;
    REQUIRE(reader.read(input) == HeadReader::Event::complete);
    const auto is_inside = [&] {  // short strings lie in their owner, longer ones on the heap
      const char* begin = reinterpret_cast<const char*>(&reader);
      return std::less_equal<>()(begin, reader.text().data()) &&
             std::less<>()(reader.text().data(), begin + sizeof reader);
    };
    CHECK_FALSE(is_inside());
    reader.reset();
    CHECK(is_inside());
    CHECK(reader.text().empty());
  }
}
