#pragma once

#include <cstdint>
#include <string>

namespace stress {

struct RecallsOptions {
  uint32_t trials = 300;
  uint64_t seed = 1;
  std::string mirror = "hot";
  std::string mutate;  // a guard that is taken out as well
};

// P2 between five processes: a few keys that all of them read all the time are written, and one in
// a hundred of the recalls never arrives, however often it is said. True if that was seen, and
// nothing older than a write after it was OK, nor after its lease; with a guard taken out: if that
// is noticed. To be called before any thread starts.
bool run_recalls(const RecallsOptions& options);

}  // namespace stress
