#pragma once

#include <cstdint>

#include "base/int128.h"

namespace distcache {

// Where the engine gets its randomness (jitter, names, boot epochs). Any thread.
class Rng {
 public:
  virtual ~Rng() = default;
  virtual uint64_t next() = 0;

  // Uniform in [0, bound), bound > 0. The bias of the multiplication is below 2^-32 for the bounds
  // used here (jitter, back-off), which need no more.
  uint64_t below(uint64_t bound) {
    return static_cast<uint64_t>((static_cast<uint128>(next()) * bound) >> 64);
  }
};

// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): small, seedable, good enough for everything that
// is not a secret. One thread at a time: for cores and the simulator.
class SeededRng final : public Rng {
 public:
  explicit SeededRng(uint64_t seed) : state_(seed) {}
  uint64_t next() override {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

 private:
  uint64_t state_;
};

// getrandom(2). Any thread.
class SystemRng final : public Rng {
 public:
  uint64_t next() override;
};

}  // namespace distcache
