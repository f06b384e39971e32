#include "http/date.h"

#include <ctime>

namespace banter::http {

namespace {

constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

void append_number(std::string& text, int value, std::size_t width) {
  const std::string digits = std::to_string(value);
  if (digits.size() < width) text.append(width - digits.size(), '0');
  text += digits;
}

}  // namespace

// By hand, because strftime writes names in the language of the process.
std::string format_date(std::int64_t seconds) {
  const std::time_t time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  if (!gmtime_r(&time, &parts)) return format_date(0);
  std::string text;
  text.append(days[parts.tm_wday]).append(", ");
  append_number(text, parts.tm_mday, 2);
  text.append(" ").append(months[parts.tm_mon]).append(" ");
  append_number(text, parts.tm_year + 1900, 4);
  for (const int part : {parts.tm_hour, parts.tm_min, parts.tm_sec}) {
    text += text.size() == 16 ? ' ' : ':';
    append_number(text, part, 2);
  }
  return text + " GMT";
}

}  // namespace banter::http
