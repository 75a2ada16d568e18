#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "harness/cluster.h"

// Who owns what while members of all kinds come, go and die: callers notice nothing, and the source
// is asked for a key at most twice per change.
namespace cluster {
namespace {

constexpr size_t kKeys = 500;

const Fields kSourceless{{"set.bytes.max", "256MiB"}, {"source", "none"}};

class Ring : public testing::Test {
 protected:
  Ring() : cluster_(without_keyspaces()) {}

  // Each member gets "main" with a source or without one before it joins.
  Node& join(const std::string& name, const Fields& more = {}, bool source = true) {
    Node& node = cluster_.spawn(name);
    node.must("keyspace", source ? Fields{{"set.bytes.max", "256MiB"}} : kSourceless);
    std::vector<std::string> seeds;
    if (node.process() > 0) seeds.push_back(cluster_[0].address());
    const Fields opened = cluster_.open(node, seeds, more);
    EXPECT_EQ(opened.text("status"), "OK") << opened.line();
    return node;
  }
  // Until all that are left agree, on so many owners.
  void await(size_t owners) {
    const std::vector<Node*> nodes = cluster_.nodes();
    cluster_.await_agreement(nodes, nodes.size(), "main", owners);
  }
  // Of its own: whoever owns nothing is lent what is hot.
  static int entries_of(Node& node) {
    const Fields stats = node.must("stats");
    return static_cast<int>(stats.number("entries") - stats.number("mirror_entries"));
  }
  void start_traffic(const std::vector<Node*>& nodes) {
    for (Node* node : nodes) {
      node->must("traffic", {{"count", kKeys}, {"threads", 2}, {"timeout", 20'000}});
    }
    for (Node* node : nodes) node->must("passes");
  }
  // How often the node suspected another one than `but`.
  static int64_t suspicions(Node& node, const std::string& but) {
    int64_t count = 0;
    for (const std::string& event : node.must("events").list("events")) {
      const bool about_it = !but.empty() && event.ends_with(' ' + but);
      count += event.find(" suspect ") != std::string::npos && !about_it ? 1 : 0;
    }
    return count;
  }
  // Under the traffic of `nodes`; the source is asked for each key at most twice per change. On a
  // machine that stops for seconds there is more than one: links break, and others act meanwhile.
  void change(const char* what, const std::vector<Node*>& nodes, const std::function<void()>& act,
              const std::string& killed = {}) {
    SCOPED_TRACE(what);
    const auto changes = [&] {
      int64_t count = nodes[0]->must("stats").number("ring_changes");
      for (Node* node : nodes) count += suspicions(*node, killed);
      return count;
    };
    const int64_t changes_before = changes();
    std::vector<uint32_t> before;
    for (size_t key = 0; key < kKeys; ++key) before.push_back(cluster_.ledger().total(key));
    act();
    for (Node* node : nodes) node->must("passes", {{"passes", 1}});
    const auto most = 2 * static_cast<uint32_t>(std::max<int64_t>(changes() - changes_before, 1));
    size_t too_often = 0;
    for (size_t key = 0; key < kKeys; ++key) {
      too_often += cluster_.ledger().total(key) > before[key] + most ? 1 : 0;
    }
    EXPECT_EQ(too_often, 0U) << "keys that were loaded more than twice";
  }

  Cluster cluster_;

 private:
  static Cluster::Setup without_keyspaces() {
    Cluster::Setup setup;
    setup.keyspace = {};
    return setup;
  }
};

TEST_F(Ring, ChangesUnderLoadCostNobodyAnErrorAndTheSourceTwoCallsAtMost) {
  Node& a = join("A");
  Node& b = join("B", {{"node.weight", 3}});
  Node& client = join("client", {{"node.role", "client"}});
  Node& sourceless = join("sourceless", {}, false);
  await(2);
  const std::vector<Node*> callers{&a, &b, &client, &sourceless};
  start_traffic(callers);
  EXPECT_EQ(entries_of(client) + entries_of(sourceless), 0);
  EXPECT_NEAR(entries_of(b), kKeys * 3 / 4, kKeys / 14);  // three sigmas and a half

  Node* heavy = nullptr;
  change("a member of weight 4 joins", callers, [&] {
    heavy = &join("heavy", {{"node.weight", 4}});
    await(3);
  });
  EXPECT_NEAR(entries_of(*heavy), kKeys / 2, kKeys / 12);
  const auto leave = [&] {
    EXPECT_EQ(heavy->must("close").text("status"), "OK");
    cluster_.forget(*heavy);
    await(2);
  };
  change("it leaves in good order", callers, leave, "heavy");
  Node* doomed = nullptr;
  change("another one joins", callers, [&] {
    doomed = &join("doomed", {{"node.weight", 2}});
    await(3);
  });
  const auto kill = [&] {
    cluster_.kill(*doomed);
    await(2);
  };
  change("and is killed", callers, kill, "doomed");
  const auto kill_client = [&] {
    const Fields report = client.must("traffic_stop");
    EXPECT_EQ(report.number("failures"), 0) << report.text("failure");
    cluster_.kill(client);
    join("client-2", {{"node.role", "client"}});
    await(2);
  };
  change("the client goes and a second one comes", {&a, &b, &sourceless}, kill_client, "client");
  for (Node* node : {&a, &b, &sourceless}) {
    const Fields report = node->must("traffic_stop");
    EXPECT_EQ(report.number("failures"), 0) << report.text("failure");
  }
}

// Where nobody has a source, members hold what is put; as soon as somebody has one, the others own
// nothing. A client holds nothing in either case.
TEST_F(Ring, AClientOwnsNothingEvenWhereNobodyHasASource) {
  Node& a = join("A", {}, false);
  Node& client = join("client", {{"node.role", "client"}}, false);
  await(1);
  for (size_t key = 0; key < 50; ++key) {
    ASSERT_EQ(client.put(Ledger::key(key), "x").text("status"), "OK");
    ASSERT_EQ(client.get(Ledger::key(key)).text("status"), "OK");
  }
  EXPECT_EQ(entries_of(a), 50);
  EXPECT_EQ(entries_of(client), 0);

  Node& b = join("B");
  await(1);
  EXPECT_EQ(client.get("k1").text("status"), "OK");
  EXPECT_EQ(cluster_.ledger().total(1), 1U) << "what it does not hold comes from its source";
  EXPECT_EQ(entries_of(b), 1);
}

}  // namespace
}  // namespace cluster
