#pragma once

#include <cstdint>

namespace stress {

struct CyclesOptions {
  uint64_t count = 500;
  uint64_t first = 1;  // seed of the first cycle; each has the next one
  uint32_t threads = 8;
};

// Engines that are opened, worked with and closed at a random moment, alone and in connected pairs.
// True if every call was answered as it must be and nothing was left behind.
bool run_cycles(const CyclesOptions& options);

}  // namespace stress
