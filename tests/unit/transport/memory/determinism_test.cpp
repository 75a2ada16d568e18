#include <gtest/gtest.h>

#include <map>
#include <set>
#include <vector>

#include "base/rng.h"
#include "transport/memory/memory_fixture.h"

// The same seed gives the same run, whatever happens in it; and no run breaks what the network
// promises of either mode.
namespace distcache::testing {
namespace {

using memory::Mode;

struct Outcome {
  uint64_t trace = 0;
  size_t replies = 0;
  size_t downs = 0;
};

class Storm {
 public:
  Storm(uint64_t seed, Mode mode) : rng_(seed), cluster_({.seed = seed, .mode = mode}) {
    cluster_.network.set_default_path(
        {.tail_ppm = 10'000, .loss_ppm = 5'000, .duplicate_ppm = 50'000});
    for (memory::NodeId node = 1; node <= kNodes; ++node) cluster_.start(node, true);
    for (memory::NodeId from = 1; from <= kNodes; ++from) reconnect(from);
  }

  Outcome run() {
    for (int step = 0; step < 400; ++step) {
      fault();
      for (int i = 0; i < 10; ++i) send(step * 10 + i);
      cluster_.run_for(Duration::ms(static_cast<int64_t>(rng_.below(50))));
    }
    Outcome outcome;
    outcome.trace = cluster_.network.trace_hash();
    for (memory::NodeId node = 1; node <= kNodes; ++node) {
      outcome.replies += cluster_.sink(node).replies.size();
      outcome.downs += cluster_.sink(node).downs.size();
    }
    return outcome;
  }

 private:
  static constexpr memory::NodeId kNodes = 5;

  memory::NodeId any_node() { return static_cast<memory::NodeId>(1 + rng_.below(kNodes)); }

  void reconnect(memory::NodeId from) {
    links_[from].clear();
    for (memory::NodeId to = 1; to <= kNodes; ++to) {
      if (to != from) links_[from].push_back(cluster_.connect(from, to));
    }
  }

  void send(int number) {
    const memory::NodeId from = any_node();
    const LinkId link = links_[from][rng_.below(links_[from].size())];
    cluster_.send(from, link, std::to_string(number));
  }

  void fault() {
    const memory::NodeId a = any_node();
    const memory::NodeId b = any_node();
    switch (rng_.below(30)) {
      case 0:
        return cluster_.network.crash(a);
      case 1:
      case 2:
        cluster_.start(a, true);
        return reconnect(a);
      case 3:
        return cluster_.network.pause(a);
      case 4:
        if (a != b) cluster_.network.block(a, b);
        return;
      case 5:
      case 6:
      case 7:
        cluster_.network.heal();
        for (memory::NodeId node = 1; node <= kNodes; ++node) cluster_.network.resume(node);
        return;
      default:
        return;
    }
  }

  SeededRng rng_;
  MemoryCluster cluster_;
  std::map<memory::NodeId, std::vector<LinkId>> links_;
};

TEST(MemoryDeterminismTest, TheSameSeedGivesTheSameTrace) {
  for (const Mode mode : {Mode::tcp, Mode::lossy}) {
    std::set<uint64_t> traces;
    size_t replies = 0;
    size_t downs = 0;
    for (uint64_t seed = 1; seed <= 10; ++seed) {
      const Outcome first = Storm(seed, mode).run();
      const Outcome second = Storm(seed, mode).run();
      EXPECT_EQ(first.trace, second.trace) << seed;
      EXPECT_EQ(first.replies, second.replies);
      EXPECT_EQ(first.downs, second.downs);
      traces.insert(first.trace);
      replies += first.replies;
      downs += first.downs;
    }
    EXPECT_EQ(traces.size(), 10U);  // and other seeds give others
    EXPECT_GT(replies, 1000U);
    EXPECT_GT(downs, 100U);
  }
}

TEST(MemoryDeterminismTest, EveryLinkComesBackWhenAllFaultsEnd) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    MemoryCluster cluster({.seed = seed});
    SeededRng rng(seed);
    for (memory::NodeId node = 1; node <= 3; ++node) cluster.start(node, true);
    std::map<LinkId, memory::NodeId> links;
    for (memory::NodeId from = 1; from <= 3; ++from) {
      for (memory::NodeId to = 1; to <= 3; ++to) {
        if (from != to) links[cluster.connect(from, to)] = from;
      }
    }
    cluster.network.set_default_path({.loss_ppm = 100'000});
    for (int step = 0; step < 100; ++step) {
      const auto a = static_cast<memory::NodeId>(1 + rng.below(3));
      const auto b = static_cast<memory::NodeId>(1 + rng.below(3));
      if (step % 4 == 0 && a != b) cluster.network.block(a, b);
      if (step % 4 == 1) cluster.network.pause(a);
      if (step % 4 == 2) cluster.network.resume(a);
      if (step % 4 == 3) cluster.network.heal();
      for (const auto& [link, from] : links) cluster.send(from, link, "x");
      cluster.run_for(Duration::ms(static_cast<int64_t>(rng.below(2000))));
    }
    cluster.network.set_default_path({});
    cluster.network.heal();
    for (memory::NodeId node = 1; node <= 3; ++node) cluster.network.resume(node);
    cluster.run_for(Duration::seconds(5));
    for (memory::NodeId node = 1; node <= 3; ++node) cluster.sink(node).replies.clear();
    for (const auto& [link, from] : links) {
      EXPECT_EQ(cluster.send(from, link, "alive"), SendResult::sent) << seed;
    }
    cluster.run_for(Duration::seconds(1));
    for (memory::NodeId node = 1; node <= 3; ++node) {
      EXPECT_EQ(cluster.sink(node).replies.size(), 2U) << seed;
    }
  }
}

}  // namespace
}  // namespace distcache::testing
