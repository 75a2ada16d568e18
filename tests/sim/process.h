#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "allocator.h"
#include "base/log.h"
#include "clocks.h"
#include "engine/network.h"
#include "engine/node.h"
#include "history.h"
#include "plan.h"
#include "report.h"
#include "spy.h"
#include "timeline.h"
#include "watch.h"

namespace distcache::sim {

class Loads;

// What all processes of a run share.
struct World {
  const Plan& plan;
  Timeline& clock;
  Clocks& clocks;
  MemoryNetwork& network;
  Report& report;
  History& history;
  Watch& watch;
  Loads& loads;
};

// One process, from its start to its end: a node of the engine, its side of the network, and what
// the engine would have threads for. Restarted, a machine runs another process of the same name.
class Process final : private engine::FetchRunner, private Executor {
 public:
  Process(World& world, uint32_t number, memory::NodeId machine);
  ~Process() override;

  // -- life
  void start(const std::vector<core::Address>& others);
  void pause(bool clock_stops);
  void resume();
  // It gets a turn only once in `rest`, for so long.
  void slow_down(Duration rest, Duration span);
  void quicken() { slow_until_ = {}; }
  void jump(Duration by);  // its clock does
  void crash();
  void leave();  // in good order: it ends when its work is done, or after two seconds
  bool alive() const { return node_ != nullptr; }
  bool is_paused() const { return paused_; }
  bool takes_calls() const { return alive() && open_ && !paused_ && !leaving_; }
  bool was_killed() const { return killed_; }
  bool is_leaving() const { return leaving_; }
  Instant resumed_at() const { return resumed_at_; }  // on its own clock; or has jumped
  Duration slowness() const { return slowness_; }
  const ProcessClock& clock() const { return clock_; }

  // -- virtual time
  void pump();
  Instant step_due() const;
  void step();
  // Runs a task of this process after some time; if it is stopped then, when it goes on.
  void after(Duration delay, std::function<void()> task);

  // -- for its callers
  engine::Node& node() { return *node_; }
  const engine::KeyspacePtr& keyspace(uint32_t index) const { return keyspaces_[index]; }
  bool has_source(uint32_t keyspace) const;
  // Whether a majority confirms it, of a bounded keyspace, at that moment of its clock or later.
  bool confirmed(uint32_t keyspace, Instant at) const;
  Executor& events() { return *this; }
  Allocator& allocator() { return allocator_; }
  uint32_t number() const { return number_; }
  memory::NodeId machine() const { return machine_; }
  core::MemberId member() const { return member_; }
  static core::MemberId member_of(memory::NodeId machine) { return hash64(name_of(machine)); }
  static core::Address address_of(memory::NodeId machine);

  // I3, now.
  void check_bytes();
  // I3 and I9 when nothing is in progress; I9 at the very end.
  void check_at_rest();
  void check_gone() const;

 private:
  static std::string name_of(memory::NodeId machine) { return "node-" + std::to_string(machine); }
  void start(std::shared_ptr<engine::Source> source,
             std::vector<engine::FetchPtr> fetches) override;
  bool post(std::function<void()> task) override;
  void add_keyspaces();
  engine::Network::Options network_options() const;
  void on_event(const core::PeerEvent& event);
  void on_call(const core::Call& call);
  void check_written(const core::Call& call);
  core::MemberId member_at(const std::string& host) const;
  // What the node takes for the time.
  const Clock& seen_clock() const;
  bool loses_recall(LinkId link);
  void wake(Duration delay);
  void see();
  void end();
  void run_deferred();

  World& world_;
  const uint32_t number_;
  const memory::NodeId machine_;
  const core::MemberId member_;
  ProcessClock& clock_;
  const WallClock wall_clock_;
  SeededRng rng_;
  CountingAllocator allocator_;
  NoLog log_;
  std::shared_ptr<engine::Node> node_;
  std::weak_ptr<engine::Node> ended_node_;
  std::unique_ptr<Spy> transport_;
  std::unique_ptr<engine::Network> network_;
  std::vector<engine::KeyspacePtr> keyspaces_;
  std::shared_ptr<const engine::Members> members_;  // the last ones seen
  std::vector<std::function<void()>> deferred_;
  std::map<LinkId, Instant> recalls_lost_until_;

  bool open_ = false, paused_ = false, leaving_ = false, said_goodbye_ = false, killed_ = false;
  Instant open_until_;  // when it opens at the latest
  Instant leave_until_;
  Instant resumed_at_;
  Instant woken_at_ = Instant::never();
  Instant slow_until_, next_turn_;
  Duration rest_, slowness_;  // between two turns while it is slow; the longest ever
};

}  // namespace distcache::sim
