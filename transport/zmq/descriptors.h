#pragma once

#include <cstddef>

#include "base/result.h"

namespace distcache::zmq {

// libzmq aborts the process when it cannot open a descriptor (its mailboxes are eventfds), so every
// opening is preceded by a count. Other threads may take descriptors in between: the reserves below
// are far larger than what is about to be opened.
inline constexpr size_t kDescriptorsToBind = 64 + 3 * 16;  // and room for a cluster of 16
inline constexpr size_t kDescriptorsToConnect = 32;        // a link takes five

// How many more this process may open: its limit less those in /proc/self/fd. The limit itself
// where /proc is not mounted.
size_t free_descriptors();

// NO_DESCRIPTORS, with both numbers in the text, when fewer than `needed` are free.
Result<void> require_descriptors(size_t needed);

}  // namespace distcache::zmq
