#pragma once

#include <cstdint>
#include <string>

namespace stress {

// How much goes wrong, and with which library.
struct MixedOptions {
  uint32_t faults = 13;
  uint64_t seed = 1;
  int64_t rate = 150;
  std::string only;  // kinds of faults, with commas
  std::string mirror = "hot";
  std::string partition = "serve";
  std::string mutate;  // a fault put into the library

  void lengthen();  // the long form
};

// Five nodes in processes of their own, each on a host of its own, under a mixed load while one
// fault after the other strikes; then all that they did and saw is held against the promises. True
// if none is broken; with a fault put into the library: if that is noticed, in two minutes or 60
// faults. To be called before any
// thread starts.
bool run_mixed(const MixedOptions& options);

}  // namespace stress
