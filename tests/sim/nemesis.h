#pragma once

#include "cluster.h"
#include "dice.h"

namespace distcache::sim {

// Plants the faults of the plan, again and again until it is told to stop, and then puts everything
// in order.
class Nemesis {
 public:
  Nemesis(World& world, Cluster& cluster)
      : world_(world), cluster_(cluster), dice_(world.plan.seed, 5) {}

  void begin();
  void stop();  // heals the network, lets the stopped go on, starts what is down

 private:
  void begin(bool enabled, void (Nemesis::*fault)());
  void repeat(Duration pause, void (Nemesis::*fault)());
  void later(Duration pause, std::function<void()> task);
  void crash();
  void leave();
  void pause();
  void partition();
  void cut_pairs();
  void cut_one_way();
  void slow_down();
  void jump();
  void start_again(memory::NodeId machine);
  void revive(memory::NodeId machine);
  Process* victim();

  World& world_;
  Cluster& cluster_;
  Dice dice_;
  bool active_ = false;
};

}  // namespace distcache::sim
