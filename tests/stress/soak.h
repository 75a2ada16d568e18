#pragma once

#include <cstdint>

namespace stress {

struct SoakOptions {
  uint32_t seconds = 180;
};

// Three processes under a mixed load, one of which is killed and started again all the time. True
// if the others do not grow: resident memory by less than 1 MB a minute after the first third,
// descriptors and threads not at all; and if their callers did not notice.
bool run_soak(const SoakOptions& options);

}  // namespace stress
