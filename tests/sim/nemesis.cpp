#include "nemesis.h"

namespace distcache::sim {

void Nemesis::begin() {
  active_ = true;
  const Faults& faults = world_.plan.faults;
  world_.network.set_default_path(world_.plan.path);
  begin(faults.crashes, &Nemesis::crash);
  begin(faults.leaves, &Nemesis::leave);
  begin(faults.pauses, &Nemesis::pause);
  begin(faults.partitions, &Nemesis::partition);
  begin(faults.partial, &Nemesis::cut_pairs);
  begin(faults.one_way, &Nemesis::cut_one_way);
  begin(faults.slow_nodes, &Nemesis::slow_down);
  begin(faults.clock_jumps, &Nemesis::jump);
}

void Nemesis::stop() {
  active_ = false;
  world_.report.tell("the faults are over");
  world_.network.heal();
  memory::PathSettings path;
  path.delay_max = Duration::ms(2);
  world_.network.set_default_path(path);
  for (memory::NodeId machine = 0; machine < world_.plan.nodes; ++machine) revive(machine);
}

void Nemesis::revive(memory::NodeId machine) {
  Process* process = cluster_.at(machine);
  if (!process) return cluster_.start(machine);
  process->resume();
  process->quicken();
  if (process->is_leaving()) {
    world_.clock.after(Duration::ms(10), [this, machine] { revive(machine); });
  }
}

void Nemesis::later(Duration pause, std::function<void()> task) {
  world_.clock.after(pause, [this, task = std::move(task)] {
    if (active_) task();
  });
}

void Nemesis::begin(bool enabled, void (Nemesis::*fault)()) {
  if (enabled)
    repeat(dice_.between(world_.plan.fault_pause / 2, world_.plan.fault_pause * 2), fault);
}

void Nemesis::repeat(Duration pause, void (Nemesis::*fault)()) {
  later(dice_.around(pause), [this, pause, fault] {
    (this->*fault)();
    repeat(pause, fault);
  });
}

// Somebody who runs, as long as somebody else does.
Process* Nemesis::victim() {
  const std::vector<Process*> running = cluster_.that_take_calls();
  return running.size() < 2 ? nullptr : dice_.pick(running);
}

void Nemesis::crash() {
  Process* process = victim();
  if (!process) return;
  world_.report.count("fault", "crash");
  process->crash();
  start_again(process->machine());
}

void Nemesis::leave() {
  Process* process = victim();
  if (!process) return;
  world_.report.count("fault", "leave");
  process->leave();
  start_again(process->machine());
}

void Nemesis::start_again(memory::NodeId machine) {
  const bool soon = dice_.chance(40);
  later(soon ? dice_.between(Duration::ms(1), Duration::ms(300))
             : dice_.between(Duration::ms(300), Duration::seconds(4)),
        [this, machine] {
          if (const Process* process = cluster_.at(machine)) {
            if (process->is_leaving()) start_again(machine);
            return;
          }
          world_.report.count("fault", "restart");
          cluster_.start(machine);
        });
}

void Nemesis::pause() {
  Process* process = victim();
  if (!process) return;
  world_.report.count("fault", "pause");
  process->pause(world_.plan.faults.clock_stops && dice_.chance(50));
  later(
      dice_.between(Duration::ms(50), dice_.chance(50) ? Duration::ms(1500) : Duration::seconds(5)),
      [process] {
        if (process->alive()) process->resume();
      });
}

void Nemesis::partition() {
  std::vector<memory::NodeId> side, other;
  for (memory::NodeId machine = 0; machine < world_.plan.nodes; ++machine) {
    (dice_.chance(50) ? side : other).push_back(machine);
  }
  if (side.empty() || other.empty()) return;
  world_.report.count("fault", "partition");
  world_.report.tell("partition: %zu and %zu machines, the first side begins with %u", side.size(),
                     other.size(), side.front());
  world_.network.partition(side, other);
  later(dice_.between(Duration::ms(100), Duration::seconds(6)), [this] {
    world_.report.tell("all cuts heal");
    world_.network.heal();
  });
}

// Some machines do not reach each other while others reach both.
void Nemesis::cut_pairs() {
  const uint32_t percent = static_cast<uint32_t>(dice_.between(5, 50));
  std::vector<std::pair<memory::NodeId, memory::NodeId>> cut;
  for (memory::NodeId one = 0; one < world_.plan.nodes; ++one) {
    for (memory::NodeId other = 0; other < one; ++other) {
      if (dice_.chance(percent)) cut.emplace_back(one, other);
    }
  }
  world_.report.count("fault", "pairs cut");
  for (const auto& [one, other] : cut) {
    world_.report.tell("machines %u and %u are cut off from each other", one, other);
    world_.network.partition({one}, {other});
  }
  later(dice_.between(Duration::ms(100), Duration::seconds(6)), [this, cut] {
    world_.report.tell("those pairs reach each other again");
    for (const auto& [one, other] : cut) {
      world_.network.unblock(one, other);
      world_.network.unblock(other, one);
    }
  });
}

void Nemesis::slow_down() {
  Process* process = victim();
  if (!process) return;
  world_.report.count("fault", "slow node");
  process->slow_down(dice_.between(Duration::ms(5), Duration::ms(dice_.chance(70) ? 50 : 400)),
                     dice_.between(Duration::ms(200), Duration::seconds(5)));
}

void Nemesis::jump() {
  Process* process = victim();
  if (!process) return;
  world_.report.count("fault", "clock jump");
  process->jump(dice_.between(Duration::ms(1),
                              dice_.chance(70) ? Duration::seconds(2) : Duration::seconds(60)));
}

void Nemesis::cut_one_way() {
  const auto from = static_cast<memory::NodeId>(dice_.below(world_.plan.nodes));
  const auto to = static_cast<memory::NodeId>(dice_.below(world_.plan.nodes));
  if (from == to) return;
  world_.report.count("fault", "one-way cut");
  world_.report.tell("cut from machine %u to %u", from, to);
  world_.network.block(from, to);
  later(dice_.between(Duration::ms(100), Duration::seconds(4)), [this, from, to] {
    world_.report.tell("machine %u reaches %u again", from, to);
    world_.network.unblock(from, to);
  });
}

}  // namespace distcache::sim
