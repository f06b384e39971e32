#include "http/static_files.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <system_error>

#include "http/content_type.h"
#include "tests/http/test_server.h"

using namespace banter;
using namespace banter::http;
namespace fs = std::filesystem;

namespace {

// A folder of its own that goes with the test.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "banter-files-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }

  fs::path write(const std::string& name, std::string_view content) {
    const fs::path path = path_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

struct FileServer {
  explicit FileServer(std::string_view prefix = "/") {
    folder.write("public/index.html", "<h1>home</h1>");
    folder.write("public/a.txt", "plain");
    folder.write("public/empty.js", "");
    folder.write("public/sub/index.html", "sub");
    folder.write("public/sub/with space+.css", "css");
    folder.write("public/.secret", "no");
    folder.write("public/.git/config", "no");
    folder.write("outside.txt", "no");
    files = std::make_unique<StaticFiles>(prefix, (folder.path() / "public").string());
    server.handler = [this](Request& request, Responder responder) {
      files->serve(request, std::move(responder));
    };
  }
  Answer get(std::string_view target, std::string_view headers = "", std::string_view method = "GET") {
    TestClient client = server.connect();
    client.send(std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n" +
                std::string(headers) + "\r\n");
    return client.answer(method);
  }

  Folder folder;
  std::unique_ptr<StaticFiles> files;
  TestServer server;
};

}  // namespace

TEST_SUITE("http static files") {
  TEST_CASE("serves files, and a folder's index.html") {
    FileServer files;
    const Answer answer = files.get("/a.txt");
    CHECK(answer.status == 200);
    CHECK(answer.body == "plain");
    CHECK(answer.header("Content-Type") == "text/plain; charset=utf-8");
    CHECK(answer.header("X-Content-Type-Options") == "nosniff");
    CHECK(answer.header("Cache-Control") == "no-cache");
    CHECK(answer.header("Vary") == "Accept-Encoding");
    CHECK(files.get("/").body == "<h1>home</h1>");
    CHECK(files.get("/?x=y").body == "<h1>home</h1>");
    CHECK(files.get("/sub/").body == "sub");
    CHECK(files.get("/sub/with%20space+.css").body == "css");
    CHECK(files.get("/empty.js").status == 200);
    CHECK(files.get("/empty.js").body.empty());
  }

  TEST_CASE("redirects to a folder's path with its slash") {
    FileServer files;
    const Answer answer = files.get("/sub?x=y");
    CHECK(answer.status == 301);
    CHECK(answer.header("Location") == "/sub/?x=y");
  }

  TEST_CASE("serves below a prefix") {
    FileServer files("/files/");
    CHECK(files.get("/files/a.txt").body == "plain");
    CHECK(files.get("/files/").body == "<h1>home</h1>");
    CHECK(files.get("/files").header("Location") == "/files/");
  }

  TEST_CASE("HEAD tells the length and sends no body") {
    FileServer files;
    const Answer answer = files.get("/a.txt", "", "HEAD");
    CHECK(answer.status == 200);
    CHECK(answer.header("Content-Length") == "5");
    CHECK(answer.body.empty());
  }

  TEST_CASE("serves nothing outside of the folder and no dot file") {
    FileServer files;
    fs::create_symlink(files.folder.path() / "outside.txt", files.folder.path() / "public/link.txt");
    fs::create_directory_symlink(files.folder.path(), files.folder.path() / "public/up");
    for (const char* target : {"/../outside.txt",
                               "/%2e%2e/outside.txt",
                               "/..%2foutside.txt",
                               "/sub/../../outside.txt",
                               "/sub/%2E%2E/a.txt",
                               "/./a.txt",
                               "/sub/..",
                               "//a.txt",
                               "/sub//index.html",
                               "/a.txt/",
                               "/a.txt%00.html",
                               "/sub%2findex.html",
                               "/sub%5cindex.html",
                               "/.secret",
                               "/%2esecret",
                               "/.git/config",
                               "/link.txt",
                               "/up/outside.txt",
                               "/up/",
                               "/nothing",
                               "/nothing/",
                               "/sub/nothing",
                               "/%ff"}) {
      CAPTURE(target);
      const Answer answer = files.get(target);
      CHECK(answer.status == 404);
      CHECK(answer.body.find("no\n") == std::string::npos);
    }
    CHECK(files.get("/" + std::string(5000, 'a')).status == 404);
  }

  TEST_CASE("serves through a link that stays inside") {
    FileServer files;
    fs::create_symlink(files.folder.path() / "public/a.txt", files.folder.path() / "public/inner.txt");
    CHECK(files.get("/inner.txt").body == "plain");
  }

  TEST_CASE("does not wait for the writer of a pipe") {
    FileServer files;
    REQUIRE(::mkfifo((files.folder.path() / "public/pipe").c_str(), 0600) == 0);
    CHECK(files.get("/pipe").status == 404);
  }

  TEST_CASE("answers 304 to who has the file already") {
    FileServer files;
    const Answer first = files.get("/a.txt");
    const std::string etag(first.header("ETag"));
    CHECK(etag.size() > 4);
    CHECK(etag.front() == '"');
    for (const std::string& header : {"If-None-Match: " + etag, "If-None-Match: W/" + etag,
                                      "If-None-Match: \"x\", " + etag, std::string("If-None-Match: *"),
                                      "If-Modified-Since: " + std::string(first.header("Last-Modified"))}) {
      CAPTURE(header);
      const Answer answer = files.get("/a.txt", header + "\r\n");
      CHECK(answer.status == 304);
      CHECK(answer.header("ETag") == etag);
      CHECK(answer.header("Content-Length").empty());
    }
    CHECK(files.get("/a.txt", "If-None-Match: \"x\"\r\n").status == 200);
    CHECK(files
              .get("/a.txt", "If-None-Match: \"x\"\r\nIf-Modified-Since: " +
                                 std::string(first.header("Last-Modified")) + "\r\n")
              .status == 200);
    files.folder.write("public/a.txt", "other text");
    CHECK(files.get("/a.txt", "If-None-Match: " + etag + "\r\n").status == 200);
  }

  TEST_CASE("sends the .gz beside a file to who accepts gzip") {
    FileServer files;
    const fs::path packed = files.folder.write("public/a.txt.gz", "packed");
    fs::last_write_time(packed, fs::last_write_time(files.folder.path() / "public/a.txt"));
    const Answer answer = files.get("/a.txt", "Accept-Encoding: br, GZIP;q=0.5\r\n");
    CHECK(answer.body == "packed");
    CHECK(answer.header("Content-Encoding") == "gzip");
    CHECK(answer.header("Content-Type") == "text/plain; charset=utf-8");
    CHECK(answer.header("ETag") != files.get("/a.txt").header("ETag"));
    for (const char* header : {"", "Accept-Encoding: br\r\n", "Accept-Encoding: gzip;q=0\r\n",
                               "Accept-Encoding: *;q=0.0\r\n", "Accept-Encoding: gzip; q=0.000, *\r\n"}) {
      CAPTURE(header);
      CHECK(files.get("/a.txt", header).body == "plain");
    }
    CHECK(files.get("/a.txt", "Accept-Encoding: *\r\n").body == "packed");
    CHECK(files.get("/sub/", "Accept-Encoding: gzip\r\n").body == "sub");
    fs::last_write_time(packed, fs::last_write_time(packed) - std::chrono::hours(1));
    CHECK(files.get("/a.txt", "Accept-Encoding: gzip\r\n").body == "plain");  // packed before the last change
  }

  TEST_CASE("streams a file of many pieces") {
    FileServer files;
    std::string content(3'000'000, '\0');
    for (std::size_t i = 0; i < content.size(); ++i)
      content[i] = static_cast<char>(i * 7 + i / 251);
    files.folder.write("public/big.bin", content);
    const Answer answer = files.get("/big.bin");
    CHECK(answer.header("Content-Type") == "application/octet-stream");
    CHECK((answer.body == content));
  }

  TEST_CASE("lives through clients that vanish while a file is read") {
    FileServer files;
    files.folder.write("public/big.bin", std::string(1'000'000, 'a'));
    for (int turns = 0; turns < 20; ++turns) {
      TestClient client = files.server.connect();
      client.send("GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n");
      for (int i = 0; i < turns; ++i)
        uv_run(files.server.loop.uv(), UV_RUN_NOWAIT);
      client.reset();
      if (turns % 2 == 0) files.server.connections.close_all();
    }
    CHECK(files.get("/a.txt").body == "plain");
  }

  TEST_CASE("a folder that cannot be read is refused by its name") {
    const auto message_of = [](const std::string& folder) -> std::string {
      try {
        StaticFiles files("/", folder);
      } catch (const std::system_error& error) {
        return error.what();
      }
      return "";
    };
    Folder folder;
    const fs::path file = folder.write("file", "");
    CHECK(message_of("/no/such/folder").find("folder \"/no/such/folder\"") == 0);
    CHECK(message_of(file.string()).find("Not a directory") != std::string::npos);
    if (::geteuid() != 0) {  // root may read everything
      fs::permissions(folder.path(), fs::perms::none);
      CHECK(message_of(folder.path().string()).find("Permission denied") != std::string::npos);
      fs::permissions(folder.path(), fs::perms::owner_all);
    }
  }

  TEST_CASE("knows the types of files by their endings") {
    CHECK(content_type_of("a/b.HTML") == "text/html; charset=utf-8");
    CHECK(content_type_of("x.mjs") == "text/javascript; charset=utf-8");
    CHECK(content_type_of("x.js.map") == "application/json; charset=utf-8");
    CHECK(content_type_of("x.woff2") == "font/woff2");
    CHECK(content_type_of("x.wasm") == "application/wasm");
    CHECK(content_type_of("folder.js/x") == "application/octet-stream");
    CHECK(content_type_of("js") == "application/octet-stream");
    CHECK(content_type_of("x.") == "application/octet-stream");
  }
}
