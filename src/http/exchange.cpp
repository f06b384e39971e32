#include "http/exchange.h"

#include <utility>

#include "http/connection.h"
#include "http/connection_set.h"
#include "http/error_page.h"

namespace banter::http {

namespace {

Response unanswered() {
  return error_page(500, "The server has no answer to this request.");
}

}  // namespace

Exchange::Exchange(Connection& connection) noexcept : connection_(&connection) {
  connection.exchange_ = this;
}

Exchange::Exchange(Exchange&& other) noexcept {
  take(other);
}

void Exchange::take(Exchange& other) noexcept {
  connection_ = std::exchange(other.connection_, nullptr);
  if (connection_) connection_->exchange_ = this;
}

Connection* Exchange::cut() noexcept {
  if (connection_) connection_->exchange_ = nullptr;
  return std::exchange(connection_, nullptr);
}

void Exchange::on_gone(Function<void()> callback) {
  if (connection_) connection_->on_gone_ = std::move(callback);
}

void Exchange::add_header(std::string_view name, std::string_view value) {
  if (connection_) connection_->add_header(name, value);
}

bool Exchange::is_lost() const noexcept {
  return connection_->stream_->has_peer_left();
}

Address Exchange::peer() const {
  return connection_ ? connection_->stream_->peer() : Address{};
}

loop::Loop& Exchange::loop() const noexcept {
  return connection_->set_.loop_;
}

Incoming::~Incoming() {
  if (Connection* connection = cut()) connection->on_gone_.reset();
}

Incoming& Incoming::operator=(Incoming&& other) noexcept {
  if (this != &other) {
    if (Connection* connection = cut()) connection->on_gone_.reset();
    take(other);
    on_complete_ = std::move(other.on_complete_);
  }
  return *this;
}

void Incoming::abort() {
  Connection* connection = cut();
  if (!connection) return;
  connection->on_gone_.reset();
  connection->close();
}

Responder::~Responder() {
  if (is_open()) send(unanswered());
}

Responder& Responder::operator=(Responder&& other) noexcept {
  if (this != &other) {
    if (is_open()) send(unanswered());
    take(other);
  }
  return *this;
}

void Responder::send(Response response) {
  if (Connection* connection = cut()) connection->answer(std::move(response));
}

void Responder::send(Response response, AnswerWatch& watch) {
  Connection* connection = cut();
  if (!connection) return;
  connection->set_watch(watch);
  connection->answer(std::move(response));
}

std::size_t AnswerWatch::unsent() const noexcept {
  return connection_ ? connection_->stream_->buffered() : 0;
}

void AnswerWatch::cut() noexcept {
  if (connection_) connection_->watch_ = nullptr;
  connection_ = nullptr;
}

Upgrade::~Upgrade() {
  if (is_open()) refuse(unanswered());
}

Upgrade& Upgrade::operator=(Upgrade&& other) noexcept {
  if (this != &other) {
    if (is_open()) refuse(unanswered());
    take(other);
  }
  return *this;
}

Headers Upgrade::take_headers() {
  return is_open() ? connection()->take_headers() : Headers{};
}

Upgrade::Accepted Upgrade::accept(std::string_view head) {
  Connection* connection = cut();
  return connection ? connection->hand_over(head) : Accepted{};
}

void Upgrade::refuse(Response response) {
  if (Connection* connection = cut()) connection->answer(std::move(response.close_connection()));
}

}  // namespace banter::http
