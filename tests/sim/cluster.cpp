#include "cluster.h"

#include <algorithm>

namespace distcache::sim {

void Cluster::start(memory::NodeId machine) {
  const auto number = static_cast<uint32_t>(processes_.size());
  processes_.push_back(std::make_unique<Process>(world_, number, machine));
  running_.push_back(processes_.back().get());
  running_.back()->start(addresses_for(machine));
}

// All machines, or the one before and the first one.
std::vector<core::Address> Cluster::addresses_for(memory::NodeId machine) {
  std::vector<core::Address> addresses;
  for (uint32_t i = 0; i < world_.plan.nodes; ++i) {
    if (!world_.plan.faults.sparse || i == 0 || i + 1 == machine) {
      addresses.push_back(Process::address_of(i));
    }
  }
  return addresses;
}

Process* Cluster::at(memory::NodeId machine) const {
  for (Process* process : running_) {
    if (process->machine() == machine && process->alive()) return process;
  }
  return nullptr;
}

std::vector<Process*> Cluster::alive() const {
  std::vector<Process*> all;
  std::copy_if(running_.begin(), running_.end(), std::back_inserter(all),
               [](const Process* process) { return process->alive(); });
  return all;
}

std::vector<Process*> Cluster::that_take_calls() const {
  std::vector<Process*> all;
  std::copy_if(running_.begin(), running_.end(), std::back_inserter(all),
               [](const Process* process) { return process->takes_calls(); });
  return all;
}

void Cluster::run_for(Duration span) {
  run_until(world_.clock.now() + span, [] { return false; });
}

void Cluster::run_until(Instant end, const std::function<bool()>& done) {
  while (!done()) {
    Instant next = std::min(world_.clock.next_due(), world_.network.next_event());
    for (const Process* process : running_) next = std::min(next, process->step_due());
    if (next > end) break;
    world_.clock.advance_to(next);
    world_.network.advance_to(next);
    world_.clock.run_due();
    // Some end in their step, others are started by a task: neither while the list is walked.
    for (size_t i = 0; i < running_.size(); ++i) {
      running_[i]->pump();
      if (running_[i]->step_due() <= world_.clock.now()) running_[i]->step();
    }
    std::erase_if(running_, [](const Process* process) { return !process->alive(); });
  }
  if (!done()) {
    world_.clock.advance_to(end);
    world_.network.advance_to(end);
  }
}

}  // namespace distcache::sim
