#pragma once

#include <chrono>
#include <cstdint>

namespace demo {

// CLOCK_MONOTONIC in nanoseconds: the same clock in all processes of a machine, so that instants
// can be compared between them.
inline int64_t now_ns() {
  const auto since_boot = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since_boot).count();
}

}  // namespace demo
