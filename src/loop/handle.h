// Owners for libuv handles. libuv keeps a handle's memory until its close callback.
#pragma once

#include <uv.h>

#include <memory>

namespace banter::loop {

struct UvClose {
  template <class T>
  void operator()(T* handle) const noexcept {
    handle->data = nullptr;  // late callbacks find nobody
    uv_close(reinterpret_cast<uv_handle_t*>(handle),
             [](uv_handle_t* closed) { delete reinterpret_cast<T*>(closed); });
  }
};

template <class T>
using UvHandle = std::unique_ptr<T, UvClose>;

}  // namespace banter::loop
