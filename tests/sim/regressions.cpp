#include "regressions.h"

namespace distcache::sim {

std::span<const Regression> regressions() {
  static constexpr Regression kAll[] = {
      // A reader's request had tried the owner that crashed, and did not try the one that took its
      // name: it loaded for itself what that one loaded.
      {"owner-restarted-while-asked", 128, ""},
      // A write's owner left before it had met those who took another one for the owner.
      {"write-lost-with-its-owner", 443, ""},
      // The clock of the owner stood still between the write and the answer to it.
      {"ttl-on-a-clock-that-stopped", 1675, ""},
  };
  return kAll;
}

}  // namespace distcache::sim
