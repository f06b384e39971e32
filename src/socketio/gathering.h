// What one question has brought together: from this process and, through the adapter, from others.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "banter/answers.h"
#include "banter/error.h"
#include "banter/function.h"
#include "socketio/adapter.h"
#include "socketio/user_code.h"

namespace banter::socketio {

// Everything that can be asked for; what was not is empty.
struct Gathered {
  std::error_code error;  // the worst of all
  std::vector<SocketRecord> sockets;
  std::vector<RoomInfo> rooms;
  std::size_t count = 0;
};

// Owned by whoever may still answer. Parts are begun, and each ends with its on_done(); the application is
// called, guarded, when all have ended.
class Gathering final : public Collector {
 public:
  using Done = Function<void(Gathered&)>;

  // `what` names the call in reports of what the application throws. `problems` outlives the Gathering.
  Gathering(ProblemSink& problems, std::string_view what, Done done);
  Gathering(ProblemSink& problems, std::string_view what, std::unique_ptr<detail::AnswerSink> replies);

  void begin_part() noexcept { ++parts_; }

  void on_targets(std::size_t count) override { expected_ += count; }
  void on_reply(std::string_view from, const detail::RawArgument& value) override;
  void on_sockets(std::vector<SocketRecord> sockets) override;
  void on_rooms(std::vector<RoomInfo> rooms) override;
  void on_count(std::size_t count) override { gathered_.count += count; }
  void on_done(std::error_code error, std::vector<std::string> missing) override;

 private:
  void worsen(std::error_code error) noexcept;
  void finish();

  ProblemSink& problems_;
  std::string what_;
  Done done_;
  std::unique_ptr<detail::AnswerSink> replies_;
  std::size_t parts_ = 0;
  Gathered gathered_;
  std::vector<std::string> missing_;
  std::size_t expected_ = 0;
  bool is_finished_ = false;
};

}  // namespace banter::socketio
