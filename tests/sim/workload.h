#pragma once

#include "calls.h"

namespace distcache::sim {

// Users: calls of all kinds at random moments, some of them many at once, some right behind a
// write.
class Workload {
 public:
  Workload(World& world, Cluster& cluster, Calls& calls)
      : world_(world),
        cluster_(cluster),
        calls_(calls),
        dice_(world.plan.seed, 6),
        refreshes_(world.plan.seed, 11) {}

  void begin();
  void stop() { active_ = false; }
  std::vector<KeyId> all_keys() const;

 private:
  void next();
  void one();
  void read(Process& process);
  void write(Process& process);
  void refresh(Process& process);
  void crowd();
  void read_back(KeyId key);
  KeyId any_key();
  std::vector<KeyId> some_keys();
  Duration timeout();

  World& world_;
  Cluster& cluster_;
  Calls& calls_;
  Dice dice_;
  Dice refreshes_;
  bool active_ = false;
};

}  // namespace distcache::sim
