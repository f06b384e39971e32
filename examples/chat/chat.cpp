#include "chat.h"

#include <utility>

#include "rules.h"

namespace chat {
namespace {

using banter::json;

constexpr std::size_t page_size = 50;
constexpr std::size_t max_rooms_of_client = 20;
constexpr int max_storing_of_client = 32;

constexpr std::string_view no_answer_from_disk = "The history does not answer. Please try again.";
constexpr std::string_view too_busy = "The chat is busy. Please try again.";

json refusal(std::string_view code, std::string_view error) {
  return {{"ok", false}, {"code", code}, {"error", error}};
}

json not_joined(const std::string& room) {
  return refusal("not_joined", "You are not in the room " + room + ".");
}

json json_of(const Message& message) {
  return {{"id", message.id},     {"room", message.room}, {"name", message.name},
          {"text", message.text}, {"seq", message.seq},   {"at", message.at.time_since_epoch().count()}};
}

json json_of(const Page& page) {
  json messages = json::array();
  for (const Message& message : page.messages)
    messages.push_back(json_of(message));
  return {{"ok", true}, {"messages", std::move(messages)}, {"more", page.has_more}};
}

Time now() {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

// A text field of what the client sent along; empty if it is missing or something else.
std::string field_of(const json& object, const char* name) {
  if (!object.is_object()) return {};
  const auto field = object.find(name);
  return field != object.end() && field->is_string() ? field->get<std::string>() : std::string();
}

}  // namespace

Chat::Chat(banter::Server& io, History& history)
    : io_(io), history_(history), presence_({"lobby", "random", "help"}) {
  io.use([this](banter::Socket socket, banter::Next next) { let_in(socket, next); });
  io.on("connection", [this](banter::Socket socket) { arrive(socket); });
  io.on("disconnect", [this](banter::Socket socket, banter::DisconnectReason) { depart(socket); });
  io.on("join",
        [this](banter::Socket socket, std::string room, Answer answer) { join(socket, room, answer); });
  io.on("leave",
        [this](banter::Socket socket, std::string room, Answer answer) { leave(socket, room, answer); });
  io.on("message", [this](banter::Socket socket, std::string room, std::string id, std::string text,
                          Answer answer) {
    say(socket, {.id = std::move(id), .room = std::move(room), .name = {}, .text = std::move(text)}, answer);
  });
  io.on("typing", [this](banter::Socket socket, std::string room, bool is_typing) {
    show_typing(socket, room, is_typing);
  });
  io.on("history", [this](banter::Socket socket, std::string room, std::int64_t before, Answer answer) {
    show_earlier(socket, room, before, answer);
  });
}

// ---- coming and going

void Chat::let_in(const banter::Socket& socket, const banter::Next& next) const {
  const json& auth = socket.handshake().auth;
  const std::string name = rules::clean_name(field_of(auth, "name"));
  const std::string key = field_of(auth, "key");
  if (const auto problem = rules::name_problem(name); !problem.empty()) {
    return next.refuse(std::string(problem), json::object({{"code", "bad_name"}}));
  }
  if (!key.empty() && !rules::is_id(key)) {
    return next.refuse("The key of this browser is not valid.", json::object({{"code", "bad_key"}}));
  }
  if (!presence_.is_free(name, key)) {
    return next.refuse("Somebody with this name is here already.",
                       {{"code", "name_taken"}, {"suggestion", presence_.free_name_like(name)}});
  }
  socket.set_data({{"name", name}, {"key", key}});
  next();
}

void Chat::arrive(const banter::Socket& socket) {
  const std::string name = field_of(socket.data(), "name");
  const std::string key = field_of(socket.data(), "key");
  // Somebody else may have taken the name since it was looked at; the page asks again.
  if (!presence_.is_free(name, key)) {
    socket.disconnect();
    return;
  }
  presence_.arrive(name, key);
  clients_[std::string(socket.id())].name = name;
  socket.emit("welcome", json{{"name", name}, {"rooms", presence_.rooms()}});
}

void Chat::depart(const banter::Socket& socket) {
  const auto node = clients_.extract(std::string(socket.id()));
  if (node.empty()) return;
  const Client& client = node.mapped();
  for (const std::string& room : client.rooms)
    leave_room(room, client.name);
  presence_.depart(client.name);
}

Chat::Client* Chat::client_of(std::string_view socket_id) {
  const auto found = clients_.find(socket_id);
  return found == clients_.end() ? nullptr : &found->second;
}

// ---- rooms

void Chat::join(const banter::Socket& socket, const std::string& room, const Answer& answer) {
  Client* client = client_of(socket.id());
  if (client == nullptr) return;
  if (const auto problem = rules::room_problem(room); !problem.empty())
    return answer(refusal("bad_room", problem));
  const bool is_in = client->rooms.find(room) != client->rooms.end();
  if (!is_in && client->rooms.size() >= max_rooms_of_client) {
    return answer(refusal("too_many_rooms", "You can be in 20 rooms at a time."));
  }
  if (!presence_.has_place_for(room)) {
    return answer(refusal("too_many_rooms", "There are too many rooms: please join one of them."));
  }
  if (!is_in) {
    const bool is_made = !presence_.exists(room);
    client->rooms.insert(room);
    socket.join(room);
    if (is_made) io_.emit("room", json{{"name", room}, {"open", true}});
    if (presence_.enter(room, client->name) == Seen::changed) {
      socket.to(room).emit("member", json{{"room", room}, {"name", client->name}, {"here", true}});
    }
  }
  const auto show = [this, room, answer](std::error_code error, const Page& page) {
    if (error) return answer(refusal("busy", no_answer_from_disk));
    json reply = json_of(page);
    reply["room"] = room;
    reply["members"] = presence_.members(room);
    answer(std::move(reply));
  };
  if (!history_.find(room, {}, page_size, show)) answer(refusal("busy", too_busy));
}

void Chat::leave(const banter::Socket& socket, const std::string& room, const Answer& answer) {
  Client* client = client_of(socket.id());
  if (client == nullptr) return;
  if (client->rooms.erase(room) > 0) {
    socket.leave(room);
    leave_room(room, client->name);
  }
  answer(json::object({{"ok", true}}));
}

void Chat::leave_room(const std::string& room, const std::string& name) {
  if (presence_.leave(room, name) == Seen::same) return;
  io_.to(room).emit("member", json{{"room", room}, {"name", name}, {"here", false}});
  if (!presence_.exists(room)) io_.emit("room", json{{"name", room}, {"open", false}});
}

void Chat::show_earlier(const banter::Socket& socket, const std::string& room, std::int64_t before,
                        const Answer& answer) {
  const Client* client = client_of(socket.id());
  if (client == nullptr) return;
  if (client->rooms.find(room) == client->rooms.end()) return answer(not_joined(room));
  const auto show = [answer](std::error_code error, const Page& page) {
    answer(error ? refusal("busy", no_answer_from_disk) : json_of(page));
  };
  if (!history_.find(room, before, page_size, show)) answer(refusal("busy", too_busy));
}

// ---- messages

void Chat::say(const banter::Socket& socket, Message message, const Answer& answer) {
  Client* client = client_of(socket.id());
  if (client == nullptr) return;
  if (client->rooms.find(message.room) == client->rooms.end()) return answer(not_joined(message.room));
  if (!rules::is_id(message.id)) return answer(refusal("bad_id", "The message has no valid id."));
  if (const auto problem = rules::text_problem(message.text); !problem.empty()) {
    return answer(refusal("bad_text", problem));
  }
  if (client->storing >= max_storing_of_client) return answer(refusal("busy", too_busy));
  message.name = client->name;
  message.at = now();
  const auto tell = [this, id = std::string(socket.id()), answer](std::error_code error,
                                                                  const Receipt& receipt) {
    stored(id, error, receipt, answer);
  };
  if (!history_.append(std::move(message), tell)) return answer(refusal("busy", too_busy));
  ++client->storing;
}

// The room hears a message once, when it is safe on the disk; its sender as well, who may have reconnected.
void Chat::stored(const std::string& socket_id, std::error_code error, const Receipt& receipt,
                  const Answer& answer) {
  if (Client* client = client_of(socket_id)) --client->storing;
  if (error) return answer(refusal("busy", no_answer_from_disk));
  const json message = json_of(receipt.message);
  if (receipt.is_new) io_.to(receipt.message.room).emit("message", message);
  answer(json{{"ok", true}, {"id", message["id"]}, {"seq", message["seq"]}, {"at", message["at"]}});
}

void Chat::show_typing(const banter::Socket& socket, const std::string& room, bool is_typing) {
  const Client* client = client_of(socket.id());
  if (client == nullptr || client->rooms.find(room) == client->rooms.end()) return;
  socket.to(room).emit("typing", json{{"room", room}, {"name", client->name}, {"typing", is_typing}});
}

}  // namespace chat
