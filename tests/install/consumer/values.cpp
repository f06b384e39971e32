// Uses what needs no server: the least that a program can take from the library.
#include <banter/function.h>
#include <banter/reason.h>

int main() {
  banter::Function<bool()> is_known = [] {
    return banter::to_text(banter::Reason::ping_timeout) == "ping timeout";
  };
  return is_known() ? 0 : 1;
}
