#pragma once

#include <cstdint>

#include "base/rng.h"
#include "base/time.h"

namespace distcache::memory {

// One process of the network, by a number of the test's choice.
using NodeId = uint32_t;

// What happens to messages from one node to another. Chances are in millionths, so that no run
// depends on floating point.
struct PathSettings {
  Duration delay_min = Duration::us(50);
  Duration delay_max = Duration::us(200);
  uint32_t tail_ppm = 0;  // chance of a delay up to tail_max instead
  Duration tail_max = Duration::ms(200);
  uint32_t loss_ppm = 0;       // tcp: breaks the link; lossy: loses the message
  uint32_t duplicate_ppm = 0;  // lossy only
};

inline bool chance(Rng& rng, uint32_t ppm) { return ppm != 0 && rng.below(1'000'000) < ppm; }

inline Duration sample_delay(Rng& rng, const PathSettings& path) {
  const bool in_tail = chance(rng, path.tail_ppm);
  const Duration low = in_tail ? path.delay_max : path.delay_min;
  const Duration high = in_tail ? path.tail_max : path.delay_max;
  if (high <= low) return low;
  const auto span = static_cast<uint64_t>((high - low).as_ns()) + 1;
  return low + Duration::ns(static_cast<int64_t>(rng.below(span)));
}

}  // namespace distcache::memory
