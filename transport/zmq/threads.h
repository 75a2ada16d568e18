#pragma once

#include <cstddef>

#include "base/result.h"

namespace distcache::zmq {

// What a context starts with its first socket: one for I/O, one that reaps closed sockets.
inline constexpr size_t kThreadsOfContext = 2;

// libzmq aborts the process when it cannot start a thread, so as many are started beforehand, all
// at once, and ended again. SYSTEM when the machine or the user's limit has no room for them.
// Others may take the room in between: this lowers the odds, it does not end them.
Result<void> require_threads(size_t needed);

}  // namespace distcache::zmq
