#include <gtest/gtest.h>

#include "harness/cluster.h"

// Members that own the keys and have no source, and clients that have one: these load, those keep.
namespace cluster {
namespace {

class ClientSources : public ::testing::Test {
 protected:
  ClientSources() : cluster(without_keyspaces()) {
    join("A", {}, "none");
    join("B", {}, "none");
    join("client", {{"node.role", "client"}}, "");
    join("other", {{"node.role", "client"}}, "");
    cluster.await_agreement(cluster.nodes(), 4, "main", 2);
    key = Ledger::key(cluster.fresh_key_of(owner()));
  }
  Node& owner() { return cluster[0]; }
  Node& sourceless() { return cluster[1]; }
  Node& client() { return cluster[2]; }
  Node& other() { return cluster[3]; }

  Ticket start(Node& node) { return node.start("get", {{"key", key}, {"timeout", 50'000}}); }
  // The client has been granted the load, and is about to bring its value.
  Ticket hold() {
    client().must("gate", {{"key", key}, {"stage", "answer"}, {"do", "close"}});
    Ticket held = start(client());
    client().must("await_gate", {{"key", key}, {"stage", "answer"}});
    return held;
  }
  void let_go() { client().must("gate", {{"key", key}, {"stage", "answer"}, {"do", "open"}}); }
  void await_joined(int64_t count) {
    owner().must("await_stat", {{"stat", "joined"}, {"count", count}});
  }
  std::string loaded_by(const Node& node, int load = 1) const {
    return node.name() + "/first/" + key + "/" + std::to_string(load);
  }

  Cluster cluster;
  std::string key;

 private:
  static Cluster::Setup without_keyspaces() {
    Cluster::Setup setup;
    setup.keyspace = {};
    return setup;
  }
  void join(const std::string& name, Fields more, const std::string& source) {
    std::vector<std::string> seeds;
    if (cluster.size() > 0) seeds.push_back(owner().address());
    Node& node = cluster.spawn(name);
    node.must("keyspace",
              {{"source", source}, {"set.bytes.max", "64MiB"}, {"set.fetch.timeout.ms", 60'000}});
    const Fields opened = cluster.open(node, seeds, std::move(more));
    if (opened.text("status") != "OK") throw HarnessFailure(opened.line());
  }
};

TEST_F(ClientSources, LoadWhatMembersWithoutOneKeep) {
  EXPECT_EQ(owner().get(key).text("status"), "NOT_FOUND");  // nobody who could load asks
  const Ticket held = hold();
  const Ticket reader = start(sourceless());
  const Ticket another = start(other());
  await_joined(2);
  let_go();
  EXPECT_EQ(client().wait(held).text("value"), loaded_by(client()));
  EXPECT_EQ(sourceless().wait(reader).text("value"), loaded_by(client()));
  EXPECT_EQ(other().wait(another).text("value"), loaded_by(client()));
  EXPECT_EQ(owner().must("peek", {{"key", key}}).text("value"), loaded_by(client()));
  EXPECT_EQ(client().call("peek", {{"key", key}}).text("status"), "NOT_CACHED");
}

TEST_F(ClientSources, ADeleteMeanwhileWins) {
  const Ticket held = hold();
  EXPECT_EQ(sourceless().remove(key).text("status"), "OK");
  EXPECT_EQ(owner().get(key).text("status"), "NOT_FOUND");  // does not join what began before
  EXPECT_EQ(other().value(key), loaded_by(other()));
  let_go();
  EXPECT_EQ(client().wait(held).text("value"), loaded_by(client()));
  for (Node* node : cluster.nodes()) EXPECT_EQ(node->value(key), loaded_by(other()));
}

TEST_F(ClientSources, WhereOneIsKilledTheNextOneLoads) {
  hold();
  const Ticket next = start(other());
  await_joined(1);
  const Ticket reader = start(sourceless());
  await_joined(2);
  cluster.kill(client());
  EXPECT_EQ(other().wait(next).text("value"), loaded_by(other()));
  EXPECT_EQ(sourceless().wait(reader).text("value"), loaded_by(other()));
}

TEST_F(ClientSources, WhereTheLastOneIsKilledWhoWaitsIsTold) {
  hold();
  const Ticket reader = start(sourceless());
  await_joined(1);
  cluster.kill(client());
  EXPECT_EQ(sourceless().wait(reader).text("status"), "PEER_UNREACHABLE");
  EXPECT_EQ(sourceless().put(key, "put").text("status"), "OK");
  EXPECT_EQ(other().value(key), "put");
}

}  // namespace
}  // namespace cluster
