// The one door through which user code is called: what it throws stops here and is reported.
#pragma once

#include <exception>
#include <string>

#include "banter/error.h"
#include "base/log.h"

namespace banter::socketio {

// Hears what goes wrong in handlers; on the Worker.
class ProblemSink {
 public:
  virtual void report(const Problem& problem) noexcept = 0;

  // Where else there is something to say; null: nobody wants to hear it.
  [[nodiscard]] virtual base::Log* log() noexcept { return nullptr; }

 protected:
  ~ProblemSink() = default;
};

// Calls `code`; answers false if it threw, which is reported with the rest of `context`.
template <class Code>
bool call_user(ProblemSink& sink, Problem context, Code&& code) {
  try {
    code();
    return true;
  } catch (const std::exception& error) {
    context.text = error.what();
  } catch (...) {
    context.text = "something that is not a std::exception was thrown";
  }
  context.exception = std::current_exception();
  sink.report(context);
  return false;
}

}  // namespace banter::socketio
