#include <gtest/gtest.h>

#include <csignal>

#include "harness/cluster.h"

// Loads that an owner grants to one of its callers, each in a process of its own.
namespace cluster {
namespace {

Cluster::Setup patient(int64_t fetch_timeout_ms) {
  Cluster::Setup setup;
  setup.keyspace = {{"set.bytes.max", "64MiB"}, {"set.fetch.timeout.ms", fetch_timeout_ms}};
  return setup;
}

class GrantedLoads : public ::testing::Test {
 protected:
  explicit GrantedLoads(int64_t fetch_timeout_ms = 60'000) : cluster(patient(fetch_timeout_ms)) {
    cluster.start(3);
    key = Ledger::key(cluster.fresh_key_of(owner()));
  }
  Node& owner() { return cluster[0]; }
  Node& holder() { return cluster[1]; }
  Node& other() { return cluster[2]; }

  Ticket start(Node& node) {
    return node.start("get", {{"key", key}, {"form", "with"}, {"timeout", 50'000}});
  }
  // The holder has been granted the load, and is about to bring its value.
  Ticket hold() {
    holder().must("gate", {{"key", key}, {"stage", "answer"}, {"do", "close"}});
    Ticket held = start(holder());
    holder().must("await_gate", {{"key", key}, {"stage", "answer"}});
    return held;
  }
  void let_go() { holder().must("gate", {{"key", key}, {"stage", "answer"}, {"do", "open"}}); }
  void await_joined(int64_t count) {
    owner().must("await_stat", {{"stat", "joined"}, {"count", count}});
  }
  std::string loaded_by(const Node& node, int load = 1) const {
    return node.name() + "/first/" + key + "/" + std::to_string(load);
  }

  Cluster cluster;
  std::string key;
};

TEST_F(GrantedLoads, OneLoadsForAll) {
  const Ticket held = hold();
  const Ticket another = start(other());
  const Ticket reader = owner().start("get", {{"key", key}, {"timeout", 50'000}});
  await_joined(2);
  let_go();
  EXPECT_EQ(holder().wait(held).text("value"), loaded_by(holder()));
  EXPECT_EQ(other().wait(another).text("value"), loaded_by(holder()));
  EXPECT_EQ(owner().wait(reader).text("value"), loaded_by(holder()));
  EXPECT_EQ(owner().must("peek", {{"key", key}}).text("value"), loaded_by(holder()));
}

TEST_F(GrantedLoads, WhereTheHolderIsKilledTheNextWaiterLoads) {
  hold();
  const Ticket next = start(other());
  await_joined(1);
  cluster.kill(holder());
  EXPECT_EQ(other().wait(next).text("value"), loaded_by(other()));
  EXPECT_EQ(owner().value(key), loaded_by(other()));
}

TEST_F(GrantedLoads, ADeleteMeanwhileWins) {
  const Ticket held = hold();
  EXPECT_EQ(other().remove(key).text("status"), "OK");
  const Ticket later = start(other());  // does not join what began before the delete
  EXPECT_EQ(other().wait(later).text("value"), loaded_by(other()));
  let_go();
  EXPECT_EQ(holder().wait(held).text("value"), loaded_by(holder()));
  for (Node* node : cluster.nodes()) EXPECT_EQ(node->value(key), loaded_by(other()));
}

TEST_F(GrantedLoads, WhereTheOwnerIsKilledTheHolderKeepsItsAnswerToItself) {
  const Ticket held = hold();
  cluster.kill(owner());
  let_go();
  EXPECT_EQ(holder().wait(held).text("value"), loaded_by(holder()));
  cluster.await_agreement({&holder(), &other()}, 2);
  for (Node* node : {&holder(), &other()}) {
    EXPECT_EQ(node->call("peek", {{"key", key}}).text("status"), "NOT_CACHED");
  }
}

class LateHolders : public GrantedLoads {
 protected:
  LateHolders() : GrantedLoads(10'000) {}
};

// It answers nothing, but nothing proves that it is gone: its lease ends.
TEST_F(LateHolders, AreNotWaitedForAlone) {
  const Ticket held = hold();
  const Ticket next = start(other());
  EXPECT_EQ(other().wait(next).text("value"), loaded_by(other()));
  let_go();  // nobody waits for it any more
  EXPECT_EQ(holder().wait(held).text("value"), loaded_by(other()));
}

}  // namespace
}  // namespace cluster
