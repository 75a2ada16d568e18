#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

namespace cluster {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

inline int64_t ms_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration_cast<Milliseconds>(to - from).count();
}

// Monotonic, and the same in every process and network namespace of the machine.
inline int64_t ns_of(Clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

// Looks again and again until `condition` holds; false if it does not by then. For what can only be
// asked and does not tell: the members that a node knows, its counters.
template <typename Condition>
bool eventually(Milliseconds within, Condition&& condition) {
  const auto until = Clock::now() + within;
  while (!condition()) {
    if (Clock::now() >= until) return false;
    std::this_thread::sleep_for(Milliseconds(1));
  }
  return true;
}

}  // namespace cluster
