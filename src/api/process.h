#pragma once

#include <cstdint>

namespace distcache::api {

// A number that is another one after a fork, without a system call: handles remember it, and are
// refused with FORKED where it differs. A child gets one of its own when it first asks, so it can
// open an engine itself. Never 0. Any thread; cannot fail.
uint64_t process_stamp() noexcept;

}  // namespace distcache::api
