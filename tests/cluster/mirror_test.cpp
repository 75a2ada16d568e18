#include <gtest/gtest.h>

#include <csignal>

#include "common/deadline.h"
#include "harness/cluster.h"

// Hot keys are lent to those that ask for them, and taken back before a write is answered.
namespace cluster {
namespace {

constexpr Milliseconds kLease{1'000};
constexpr Milliseconds kLate{50};  // P2: the lease and this much

Cluster::Setup mirrored(const std::string& mode, Milliseconds lease) {
  Cluster::Setup setup;
  setup.keyspace = {
      {"set.bytes.max", "64MiB"}, {"set.mirror", mode}, {"set.mirror.lease.ms", lease.count()}};
  return setup;
}

class Mirrors : public ::testing::Test {
 protected:
  explicit Mirrors(const std::string& mode = "hot", Milliseconds lease = kLease)
      : cluster(mirrored(mode, lease)) {
    cluster.start(3);
    key = Ledger::key(cluster.fresh_key_of(owner()));
  }
  Node& owner() { return cluster[0]; }
  Node& holder() { return cluster[1]; }
  Node& other() { return cluster[2]; }

  // Until what former owners may have lent is over: they had all keys until the last one joined.
  void settle() {
    const auto until = Clock::now() + kLease + kLease / 32 + kLate;
    ASSERT_TRUE(eventually(kUsualPatience, [&] { return Clock::now() > until; }));
  }
  // Asks for a key until it is kept here.
  void borrow(Node& node, const std::string& which) {
    const bool lent = eventually(kUsualPatience, [&] {
      node.get(which);
      return node.call("peek", {{"key", which}}).text("status") == "OK";
    });
    ASSERT_TRUE(lent) << node.name() << " is never lent " << which;
  }
  static int64_t stat(Node& node, const std::string& name) {
    return node.must("stats").number(name);
  }

  Cluster cluster;
  std::string key;
};

class LongMirrors : public Mirrors {
 protected:
  LongMirrors() : Mirrors("hot", Milliseconds(60'000)) {}
};

TEST_F(LongMirrors, AHotKeyIsReadWithoutItsOwner) {
  owner().put(key, "value");
  for (Node* node : {&holder(), &other()}) borrow(*node, key);
  const int64_t asked = stat(owner(), "peer_requests");
  const int64_t hits = stat(holder(), "mirror_hits");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(holder().value(key), "value");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(other().value(key), "value");
  EXPECT_EQ(stat(owner(), "peer_requests"), asked);
  EXPECT_EQ(stat(holder(), "mirror_hits"), hits + 100);
  EXPECT_EQ(stat(holder(), "mirror_entries"), 1);
}

TEST_F(LongMirrors, AColdKeyIsNotLent) {
  owner().put(key, "value");
  EXPECT_EQ(holder().value(key), "value");
  EXPECT_EQ(holder().call("peek", {{"key", key}}).text("status"), "NOT_CACHED");
}

// An OK has to be the truth at once: nobody has it any more, though the leases run for a minute.
TEST_F(LongMirrors, AWriteOfAHotKeyTakesEveryMirrorBack) {
  for (int round = 0; round < 20; ++round) {
    const std::string value = "value-" + std::to_string(round);
    Node& writer = cluster[static_cast<size_t>(round) % 3];
    ASSERT_EQ(writer.put(key, value).text("status"), "OK");
    for (Node* node : cluster.nodes()) EXPECT_EQ(node->value(key), value) << node->name();
    for (Node* node : {&holder(), &other()}) borrow(*node, key);
    ASSERT_EQ(writer.remove(key).text("status"), "OK");
    for (Node* node : cluster.nodes()) {
      EXPECT_EQ(node->call("peek", {{"key", key}}).text("status"), "NOT_CACHED") << node->name();
    }
  }
}

TEST_F(Mirrors, DeletesOfManyTellOfEachKeyWhomTheyHaveMissed) {
  owner().put(key, "old");
  const std::string cold = Ledger::key(cluster.fresh_key_of(owner()));
  settle();
  borrow(holder(), key);
  holder().child().signal(SIGSTOP);
  Fields command{{"timeout", 300}};
  command.set_list("keys", {key, cold});
  const Fields many = other().call("delete_many", command);
  const auto answered = Clock::now();
  const std::vector<std::string> items = many.list("items");
  ASSERT_EQ(items.size(), 2U) << many.line();
  const Fields hot = Fields::parse(items[0]);
  EXPECT_EQ(hot.text("status"), "PARTIAL") << items[0];
  EXPECT_EQ(hot.list("missed"), std::vector<std::string>{holder().name()});
  EXPECT_EQ(Fields::parse(items[1]).text("status"), "OK") << items[1];

  // The lease ends for a process that is stopped as well.
  EXPECT_TRUE(eventually(kUsualPatience, [&] { return Clock::now() > answered + kLease + kLate; }));
  holder().child().signal(SIGCONT);
  EXPECT_NE(holder().value(key), "old");
  cluster.await_agreement(cluster.nodes(), 3);
}

TEST_F(Mirrors, ADeleteNamesTheHolderThatIsSilent) {
  owner().put(key, "old");
  borrow(holder(), key);
  holder().child().signal(SIGSTOP);
  const Fields answer = other().remove(key, {{"timeout", 300}});
  holder().child().signal(SIGCONT);
  EXPECT_EQ(answer.text("status"), "PARTIAL") << answer.line();
  EXPECT_EQ(answer.list("missed"), std::vector<std::string>{holder().name()});
  EXPECT_EQ(answer.number("retriable"), 1);
  EXPECT_EQ(other().remove(key).text("status"), "OK");
  EXPECT_NE(holder().value(key), "old");
  cluster.await_agreement(cluster.nodes(), 3);
}

TEST_F(Mirrors, AWriteWithTimeWaitsForTheLeaseOfTheSilent) {
  owner().put(key, "old");
  borrow(holder(), key);
  holder().child().signal(SIGSTOP);
  const Fields answer = other().remove(key, {{"timeout", 30'000}});
  holder().child().signal(SIGCONT);
  EXPECT_EQ(answer.text("status"), "OK") << answer.line();
  EXPECT_NE(holder().value(key), "old");
  cluster.await_agreement(cluster.nodes(), 3);
}

// The new process of an owner does not know what the one before it lent.
TEST_F(LongMirrors, NothingOfAnOwnerThatWasKilledIsLeft) {
  owner().put(key, "old");
  borrow(holder(), key);
  cluster.kill(owner());
  Node& back = cluster.respawn(owner());
  ASSERT_EQ(cluster.open(back, {holder().address()}).text("status"), "OK");
  cluster.await_agreement(cluster.nodes(), 3);
  ASSERT_EQ(other().remove(key, {{"timeout", 30'000}}).text("status"), "OK");
  EXPECT_NE(holder().value(key), "old");
}

}  // namespace
}  // namespace cluster
