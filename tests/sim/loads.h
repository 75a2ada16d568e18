#pragma once

#include <map>
#include <vector>

#include "dice.h"
#include "engine/source.h"
#include "process.h"

namespace distcache::sim {

class Judge;

// The sources of all processes: one database behind them, which answers on virtual time, or fails,
// or forgets. Every load gets a value of its own.
class Loads {
 public:
  Loads(World& world, Judge& judge) : world_(world), judge_(judge), dice_(world.plan.seed, 2) {}

  void begin(Process& process, engine::FetchPtr fetch);
  // Its loads will not be heard of any more.
  void process_ended(uint32_t process);
  void heal() { healthy_ = true; }
  void forget() { hung_.clear(); }

 private:
  void grant(const Process& process, const engine::Fetch& fetch, Load& load);
  void answer(Process& process, Load& load, const engine::FetchPtr& fetch, uint64_t content,
              bool absent);
  void answer_again(Process& process, const Load& load, const engine::FetchPtr& fetch);
  void read_and_answer(Process& process, Load& load, engine::FetchPtr fetch, Duration first,
                       Duration rest);
  Duration delay();
  size_t size_of(const Load& load);
  static KeyId key_of(const Plan& plan, const engine::Fetch& fetch);

  World& world_;
  Judge& judge_;
  Dice dice_;
  bool healthy_ = false;
  std::vector<engine::FetchPtr> hung_;
};

// How the bytes of a key are spelled.
std::string key_text(KeyId key);
// The longest that something can be served which was stored with this ttl.
Duration served_for(const core::KeyspaceConfig& config, Duration ttl);
// A size for a new value, seldom one over value.bytes.max.
size_t value_size(Dice& dice, const Plan& plan, KeyId key);

}  // namespace distcache::sim
