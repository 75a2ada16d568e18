#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"
#include "base/log.h"
#include "base/rng.h"
#include "engine/network.h"
#include "engine/node.h"
#include "engine/pending.h"
#include "transport/memory/memory_network.h"

namespace distcache::cost {

// Messages on data links, by what they carry.
struct Sent {
  uint64_t calls = 0, replies = 0;  // items: one for each key
  uint64_t acknowledgements = 0;    // frames that carry nothing else
  uint64_t recalls = 0, recalled = 0;
  uint64_t bytes = 0;
};

// The virtual time of a network.
class NetworkClock final : public Clock {
 public:
  explicit NetworkClock(const MemoryNetwork& network) : network_(network) {}
  Instant now() const override { return network_.now(); }

 private:
  const MemoryNetwork& network_;
};

// One node with its network; its source answers at once.
class Machine final : private engine::FetchRunner, private Executor {
 public:
  Machine(MemoryNetwork& network, const Clock& clock, uint32_t number,
          const core::KeyspaceConfig& config, Sent* sent);
  ~Machine() override;

  void discover(const Machine& other);
  void step();
  core::MemberId id() const { return node_->self(); }
  engine::Node& node() { return *node_; }
  const engine::KeyspacePtr& keyspace() const { return keyspace_; }
  size_t reached() const;  // members, itself included

 private:
  void start(std::shared_ptr<engine::Source> source,
             std::vector<engine::FetchPtr> fetches) override;
  bool post(std::function<void()> task) override;

  const core::Address address_;
  SeededRng rng_;
  NoLog log_;
  std::unique_ptr<Transport> transport_;
  std::shared_ptr<engine::Node> node_;
  engine::KeyspacePtr keyspace_;
  std::unique_ptr<engine::Network> network_;
  std::vector<engine::FetchPtr> fetches_;
};

class World {
 public:
  // Nodes that know each other, a lease after they met.
  World(size_t machines, const core::KeyspaceConfig& config);

  Machine& operator[](size_t index) { return *machines_[index]; }
  // Fresh keys, of which the first machine is the owner.
  std::vector<std::string> keys(size_t count);

  Status get(Machine& at, const std::string& key);
  Status put(Machine& at, const std::string& key);
  Status remove(Machine& at, const std::string& key);
  void pass(Duration time);
  // What was sent since the last call of this.
  Sent take_sent() { return std::exchange(sent_, {}); }

 private:
  void step();
  Status await(engine::Pending& pending);

  MemoryNetwork network_;
  NetworkClock clock_;
  Sent sent_;
  std::vector<std::unique_ptr<Machine>> machines_;
  size_t next_key_ = 0;
};

}  // namespace distcache::cost
