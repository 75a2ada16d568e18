#pragma once

#include <cstdint>

namespace stress {

struct ForksOptions {
  uint32_t count = 100;
  uint64_t seed = 1;
};

// Forks under load: the parent's calls go on as if nothing had happened, each child is told FORKED
// by every function that it tries, and ends. True if all of that was so.
bool run_forks(const ForksOptions& options);

}  // namespace stress
