#include "http/content_coding.h"

#include <doctest/doctest.h>

#include <ostream>
#include <vector>

using namespace banter::http;

namespace {

Request accepting(const std::vector<const char*>& fields) {
  Request request;
  for (const char* field : fields)
    request.headers.add("accept-encoding", field);
  return request;
}

}  // namespace

TEST_SUITE("http content coding") {
  TEST_CASE("the coding with the highest quality is chosen, gzip where they are equal") {
    struct Row {
      std::vector<const char*> fields;
      std::string_view chosen;
    };
    for (const Row& row : {
             Row{{}, "identity"},
             Row{{""}, "identity"},
             Row{{"gzip"}, "gzip"},
             Row{{"deflate"}, "deflate"},
             Row{{"deflate, gzip"}, "gzip"},
             Row{{"gzip, deflate, br, zstd"}, "gzip"},
             Row{{"GZIP ; Q=0.5 , deflate;q=0.4"}, "gzip"},
             Row{{"gzip;q=0.5", "deflate;q=0.501"}, "deflate"},
             Row{{"gzip;q=0.5, deflate"}, "deflate"},
             Row{{"gzip;q=0"}, "identity"},
             Row{{"gzip;q=0.000, deflate;q=0."}, "identity"},
             Row{{"gzip;q=0, deflate;q=0.001"}, "deflate"},
             Row{{"br"}, "identity"},
             Row{{"*"}, "gzip"},
             Row{{"*;q=0"}, "identity"},
             Row{{"gzip;q=0, *"}, "deflate"},
             Row{{"gzip;q=0.2, *;q=0.3"}, "deflate"},
             Row{{"identity"}, "identity"},
             Row{{"identity;q=0.5, gzip"}, "gzip"},
             Row{{"identity, gzip;q=0.5"}, "identity"},
             Row{{"identity;q=0.5, gzip;q=0.5"}, "gzip"},
             Row{{"identity;q=0, gzip"}, "gzip"},
             Row{{"identity;q=0"}, "identity"},  // there is nothing else
             Row{{"gzip;level=9;q=0"}, "identity"},
             Row{{"x-gzip"}, "identity"},
         }) {
      CAPTURE(row.fields.size());
      if (!row.fields.empty()) CAPTURE(row.fields[0]);
      CHECK(name_of(choose_coding(accepting(row.fields))) == row.chosen);
    }
  }

  TEST_CASE("a quality that is malformed is none, so that the coding is not used") {
    for (const char* field : {"gzip;q=", "gzip;q=x", "gzip;q=2", "gzip;q=1.001", "gzip;q=0.1234", "gzip;q=.5",
                              "gzip;q=-1", "gzip;q=10", "gzip;q=1x", "gzip;q=0.5x"}) {
      CAPTURE(field);
      CHECK(choose_coding(accepting({field})) == ContentCoding::identity);
    }
    for (const char* field :
         {"gzip;q=1", "gzip;q=1.", "gzip;q=1.000", "gzip;q=0.001", "gzip; q=0.9 ", "gzip;"}) {
      CAPTURE(field);
      CHECK(choose_coding(accepting({field})) == ContentCoding::gzip);
    }
  }

  TEST_CASE("one coding is accepted if it, or the star in its place, has a quality above zero") {
    CHECK(accepts_coding(accepting({"gzip, br;q=0.1"}), "br"));
    CHECK(accepts_coding(accepting({"*"}), "br"));
    CHECK_FALSE(accepts_coding(accepting({"*, br;q=0"}), "br"));
    CHECK_FALSE(accepts_coding(accepting({"brotli"}), "br"));
    CHECK_FALSE(accepts_coding(accepting({}), "br"));
  }
}
