#pragma once

#include <string>
#include <vector>

#include "harness/cluster.h"

// What the fence is for: a delete or put meets a load that is stopped half-way, and the value of
// that load must not come back. Each interleaving tells the first thing that went wrong, or "", so
// that the same code shows that it does find a missing fence.
namespace cluster {

// Who does what. On one node all three are the same.
struct Cast {
  Node* owner = nullptr;
  Node* reader = nullptr;
  Node* deleter = nullptr;
  std::vector<Node*> all;
  std::string keyspace = "main";
  Milliseconds patience{20'000};  // of every get: one that hangs is a finding, too
};

struct Interleaving {
  const char* name;
  std::string (*run)(Cluster& cluster, const Cast& cast);
};

const std::vector<Interleaving>& interleavings();

// The interleaving with every choice of owner, reader and deleter among the nodes.
std::string run_with_every_cast(Cluster& cluster, const Interleaving& interleaving,
                                const std::string& keyspace, Milliseconds patience);

}  // namespace cluster
