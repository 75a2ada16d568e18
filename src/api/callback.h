#pragma once

#include <cstdint>
#include <utility>

#include "distcache/types.h"

namespace distcache::api {

// Runs a finaliser when it goes, exactly once. Made first of all in a function that registers a
// callback, so that the context ends on every way out of it, also without memory.
class Finalizer {
 public:
  Finalizer(distcache_finalize_fn finalize, uintptr_t context) noexcept
      : finalize_(finalize), context_(context) {}
  Finalizer(Finalizer&& other) noexcept
      : finalize_(std::exchange(other.finalize_, nullptr)), context_(other.context_) {}
  Finalizer& operator=(Finalizer&&) = delete;
  ~Finalizer() {
    if (finalize_ == nullptr) return;
    try {
      finalize_(context_);
    } catch (...) {  // NOLINT(bugprone-empty-catch): a callback's exception ends with it
    }
  }

 private:
  distcache_finalize_fn finalize_;
  uintptr_t context_;
};

// A function of the program with its context. Shared by all that may call it; immutable, so any
// thread may.
template <typename Function>
class Callback {
 public:
  Callback(Function function, uintptr_t context, Finalizer finalizer) noexcept
      : function_(function), context_(context), finalizer_(std::move(finalizer)) {}

  template <typename... Arguments>
  void operator()(Arguments... arguments) const {
    function_(context_, arguments...);
  }

 private:
  const Function function_;
  const uintptr_t context_;
  const Finalizer finalizer_;
};

}  // namespace distcache::api
