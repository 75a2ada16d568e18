#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "cluster.h"
#include "judge.h"

namespace distcache::sim {

// What users ask of nodes: makes the calls as the engine does for its callers, and hands every end
// to the judge. Checks I1 by the way.
class Calls {
 public:
  using Then = std::function<void(const Call&, const engine::Pending::Outcomes&)>;

  Calls(World& world, Judge& judge, Cluster& cluster)
      : world_(world),
        judge_(judge),
        cluster_(cluster),
        dice_(world.plan.seed, 4),
        conditions_(world.plan.seed, 9),
        loaders_(world.plan.seed, 11) {}

  // Keys of one keyspace. No timeout: that of the keyspace.
  void get(Process& process, const std::vector<KeyId>& keys, Duration timeout, Then then);
  void peek(Process& process, KeyId key);
  // Changes the source first, then tells the cache.
  void put(Process& process, const std::vector<KeyId>& keys, Duration timeout, Then then);
  void remove(Process& process, const std::vector<KeyId>& keys, Duration timeout, Then then);

  // Changes nothing in the source.
  void refresh(Process& process, KeyId key, Duration timeout, Then then);

  void set_all_is_well() { all_is_well_ = true; }
  size_t made() const { return calls_.size(); }
  // At the end: every call has come back.
  void check_all_done();

 private:
  struct Made {
    Call call;
    Then then;
    std::weak_ptr<engine::Pending> pending;
  };

  Made& make(Process& process, Call::Kind kind, const std::vector<KeyId>& keys, Duration timeout,
             Then then);
  std::shared_ptr<engine::Pending> wait_for(Process& process, Made& made);
  void done(Made& made, const engine::Pending::Outcomes& outcomes);
  void maybe_conditional(const Process& process, engine::PutItem& item, Write& write);
  void remember(const Call& call, const engine::Pending::Outcomes& outcomes);
  void maybe_cancel(Process& process, Made& made);
  bool brings_loader(const Process& process, const std::vector<KeyId>& keys);
  engine::OperationOptions options_of(const Made& made) const;
  static std::vector<core::Key> keys_of(const std::vector<std::string>& texts);

  World& world_;
  Judge& judge_;
  Cluster& cluster_;
  Dice dice_;
  Dice conditions_;
  Dice loaders_;
  const std::shared_ptr<uint64_t> loaders_alive_ = std::make_shared<uint64_t>(0);
  std::map<std::pair<uint32_t, KeyId>, core::Version> seen_;  // by process: the last version
  bool all_is_well_ = false;
  std::vector<std::unique_ptr<Made>> calls_;
};

}  // namespace distcache::sim
