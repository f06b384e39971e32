#include "http/content_coding.h"

#include <algorithm>
#include <optional>

#include "http/text.h"

namespace banter::http {

namespace {

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

// "0", "0.5", "1.000" in thousandths (RFC 9110 section 12.4.2). What is malformed counts as zero, since it is
// safe not to use a coding.
int parse_quality(std::string_view text) noexcept {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return 0;
  if (text.size() > 1 && text[1] != '.') return 0;
  int quality = text[0] - '0';
  for (std::size_t i = 2; i < 5; ++i) {
    const char digit = i < text.size() ? text[i] : '0';
    if (!is_digit(digit)) return 0;
    quality = quality * 10 + (digit - '0');
  }
  return quality <= 1000 ? quality : 0;
}

// Of the parameters behind a coding: "q=0.5". Without one it is 1.
int quality_in(std::string_view parameters) noexcept {
  while (!parameters.empty()) {
    const std::size_t end = std::min(parameters.find(';'), parameters.size());
    const std::string_view parameter = trim(parameters.substr(0, end));
    parameters.remove_prefix(std::min(end + 1, parameters.size()));
    if (equals_ignoring_case(parameter.substr(0, 2), "q=")) return parse_quality(parameter.substr(2));
  }
  return 1000;
}

// Of the element `name` in Accept-Encoding; absent if it is not listed.
std::optional<int> listed_quality(const Request& request, std::string_view name) {
  for (const std::string_view value : request.headers.get_all("Accept-Encoding")) {
    std::string_view list = value;
    while (const auto element = next_element(list)) {
      const std::size_t end = std::min(element->find(';'), element->size());
      if (!equals_ignoring_case(trim(element->substr(0, end)), name)) continue;
      return quality_in(element->substr(std::min(end + 1, element->size())));
    }
  }
  return std::nullopt;
}

int quality_of(const Request& request, std::string_view coding) {
  if (const auto quality = listed_quality(request, coding)) return *quality;
  return listed_quality(request, "*").value_or(0);
}

}  // namespace

std::string_view name_of(ContentCoding coding) noexcept {
  switch (coding) {
    case ContentCoding::identity: return "identity";
    case ContentCoding::gzip: return "gzip";
    case ContentCoding::deflate: return "deflate";
  }
  return {};
}

bool accepts_coding(const Request& request, std::string_view coding) {
  return quality_of(request, coding) > 0;
}

ContentCoding choose_coding(const Request& request) {
  if (!request.headers.has("Accept-Encoding")) return ContentCoding::identity;
  const int gzip = quality_of(request, "gzip");
  const int deflate = quality_of(request, "deflate");
  const int best = std::max(gzip, deflate);
  if (best == 0 || listed_quality(request, "identity").value_or(0) > best) return ContentCoding::identity;
  return gzip == best ? ContentCoding::gzip : ContentCoding::deflate;
}

}  // namespace banter::http
