#include "fence.h"

#include <gtest/gtest.h>

// A delete or put that comes while a slow load runs: the old value never comes back.
namespace cluster {
namespace {

class Fence : public ::testing::TestWithParam<Interleaving> {};

void expect_no_old_value(size_t nodes, const Interleaving& interleaving) {
  Cluster cluster;
  cluster.start(nodes);
  const Milliseconds patience(20'000);
  EXPECT_EQ(run_with_every_cast(cluster, interleaving, "main", patience), "");
  // Sources that answer from a thread of their own go another way through the engine.
  for (Node* node : cluster.nodes()) {
    node->must("keyspace", {{"name", "later"}, {"source", "later"}, {"set.bytes.max", "64MiB"}});
  }
  cluster.await_agreement(cluster.nodes(), nodes, "later");
  EXPECT_EQ(run_with_every_cast(cluster, interleaving, "later", patience), "");
}

// Without the fence the same interleavings must find something: a test that cannot fail is none.
void expect_finding_without_fence(size_t nodes, const Interleaving& interleaving) {
  Cluster::Setup setup;
  setup.program = "cluster_node_unfenced";
  Cluster cluster(setup);
  cluster.start(nodes);
  const Milliseconds patience(500);
  EXPECT_NE(run_with_every_cast(cluster, interleaving, "main", patience), "");
}

TEST_P(Fence, OnOneNode) { expect_no_old_value(1, GetParam()); }
TEST_P(Fence, AcrossThree) { expect_no_old_value(3, GetParam()); }
TEST_P(Fence, IsMissedOnOneNode) { expect_finding_without_fence(1, GetParam()); }
TEST_P(Fence, IsMissedAcrossThree) { expect_finding_without_fence(3, GetParam()); }

INSTANTIATE_TEST_SUITE_P(All, Fence, ::testing::ValuesIn(interleavings()),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace cluster
