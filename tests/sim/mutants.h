#pragma once

#include <cstdint>
#include <span>

#include "core/mutations.h"

namespace distcache::sim {

// A guard of the core that is taken out, and a seed that notices. That is another run once plans or
// the order of random draws change: then fresh seeds have to find it again.
struct Mutant {
  const char* name;
  core::Mutation mutation;
  uint64_t seed;
  bool mirrors = false;  // only runs with mirrors can find it; the others are looked for without
  bool bounded = false;  // only runs with partition = bounded can
  bool others = false;   // its seed has put_if and refresh
  bool loaders = false;  // only runs with get_with can
};

std::span<const Mutant> mutants();

}  // namespace distcache::sim
