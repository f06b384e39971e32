// Rules for namespaces that are written as regular expressions.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // g++ 12, of std::regex under sanitizers; false
#endif

#include <memory>
#include <regex>
#include <stdexcept>

#include "socketio/definition.h"

namespace banter::socketio {

namespace {

// The name is the peer's. libstdc++'s usual matcher recurses for every byte of it and may take exponential
// time; its other one does neither, and knows no back-references.
constexpr std::regex::flag_type flags() {
#ifdef __GLIBCXX__
  return std::regex::ECMAScript | std::regex_constants::__polynomial;
#else
  return std::regex::ECMAScript;
#endif
}

}  // namespace

Rule::Matches matches_pattern(const std::string& pattern) {
  try {
    auto regex = std::make_unique<const std::regex>(pattern, flags());
    return [regex = std::move(regex)](std::string_view name, const json&) {
      return std::regex_search(name.begin(), name.end(), *regex);
    };
  } catch (const std::regex_error& error) {
    throw std::invalid_argument("banter: of(Pattern{\"" + pattern +
                                "\"}): not a regular expression that is supported: " + error.what());
  }
}

}  // namespace banter::socketio
