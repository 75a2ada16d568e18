#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "transport/memory/memory_network.h"
#include "transport/recorder.h"

namespace distcache::testing {

// Nodes of a memory network on virtual time, each with an address of its own and the usual ports.
class MemoryCluster {
 public:
  static constexpr uint16_t kDataPort = 3320;
  static constexpr uint16_t kMembershipPort = 3322;

  explicit MemoryCluster(const MemoryNetwork::Options& options = {}) : network(options) {}

  static std::string host(memory::NodeId node) { return "10.0.0." + std::to_string(node); }

  void start(memory::NodeId node, bool echoes = false) {
    transports_[node] = network.make_transport(node);
    sinks_.insert_or_assign(node, Recorder(echoes ? transports_[node].get() : nullptr));
    EXPECT_TRUE(transports_[node]->bind({host(node), kDataPort, kMembershipPort}).ok());
  }
  LinkId connect(memory::NodeId from, memory::NodeId to) {
    return *transports_[from]->connect(Plane::data, host(to), kDataPort);
  }
  SendResult send(memory::NodeId from, LinkId link, const std::string& text) {
    return transports_[from]->send(link, parts_of({text}));
  }
  Transport& transport(memory::NodeId node) { return *transports_.at(node); }
  Recorder& sink(memory::NodeId node) { return sinks_.at(node); }

  // Lets virtual time go by, every node polling whenever something happens.
  void run_for(Duration span) {
    const Instant end = network.now() + span;
    for (;;) {
      const Instant next = network.next_event();
      if (next > end) break;
      network.advance_to(next);
      for (auto& [node, transport] : transports_) transport->poll(Duration(), sinks_.at(node));
    }
    network.advance_to(end);
  }

  MemoryNetwork network;

 private:
  std::map<memory::NodeId, std::unique_ptr<Transport>> transports_;
  std::map<memory::NodeId, Recorder> sinks_;
};

}  // namespace distcache::testing
