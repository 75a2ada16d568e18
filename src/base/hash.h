#pragma once

#include <cstdint>

#include "base/buffer.h"

namespace distcache {

// XXH3-64, seed 0: the hash that the ring is built on, the same in every process and release.
uint64_t hash64(Bytes bytes);

// Bijective mixing of 64 bits (the finaliser of MurmurHash3): combines hashes.
constexpr uint64_t mix64(uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53ULL;
  x ^= x >> 33;
  return x;
}

}  // namespace distcache
