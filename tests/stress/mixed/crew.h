#pragma once

#include <string>
#include <vector>

#include "faults.h"
#include "harness/cluster.h"
#include "mixed/life.h"
#include "ring/network.h"

namespace stress {

// Nodes on hosts of their own under a mixed load whose history they record. Belongs to the main
// thread; throws HarnessFailure when a node hangs or nothing is agreed on.
class Crew {
 public:
  static constexpr size_t kSize = 5;
  struct Load {
    uint32_t keys = 100, threads = 4;
    int64_t rate = 150;  // calls of each thread in a second
    int64_t writes_percent = 12;
    int64_t timeout_ms = 3'000, write_timeout_ms = 3'000;
    uint32_t longest_load_us = 4'000;  // of each half of a load
    uint64_t seed = 1;
    std::string mirror = "hot";
    std::string partition = "serve";
    std::string mutation;  // a fault put into the library; "" is the library
  };
  Crew(bool own_network, const Load& load);

  Network& network() { return network_; }
  cluster::Truth& truth() { return *truth_; }
  cluster::Node& node(size_t index) { return *nodes_[index]; }

  // Starts these at once, with a wall clock that is so much off, and puts them under load.
  void start(const std::vector<size_t>& which, int64_t wall_clock_ms = 0);
  void kill(size_t index);
  void leave(size_t index);
  void rest();  // no more writes and reads, until the next work()
  void work();
  // Until all are one ring.
  void await_one_ring();
  // Every key as every node reads it, one after the other: "" if they agree.
  std::string compare();
  // Ends all in good order: a fault for each that does not.
  void end(Faults& faults);
  Story& story() { return story_; }

 private:
  void begin_life(size_t index);
  void work(size_t index);

  const Load load_;
  Network network_;
  Shared<cluster::Truth> truth_;
  Story story_;
  cluster::Cluster cluster_;
  std::vector<cluster::Node*> nodes_;
  std::vector<size_t> lives_;  // the number of the last one of each node
};

}  // namespace stress
