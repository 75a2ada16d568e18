#include "regressions.h"

namespace distcache::sim {

std::span<const Regression> regressions() {
  static constexpr Regression kAll[] = {
      // A reader's request had tried the owner that crashed, and did not try the one that took its
      // name: it loaded for itself what that one loaded.
      {"owner-restarted-while-asked", 128, "mirrors"},
      // A write's owner left before it had met those who took another one for the owner.
      {"write-lost-with-its-owner", 443, "mirrors"},
      // A put lay in front of a process that was stopped, and was kept from when that went on.
      {"put-that-lay-unread", 1358, "mirrors"},
      // On a slow path nothing acknowledged a write for 2.5 s: it went elsewhere, and said so.
      {"write-that-nobody-acknowledged", 1554, "mirrors"},
      {"delete-that-nobody-acknowledged", 2401, "mirrors"},
      {"reader-that-nobody-acknowledged", 5457, ""},
      // The clock of the owner stood still between the write and the answer to it.
      {"ttl-on-a-clock-that-stopped", 1675, "mirrors"},
      // A reader looked elsewhere before the second load began: its call was on its way.
      {"load-behind-a-slow-second-call", 5254, "mirrors"},
      // Who ran agreed, one alone or before they had met: whoever knew of the write was stopped.
      {"write-of-one-who-met-nobody", 3596, "mirrors"},
      {"write-of-those-who-are-stopped", 3682, "mirrors"},
      {"delete-of-one-who-is-stopped", 6903, "mirrors"},
      // A newcomer met the others for 75 ms between two partitions; what it had to tell was lost.
      {"word-lost-between-two-partitions", 3726, "mirrors"},
      // What a member kept for want of its owner outlived its meeting with those who reached that.
      {"kept-apart-and-served-together", 5453, "mirrors"},
      // A slow member gave another up without having asked it, and had missed that it spoke up.
      {"given-up-unasked", 7537, "mirrors"},
      // All but one had left; those who took their names did not know it, and agreed without it.
      {"agreed-without-the-last-one-left", 1754, "", Plan::Partition::bounded},
      // Three asks of one key came to nothing at once, and each was a load of its own.
      {"last-resorts-of-one-key", 5254, "", Plan::Partition::bounded},
  };
  return kAll;
}

}  // namespace distcache::sim
