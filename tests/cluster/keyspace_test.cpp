#include <gtest/gtest.h>

#include "harness/cluster.h"

// Keyspaces that are added and removed while the cluster runs.
namespace cluster {
namespace {

const Fields kLate{{"name", "late"}, {"set.bytes.max", "64MiB"}};
const Fields kSourceless{{"name", "late"}, {"set.bytes.max", "64MiB"}, {"source", "none"}};
const Fields kInLate{{"keyspace", "late"}};

TEST(Keyspace, AddedLaterIsSharedByThoseThatHaveIt) {
  Cluster cluster;
  cluster.start(3);
  EXPECT_EQ(cluster[0].get("k1", kInLate).text("status"), "NO_KEYSPACE");

  cluster[0].must("keyspace", kLate);
  cluster[1].must("keyspace", kLate);
  for (size_t i = 0; i < 2; ++i) {
    const Fields seen =
        cluster[i].must("await_members", {{"count", 3}, {"owners", 2}, {"keyspace", "late"}});
    EXPECT_EQ(seen.number("owners"), 2);
  }
  for (size_t key = 0; key < 100; ++key) {
    const Fields first = cluster[0].get(Ledger::key(key), kInLate);
    ASSERT_EQ(first.text("status"), "OK") << first.line();
    EXPECT_EQ(cluster[1].get(Ledger::key(key), kInLate).text("value"), first.text("value"));
    EXPECT_EQ(cluster.ledger().total(key), 1U);
  }
  EXPECT_EQ(cluster[2].get("k1", kInLate).text("status"), "NO_KEYSPACE");
}

TEST(Keyspace, MemberWithoutASourceAsksTheOthers) {
  Cluster cluster;
  cluster.start(3);
  cluster[0].must("keyspace", kLate);
  cluster[1].must("keyspace", kLate);
  cluster[2].must("keyspace", kSourceless);
  for (Node* node : cluster.nodes()) {
    node->must("await_members", {{"count", 3}, {"owners", 2}, {"keyspace", "late"}});
  }
  for (size_t key = 0; key < 100; ++key) {
    const Fields got = cluster[2].get(Ledger::key(key), kInLate);
    ASSERT_EQ(got.text("status"), "OK") << got.line();
    EXPECT_EQ(cluster.ledger().total(key), 1U);
  }
  EXPECT_EQ(cluster[2].must("stats", kInLate).number("entries"), 0);
}

TEST(Keyspace, RemovedOnOneMemberGoesOnOnTheOthers) {
  Cluster cluster;
  cluster.start(3);
  for (Node* node : cluster.nodes()) node->must("keyspace", kLate);
  cluster.await_agreement(cluster.nodes(), 3, "late");
  Fields load{{"count", 500}, {"threads", 4}, {"keyspace", "late"}};
  cluster[0].must("traffic", load);
  cluster[0].must("passes");

  cluster[1].must("remove_keyspace", kLate);
  EXPECT_EQ(cluster[1].get("k1", kInLate).text("status"), "NO_KEYSPACE");
  for (const size_t i : {0, 2}) {
    cluster[i].must("await_members", {{"count", 3}, {"owners", 2}, {"keyspace", "late"}});
  }
  cluster[0].must("passes");
  const Fields report = cluster[0].must("traffic_stop");
  EXPECT_EQ(report.number("failures"), 0) << report.text("failure");

  // Added again it begins empty and takes its share back.
  cluster[1].must("keyspace", kLate);
  EXPECT_EQ(cluster[1].must("stats", kInLate).number("gets"), 0);
  cluster.await_agreement(cluster.nodes(), 3, "late");
  EXPECT_EQ(cluster[1].must("sweep", load).number("failures"), 0);
  EXPECT_GT(cluster[1].must("stats", kInLate).number("entries"), 0);
}

TEST(Keyspace, RemovalAnswersTheLoadsInProgress) {
  Cluster cluster;
  cluster.start(1);
  cluster[0].must("keyspace", kLate);
  cluster[0].must("gate",
                  {{"keyspace", "late"}, {"key", "k1"}, {"stage", "read"}, {"do", "close"}});
  const Ticket get = cluster[0].start("get", {{"keyspace", "late"}, {"key", "k1"}});
  cluster[0].must("await_gate", {{"keyspace", "late"}, {"key", "k1"}, {"stage", "read"}});
  cluster[0].must("remove_keyspace", kLate);
  EXPECT_EQ(cluster[0].wait(get).text("status"), "NO_KEYSPACE");
}

}  // namespace
}  // namespace cluster
