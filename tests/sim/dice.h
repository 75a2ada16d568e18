#pragma once

#include <cstdint>
#include <vector>

#include "base/hash.h"
#include "base/rng.h"
#include "base/time.h"

namespace distcache::sim {

// The randomness of one part of a run. Each part has a stream of its own, so that a change of one
// does not reshuffle the others. Integers only: a seed means the same on every machine.
class Dice {
 public:
  Dice(uint64_t seed, uint64_t stream) : rng_(mix64(seed) ^ mix64(~stream)) {}

  Rng& rng() { return rng_; }
  uint64_t next() { return rng_.next(); }
  uint64_t below(uint64_t bound) { return rng_.below(bound); }
  uint64_t between(uint64_t low, uint64_t high) { return low + below(high - low + 1); }
  bool chance(uint32_t percent) { return below(100) < percent; }
  Duration between(Duration low, Duration high) {
    const auto span = static_cast<uint64_t>((high - low).as_ns()) + 1;
    return low + Duration::ns(static_cast<int64_t>(below(span)));
  }
  // Around `mean`: half of it to one and a half.
  Duration around(Duration mean) { return between(mean / 2, mean + mean / 2); }
  template <typename T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }

 private:
  SeededRng rng_;
};

}  // namespace distcache::sim
