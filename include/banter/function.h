// A move-only callable: what every stored handler, callback and posted task is kept in.
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace banter {

template <class>
class Function;

// What a coroutine returns.
template <class T>
concept CoroutineType = requires {
  typename T::promise_type;
};

// Holds any callable of the signature, move-only ones included. 32 bytes; a callable of up to 24 bytes that
// moves without throwing lies inside, a larger one on the heap. Calling an empty Function is undefined: ask
// `operator bool`.
template <class R, class... Arguments>
class Function<R(Arguments...)> {
 public:
  Function() noexcept = default;
  Function(std::nullptr_t) noexcept {}

  template <class F>
  requires(!std::same_as<std::decay_t<F>, Function> &&
           std::is_invocable_r_v<R, std::decay_t<F>&, Arguments...>) Function(F&& callable) {
    using Callable = std::decay_t<F>;
    static_assert(!CoroutineType<std::invoke_result_t<Callable&, Arguments...>> || !std::is_void_v<R>,
                  "banter: a coroutine is not taken here: its Task would be dropped before it has begun");
    if constexpr (is_inline<Callable>) {
      ::new (static_cast<void*>(storage_)) Callable(std::forward<F>(callable));
    } else {
      ::new (static_cast<void*>(storage_)) Callable*(new Callable(std::forward<F>(callable)));
    }
    operations_ = &operations_for<Callable>;
  }

  Function(Function&& other) noexcept { take(other); }
  Function& operator=(Function&& other) noexcept {
    Function taken(std::move(other));  // first: `other` may lie inside the callable that reset() destroys
    reset();
    take(taken);
    return *this;
  }
  ~Function() { reset(); }

  explicit operator bool() const noexcept { return operations_ != nullptr; }

  R operator()(Arguments... arguments) {
    return operations_->call(storage_, std::forward<Arguments>(arguments)...);
  }

  // Destroys the callable; the Function is empty afterwards.
  void reset() noexcept {
    if (const Operations* old = std::exchange(operations_, nullptr)) old->destroy(storage_);
  }

 private:
  struct Operations {
    R (*call)(void*, Arguments&&...);
    void (*move)(void* to, void* from) noexcept;
    void (*destroy)(void*) noexcept;
  };

  static constexpr std::size_t inline_size = 24;
  template <class F>
  static constexpr bool is_inline = sizeof(F) <= inline_size &&
                                    alignof(F) <= alignof(void*) && std::is_nothrow_move_constructible_v<F>;

  template <class F>
  static F& callable_in(void* storage) noexcept {
    if constexpr (is_inline<F>) {
      return *std::launder(static_cast<F*>(storage));
    } else {
      return **std::launder(static_cast<F**>(storage));
    }
  }

  template <class F>
  static constexpr Operations operations_for{
      [](void* storage, Arguments&&... arguments) -> R {
        return static_cast<R>(callable_in<F>(storage)(std::forward<Arguments>(arguments)...));
      },
      [](void* to, void* from) noexcept {
        if constexpr (is_inline<F>) {
          ::new (to) F(std::move(callable_in<F>(from)));
          std::destroy_at(&callable_in<F>(from));
        } else {
          ::new (to) F*(&callable_in<F>(from));
        }
      },
      [](void* storage) noexcept {
        if constexpr (is_inline<F>) {
          std::destroy_at(&callable_in<F>(storage));
        } else {
          delete &callable_in<F>(storage);
        }
      }};

  void take(Function& other) noexcept {
    operations_ = std::exchange(other.operations_, nullptr);
    if (operations_) operations_->move(storage_, other.storage_);
  }

  const Operations* operations_ = nullptr;
  alignas(void*) std::byte storage_[inline_size];
};

}  // namespace banter
