#include "socketio/packet.h"

#include <doctest/doctest.h>

#include <fstream>
#include <string>
#include <vector>

#include "banter/args.h"
#include "base/placeholders.h"
#include "socketio/error.h"
#include "tests/support/hex.h"

namespace banter::socketio {
namespace {

constexpr std::size_t max_attachments = 10;

std::error_code read(std::string_view text) {
  Packet packet;
  return read_packet(text, max_attachments, packet);
}

// One line of the vectors that C++ and JavaScript share.
struct Vector {
  explicit Vector(const json& line) : expected(line) {
    if (line.at("text").is_string()) text = line.at("text").get<std::string>();
    for (const json& hex : line.value("attachments", json::array())) {
      attachments.emplace_back(test::from_hex(hex.get<std::string>()));
    }
  }

  // What PacketClient does with the messages of one packet.
  [[nodiscard]] std::error_code read(Packet& packet) const {
    if (!text) return Error::unexpected_binary;
    if (const auto error = read_packet(*text, max_attachments, packet)) return error;
    if (expected.contains("next") && packet.attachments > 0) return Error::text_while_collecting;
    if (attachments.size() > packet.attachments) return Error::unexpected_binary;
    if (packet.attachments == 0 || base::check_placeholders(packet.data, attachments)) return {};
    return Error::bad_placeholder;
  }

  const json& expected;
  std::optional<std::string> text;
  std::vector<Bytes> attachments;
};

std::vector<json> vectors() {
  std::ifstream file(BANTER_TEST_VECTORS "/socketio_packets.json");
  const json all = json::parse(file);
  std::vector<json> lines;
  for (const json& line : all.at("vectors")) {
    if (line.value("from", "client") == "client") lines.push_back(line);
  }
  REQUIRE(lines.size() > 60);
  return lines;
}

// {"$bytes": "0102"} in a vector is a binary value.
json with_binary(const json& value) {
  if (value.is_object() && value.contains("$bytes")) {
    const std::string bytes = test::from_hex(value.at("$bytes").get<std::string>());
    return json::binary({bytes.begin(), bytes.end()});
  }
  json copy = value;
  if (value.is_structured()) {
    for (auto item = copy.begin(); item != copy.end(); ++item)
      item.value() = with_binary(item.value());
  }
  return copy;
}

json data_of(const Packet& packet, const Vector& line) {
  if (packet.type == PacketType::connect) return json::parse(packet.data);
  const bool has_attachments = packet.attachments > 0;
  const Args args(packet.arguments,
                  has_attachments ? std::span<const Bytes>(line.attachments) : std::span<const Bytes>());
  json data = args.to_json();
  if (packet.is_event()) data.insert(data.begin(), std::string(packet.name.view()));
  return data;
}

}  // namespace

TEST_SUITE("socketio packet reader") {
  TEST_CASE("reads every valid packet of the vectors") {
    for (const json& expected : vectors()) {
      if (!expected.at("valid").get<bool>()) continue;
      CAPTURE(expected.at("title").get<std::string>());
      const Vector line(expected);
      Packet packet;
      REQUIRE_FALSE(line.read(packet));
      CHECK(static_cast<int>(packet.type) == expected.at("type").get<int>());
      CHECK(packet.nsp == expected.at("nsp").get<std::string>());
      CHECK(packet.id.has_value() == expected.contains("id"));
      if (expected.contains("id")) CHECK(*packet.id == expected.at("id").get<std::uint64_t>());
      if (expected.contains("data")) CHECK(data_of(packet, line) == with_binary(expected.at("data")));
    }
  }

  TEST_CASE("refuses every invalid packet of the vectors") {
    for (const json& expected : vectors()) {
      if (expected.at("valid").get<bool>()) continue;
      CAPTURE(expected.at("title").get<std::string>());
      Packet packet;
      CHECK(Vector(expected).read(packet));
    }
  }

  TEST_CASE("names the rule that a packet breaks") {
    struct Row {
      std::string text;
      Error error;
    };
    const std::vector<Row> rows{
        {"", Error::empty_packet},
        {"7", Error::unknown_type},
        {"a", Error::unknown_type},
        {"\xff", Error::unknown_type},
        {"5[\"e\"]", Error::bad_attachment_count},
        {"5", Error::bad_attachment_count},
        {"51", Error::bad_attachment_count},
        {"5-", Error::bad_attachment_count},
        {"50-[\"e\"]", Error::bad_attachment_count},
        {"501-[\"e\"]", Error::bad_attachment_count},
        {"51x[\"e\"]", Error::bad_attachment_count},
        {"511-[\"e\"]", Error::too_many_attachments},
        {"599-[\"e\"]", Error::too_many_attachments},
        {"5100-[\"e\"]", Error::too_many_attachments},
        {"51000000000-[\"e\"]", Error::too_many_attachments},  // CVE-2026-33151
        {"2/" + std::string(1024, 'n') + ",[\"e\"]", Error::namespace_too_long},
        {"29007199254740992[\"e\"]", Error::bad_id},
        {"200000000000000001[\"e\"]", Error::bad_id},
        {"012", Error::bad_id},
        {"11", Error::bad_id},
        {"3[]", Error::bad_id},
        {"61-[]", Error::bad_id},
        {"2", Error::bad_json},
        {"2[\"e\"]y", Error::bad_json},
        {"2 [\"e\"]", Error::bad_json},
        {"2\n[\"e\"]", Error::bad_json},
        {"21 [\"e\"]", Error::bad_json},
        {"0x", Error::bad_json},
        {"2{}", Error::bad_payload},
        {"2\"e\"", Error::bad_payload},
        {"2[]", Error::bad_payload},
        {"0[]", Error::bad_payload},
        {"0null", Error::bad_payload},
        {"1[]", Error::bad_payload},
        {"31{}", Error::bad_payload},
        {"4{}", Error::unexpected_packet},
        {"2[\"connect\"]", Error::reserved_event_name},
    };
    for (const auto& [text, error] : rows) {
      CAPTURE(text);
      CHECK(read(text) == error);
    }
  }

  TEST_CASE("refuses event names that are neither text nor number (CVE-2023-32695)") {
    for (const std::string name :
         {"{\"toString\":\"foo\"}", "true", "false", "null", "[\"e\"]", "[]", "{}"}) {
      CAPTURE(name);
      CHECK(read("2[" + name + "]") == Error::bad_event_name);
      CHECK(read("51-[" + name + "]") == Error::bad_event_name);
    }
  }

  TEST_CASE("refuses the library's own event names, however escaped") {
    for (const std::string name : {"connect", "connect_error", "disconnect", "disconnecting", "newListener",
                                   "removeListener", "\\u0063onnect", "dis\\u0063onnect"}) {
      CAPTURE(name);
      CHECK(read("2[\"" + name + "\"]") == Error::reserved_event_name);
    }
    for (const std::string name : {"error", "connection", "message", "ping", "Connect", "connect ", ""}) {
      CAPTURE(name);
      CHECK_FALSE(read("2[\"" + name + "\"]"));
    }
  }

  TEST_CASE("a run of digits of any length costs nothing (CVE-2020-36049)") {
    const std::string digits(1'000'000, '2');
    CHECK(read("5" + digits) == Error::too_many_attachments);
    CHECK(read("51-" + digits) == Error::bad_id);
    CHECK(read("2" + digits) == Error::bad_id);
    CHECK(read("2/" + digits) == Error::namespace_too_long);
    CHECK(read("2[" + digits + "]") == std::error_code{});  // a number, and so a name
  }

  TEST_CASE("accepts what lies exactly on a limit") {
    CHECK_FALSE(read("2/" + std::string(1023, 'n') + ",[\"e\"]"));
    CHECK_FALSE(read("29007199254740991[\"e\"]"));
    CHECK_FALSE(read("20000000000000001[\"e\"]"));  // 16 digits
    CHECK_FALSE(read("510-[\"e\"]"));
    CHECK_FALSE(read("2[\"e\"," + std::string(511, '[') + std::string(511, ']') + "]"));
    CHECK(read("2[\"e\"," + std::string(512, '[') + std::string(512, ']') + "]") == Error::bad_json);
  }

  TEST_CASE("turns a number as event name into text, as JavaScript does") {
    const std::vector<std::pair<std::string, std::string>> rows{
        {"5", "5"}, {"-0", "0"}, {"1.50", "1.5"}, {"1e3", "1000"}, {"9007199254740991", "9007199254740991"}};
    for (const auto& [number, name] : rows) {
      const std::string text = "2[" + number + ",1]";
      Packet packet;
      REQUIRE_FALSE(read_packet(text, max_attachments, packet));
      CHECK(packet.name.view() == name);
      CHECK(packet.arguments == std::vector<std::string_view>{"1"});
    }
  }

  TEST_CASE("one packet object can be read into again and again") {
    Packet packet;
    REQUIRE_FALSE(read_packet("52-/n,7[\"\\u0061\",1]", max_attachments, packet));
    CHECK(packet.name.view() == "a");
    REQUIRE_FALSE(read_packet("2[\"b\"]", max_attachments, packet));
    CHECK(packet.attachments == 0);
    CHECK(packet.nsp == "/");
    CHECK_FALSE(packet.id);
    CHECK(packet.name.view() == "b");
    CHECK(packet.arguments.empty());
    REQUIRE_FALSE(read_packet("0", max_attachments, packet));
    CHECK(packet.data.empty());
    CHECK(packet.arguments.empty());
  }

  TEST_CASE("reads no byte behind a packet that is cut anywhere") {
    for (const json& expected : vectors()) {
      const Vector line(expected);
      for (std::size_t size = 0; line.text && size < line.text->size(); ++size) {
        const std::vector<char> cut(line.text->begin(),
                                    line.text->begin() + static_cast<std::ptrdiff_t>(size));
        Packet packet;
        if (!read_packet({cut.data(), cut.size()}, max_attachments, packet))
          CHECK(packet.nsp.size() <= size + 1);
      }
    }
  }
}

TEST_SUITE("socketio packet writer") {
  TEST_CASE("writes what stands in front of the JSON") {
    struct Row {
      PacketType type;
      std::size_t attachments;
      std::string nsp;
      std::optional<std::uint64_t> id;
      std::string head;
    };
    const std::vector<Row> rows{
        {PacketType::connect, 0, "/", {}, "0"},
        {PacketType::connect, 0, "/admin", {}, "0/admin,"},
        {PacketType::disconnect, 0, "/", {}, "1"},
        {PacketType::disconnect, 0, "/admin", {}, "1/admin,"},
        {PacketType::event, 0, "/", {}, "2"},
        {PacketType::event, 0, "/", 12, "212"},
        {PacketType::ack, 0, "/admin", 0, "3/admin,0"},
        {PacketType::connect_error, 0, "/x", {}, "4/x,"},
        {PacketType::binary_event, 1, "/", {}, "51-"},
        {PacketType::binary_ack, 2, "/admin", 9, "62-/admin,9"},
        {PacketType::event, 0, "/", max_ack_id, "29007199254740991"},
    };
    for (const Row& row : rows) {
      std::string out = "behind:";
      append_head(out, row.type, row.attachments, row.nsp, row.id);
      CHECK(out == "behind:" + row.head);
    }
  }

  TEST_CASE("the head of every canonical vector is written as it was read") {
    for (const json& expected : vectors()) {
      const Vector line(expected);
      if (!expected.at("valid").get<bool>() || !expected.value("canonical", true)) continue;
      Packet packet;
      REQUIRE_FALSE(line.read(packet));
      std::string out;
      append_head(out, packet.type, packet.attachments, packet.nsp, packet.id);
      CHECK(out.append(packet.data) == *line.text);
    }
  }
}

}  // namespace banter::socketio
