#include <gtest/gtest.h>

#include "harness/cluster.h"

// Nodes that come and go in good order, find each other, or must not.
namespace cluster {
namespace {

constexpr size_t kKeys = 1'000;

Fields traffic(Node& node) {
  return node.must("traffic", {{"count", kKeys}, {"threads", 4}, {"timeout", 5'000}});
}

void expect_no_failure(const Fields& report) {
  EXPECT_EQ(report.number("failures"), 0) << report.text("failure");
}

TEST(Membership, GracefulLeaveCostsNobodyAnError) {
  Cluster cluster;
  cluster.start(3);
  for (Node* node : cluster.nodes()) traffic(*node);
  for (Node* node : cluster.nodes()) node->must("passes");
  const Fields before_leaving = cluster[2].must("traffic_stop");
  expect_no_failure(before_leaving);

  EXPECT_EQ(cluster[2].must("close").text("status"), "OK");
  EXPECT_EQ(cluster[2].get("k1").text("status"), "CLOSED");

  const std::vector<Node*> staying{&cluster[0], &cluster[1]};
  cluster.await_agreement(staying, 2);
  for (Node* node : staying) node->must("passes");
  for (Node* node : staying) expect_no_failure(node->must("traffic_stop"));
  // Once by who stood in for the leaver in the eyes of others, once by the new owner.
  for (size_t key = 0; key < kKeys; ++key) EXPECT_LE(cluster.ledger().total(key), 1U + 2U);
}

TEST(Membership, JoinAtRunTimeMovesKeysWithoutAnError) {
  Cluster cluster;
  cluster.start(2);
  for (Node* node : cluster.nodes()) traffic(*node);
  for (Node* node : cluster.nodes()) node->must("passes");

  Node& joined = cluster.add("C");
  cluster.await_agreement(cluster.nodes(), 3);
  for (size_t i = 0; i < 2; ++i) cluster[i].must("passes");
  for (size_t i = 0; i < 2; ++i) expect_no_failure(cluster[i].must("traffic_stop"));

  size_t moved = 0;
  for (size_t key = 0; key < kKeys; ++key) {
    const uint32_t by_joined = cluster.ledger().loads[joined.process()][key].load();
    moved += by_joined;
    EXPECT_LE(cluster.ledger().total(key), 2U) << Ledger::key(key);
    EXPECT_EQ(cluster.ledger().total(key), 1 + by_joined) << Ledger::key(key);
  }
  EXPECT_GT(moved, kKeys / 4);
  EXPECT_LT(moved, kKeys / 2);
}

TEST(Membership, NodesFindEachOtherThroughOneSeed) {
  Cluster cluster;
  Node& a = cluster.add("A");
  Node& b = cluster.add("B", {a.address()});
  Node& c = cluster.add("C", {a.address()});
  cluster.add("D", {c.address()});
  cluster.await_agreement(cluster.nodes(), 4);
  // The seed is nothing special: without it the others go on.
  cluster.kill(a);
  cluster.await_agreement(cluster.nodes(), 3);
  EXPECT_EQ(b.get("k1").text("status"), "OK");
}

TEST(Membership, OtherClusterLabelsNeverMix) {
  Cluster cluster;
  Node& a = cluster.add("A");
  Node& b = cluster.add("B");
  cluster.await_agreement(cluster.nodes(), 2);
  Node& stranger = cluster.spawn("S");
  const Fields opened = cluster.open(
      stranger, {a.address(), b.address()},
      {{"cluster.label", "another"}, {"join.attempts.max", 2}, {"bootstrap.timeout.ms", 5'000}});
  ASSERT_EQ(opened.text("status"), "OK") << opened.line();  // it runs alone and goes on looking

  for (size_t key = 0; key < 300; ++key) {
    const std::string of_stranger = stranger.value(Ledger::key(key));
    EXPECT_EQ(of_stranger.substr(0, 2), "S/");
    EXPECT_NE(a.value(Ledger::key(key)).substr(0, 2), "S/");
  }
  EXPECT_EQ(stranger.must("members").list("all").size(), 1U) << stranger.must("members").line();
  for (Node* node : {&a, &b}) {
    const Fields members = node->must("members");
    EXPECT_EQ(members.number("count"), 2) << members.line();
    EXPECT_EQ(members.list("all").size(), 2U) << members.line();
  }
}

TEST(Membership, NoQuorumIsSaidWhileTooFewLive) {
  Cluster::Setup setup;
  setup.settings = {{"quorum.min", 2}};
  Cluster cluster(setup);
  Node& a = cluster.add("A", {"127.0.0.1:1"});  // nobody is there
  EXPECT_EQ(a.get("k1").text("status"), "NO_QUORUM");
  EXPECT_EQ(a.put("k1", "x").text("status"), "NO_QUORUM");

  Node& b = cluster.add("B");
  cluster.await_agreement(cluster.nodes(), 2);
  EXPECT_EQ(a.get("k1").text("status"), "OK");
  EXPECT_EQ(b.get("k1").text("status"), "OK");

  cluster.kill(b);
  EXPECT_TRUE(
      eventually(Milliseconds(20'000), [&] { return a.get("k1").text("status") == "NO_QUORUM"; }));
  cluster.add("C");
  EXPECT_TRUE(eventually(Milliseconds(20'000), [&] { return a.get("k1").text("status") == "OK"; }));
}

TEST(Membership, SecondNodeOfTheSameNameIsRefused) {
  Cluster cluster;
  cluster.start(2);
  Node& twin = cluster.spawn("B");
  const Fields opened = cluster.open(twin, {cluster[0].address()});
  EXPECT_EQ(opened.text("status"), "DUPLICATE_IDENTITY") << opened.line();
  EXPECT_EQ(cluster[0].must("members").number("count"), 2);
  EXPECT_EQ(cluster[1].get("k1").text("status"), "OK");
}

}  // namespace
}  // namespace cluster
