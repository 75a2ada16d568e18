#include <gtest/gtest.h>

#include "harness/cluster.h"

// The promise of a read-through cache over a cluster: a cold key is loaded once, whoever asks for
// it and however many ask at the same moment, and everybody gets what its owner loaded.
namespace cluster {
namespace {

constexpr size_t kNodes = 3;
constexpr size_t kThreads = 16;
constexpr size_t kKeys = 10'000;

class OneLoad : public ::testing::TestWithParam<const char*> {};

TEST_P(OneLoad, PerColdKeyInTheWholeCluster) {
  Cluster cluster;
  cluster.start(kNodes);
  std::vector<Ticket> sweeps;
  for (size_t i = 0; i < kNodes; ++i) {
    sweeps.push_back(cluster[i].start("sweep", {{"count", kKeys},
                                                {"threads", kThreads},
                                                {"seed", i + 1},
                                                {"form", GetParam()},
                                                {"batch", 100},
                                                {"timeout", 60'000}}));
  }
  std::string digest;
  std::map<std::string, std::string> from;
  for (size_t i = 0; i < kNodes; ++i) {
    const Fields seen = cluster[i].wait(sweeps[i], Milliseconds(180'000));
    ASSERT_EQ(seen.text("status"), "OK") << seen.line();
    EXPECT_EQ(seen.number("failures"), 0) << seen.text("failure");
    EXPECT_GE(seen.number("gets"), static_cast<int64_t>(kKeys * kThreads));
    EXPECT_EQ(seen.number("mixed"), 0);
    for (Node* node : cluster.nodes()) {
      const std::string count = seen.text("from." + node->name());
      EXPECT_GT(std::atoi(count.c_str()), static_cast<int>(kKeys / kNodes / 2));
      if (i == 0) from[node->name()] = count;
      EXPECT_EQ(count, from[node->name()]);
    }
    if (i == 0) digest = seen.text("digest");
    EXPECT_EQ(seen.text("digest"), digest) << cluster[i].name() << " saw other values";
  }

  size_t wrong = 0;
  for (size_t key = 0; key < kKeys; ++key) wrong += cluster.ledger().total(key) != 1 ? 1 : 0;
  EXPECT_EQ(wrong, 0U) << "keys that were not loaded exactly once";
  // Every value came from the process that the ledger says loaded it.
  for (Node* node : cluster.nodes()) {
    int loads = 0;
    for (const auto& count : cluster.ledger().loads[node->process()]) loads += count;
    EXPECT_EQ(std::to_string(loads), from[node->name()]);
  }
}

INSTANTIATE_TEST_SUITE_P(Slow, OneLoad, ::testing::Values("result", "many", "async"),
                         [](const auto& form) { return std::string(form.param); });

}  // namespace
}  // namespace cluster
