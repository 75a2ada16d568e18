#include "regressions.h"

namespace distcache::sim {

std::span<const Regression> regressions() {
  static constexpr Regression kAll[] = {
      // A reader's request had tried the owner that crashed, and did not try the one that took its
      // name: it loaded for itself what that one loaded.
      {"owner-restarted-while-asked", 128, ""},
      // A write's owner left before it had met those who took another one for the owner.
      {"write-lost-with-its-owner", 443, ""},
      // A put lay in front of a process that was stopped, and was kept from when that went on.
      {"put-that-lay-unread", 1358, ""},
      // On a slow path nothing acknowledged a write for 2.5 s: it went elsewhere, and said so.
      {"write-that-nobody-acknowledged", 1554, ""},
      {"delete-that-nobody-acknowledged", 2401, ""},
      // The clock of the owner stood still between the write and the answer to it.
      {"ttl-on-a-clock-that-stopped", 1675, ""},
  };
  return kAll;
}

}  // namespace distcache::sim
