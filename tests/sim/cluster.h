#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "dice.h"
#include "process.h"

namespace distcache::sim {

// The machines and what runs on them, and the loop that moves the time for all.
class Cluster {
 public:
  explicit Cluster(World& world) : world_(world), dice_(world.plan.seed, 3) {}

  void start(memory::NodeId machine);
  // What runs there; nullptr if nothing does.
  Process* at(memory::NodeId machine) const;
  std::vector<Process*> alive() const;
  std::vector<Process*> that_take_calls() const;
  Process& process(uint32_t number) const { return *processes_[number]; }
  const std::vector<std::unique_ptr<Process>>& processes() const { return processes_; }

  void run_for(Duration span);
  void run_until(Instant end, const std::function<bool()>& done);

 private:
  std::vector<core::Address> addresses_for(memory::NodeId machine);

  World& world_;
  Dice dice_;
  std::vector<std::unique_ptr<Process>> processes_;  // by number, ended ones too
  std::vector<Process*> running_;
};

}  // namespace distcache::sim
