// The answers of many to one question, and the type work behind the callback that takes them.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "banter/decode.h"
#include "banter/signature.h"

namespace banter {

// What those that were asked have answered: of each only the first value, decoded as a handler's parameter.
template <class T>
struct Answers {
  std::vector<T> values;             // in the order in which they came
  std::vector<std::string> from;     // whose each of them is; empty if another process does not tell
  std::vector<std::string> missing;  // by name, as far as known: who gave no answer, or one that does not fit
  std::size_t expected = 0;          // how many were asked
};

namespace detail {

// How a question has ended.
struct AnswersEnd {
  std::error_code error;
  std::vector<std::string> missing;
  std::size_t expected = 0;
};

// Where the library puts the answers to one question: take() for each, then finish(), once. On one thread.
class AnswerSink {
 public:
  AnswerSink() = default;
  AnswerSink(const AnswerSink&) = delete;
  AnswerSink& operator=(const AnswerSink&) = delete;
  virtual ~AnswerSink() = default;

  // False, and nothing is kept, if the value does not fit. Throws nothing but std::bad_alloc.
  [[nodiscard]] virtual bool take(std::string_view from, const RawArgument& value) = 0;

  // Calls the application. Answers what its callback could not be told, for on_error.
  virtual std::error_code finish(AnswersEnd end) = 0;
};

template <class F, class T>
class TypedAnswers final : public AnswerSink {
 public:
  explicit TypedAnswers(F callback) : callback_(std::move(callback)) {}

  bool take(std::string_view from, const RawArgument& value) override {
    T decoded{};
    if (!decode(value, decoded)) return false;
    answers_.values.push_back(std::move(decoded));
    answers_.from.emplace_back(from);
    return true;
  }
  std::error_code finish(AnswersEnd end) override {
    answers_.missing = std::move(end.missing);
    answers_.expected = end.expected;
    callback_(end.error, std::move(answers_));
    return {};
  }

 private:
  F callback_;
  Answers<T> answers_;
};

// What a callback for answers takes: `[](std::error_code, banter::Answers<T>)`.
template <class Tuple>
struct AnswersParameter {
  static constexpr bool is_right = false;
  using type = bool;
};
template <class T>
struct AnswersParameter<std::tuple<std::error_code, Answers<T>>> {
  static constexpr bool is_right = true;
  using type = T;
};
template <class Tuple>
struct WithoutReferences;
template <class... P>
struct WithoutReferences<std::tuple<P...>> {
  using type = std::tuple<std::remove_cvref_t<P>...>;
};

template <class F>
std::unique_ptr<AnswerSink> make_answer_sink(F&& callback) {
  using Callback = std::decay_t<F>;
  using Parameter = AnswersParameter<typename WithoutReferences<parameters_of<Callback>>::type>;
  static_assert(Parameter::is_right,
                "banter: the callback of a question to many takes (std::error_code, banter::Answers<T>)");
  static_assert(DecodableValue<typename Parameter::type>,
                "banter: this type of answer cannot be decoded: give it a from_json, or take banter::json");
  if constexpr (Parameter::is_right) {
    return std::make_unique<TypedAnswers<Callback, typename Parameter::type>>(std::forward<F>(callback));
  } else {
    return nullptr;
  }
}

}  // namespace detail
}  // namespace banter
