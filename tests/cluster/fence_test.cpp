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

TEST_P(Fence, OnOneNode) { expect_no_old_value(1, GetParam()); }
TEST_P(Fence, AcrossThree) { expect_no_old_value(3, GetParam()); }

INSTANTIATE_TEST_SUITE_P(All, Fence, ::testing::ValuesIn(interleavings()),
                         [](const auto& one) { return std::string(one.param.name); });

// With a fault put in, the same interleavings must find something: a test that cannot fail is none.
struct Mutant {
  const char* mutation;
  size_t nodes;
  Interleaving interleaving;
};

std::vector<Mutant> mutants() {
  std::vector<Mutant> all;
  for (const Interleaving& interleaving : interleavings()) {
    all.push_back({"no_fence", 1, interleaving});
    all.push_back({"no_fence", 3, interleaving});
  }
  for (const Interleaving& interleaving : interleavings()) {
    const std::string name = interleaving.name;
    if (name == "ReaderJoinsAfterTheDelete") all.push_back({"late_join", 3, interleaving});
    if (name == "DeleteAfterTheSourceRead") all.push_back({"store_foreign", 3, interleaving});
  }
  return all;
}

class FenceMutant : public ::testing::TestWithParam<Mutant> {};

TEST_P(FenceMutant, IsFound) {
  Cluster::Setup setup;
  setup.mutation = GetParam().mutation;
  Cluster cluster(setup);
  cluster.start(GetParam().nodes);
  const Milliseconds patience(500);
  EXPECT_NE(run_with_every_cast(cluster, GetParam().interleaving, "main", patience), "");
}

INSTANTIATE_TEST_SUITE_P(All, FenceMutant, ::testing::ValuesIn(mutants()), [](const auto& one) {
  return std::string(one.param.mutation) + "_" + std::to_string(one.param.nodes) + "_" +
         one.param.interleaving.name;
});

}  // namespace
}  // namespace cluster
