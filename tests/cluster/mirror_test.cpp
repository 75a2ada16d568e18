#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <map>

#include "common/deadline.h"
#include "harness/cluster.h"

// Hot keys are lent to those that ask for them, and taken back before a write is answered.
namespace cluster {
namespace {

constexpr Milliseconds kLong{60'000};  // no test takes so long: only a recall ends it
constexpr size_t kAtOnce = 16;         // questions that make a key hot
constexpr size_t kManyKeys = 12;

Cluster::Setup mirrored(Milliseconds lease) {
  Cluster::Setup setup;
  setup.keyspace = {
      {"set.bytes.max", "64MiB"}, {"set.mirror", "hot"}, {"set.mirror.lease.ms", lease.count()}};
  return setup;
}

class Mirrors : public ::testing::Test {
 protected:
  explicit Mirrors(Milliseconds of_lease = kLong) : lease(of_lease), cluster(mirrored(lease)) {
    cluster.start(3);
    met = Clock::now();
    key = Ledger::key(cluster.fresh_key_of(owner()));
  }
  Node& owner() { return cluster[0]; }
  Node& holder() { return cluster[1]; }
  Node& other() { return cluster[2]; }

  // Until what former owners may have lent is over: they had all keys until the last one joined.
  void settle() {
    const auto until = met + lease + lease / 16;
    ASSERT_TRUE(eventually(kUsualPatience, [&] { return Clock::now() > until; }));
  }
  // Asks for a key until it is kept there.
  void borrow(Node& node, const std::string& which) {
    const bool lent = eventually(kUsualPatience, [&] {
      std::vector<Ticket> gets;
      for (size_t i = 0; i < kAtOnce; ++i) gets.push_back(node.start("get", {{"key", which}}));
      for (const Ticket& get : gets) node.wait(get);
      return node.call("peek", {{"key", which}}).text("status") == "OK";
    });
    ASSERT_TRUE(lent) << node.name() << " is never lent " << which;
  }
  // The same delete until it is answered: on a slow machine the answer may come too late, be it
  // that of the next candidate to the owner.
  Fields told(Node& node, const std::string& verb, Fields command) {
    command.set({"timeout", 500});
    Fields answer;
    eventually(kUsualPatience, [&] {
      answer = node.call(verb, command);
      const std::string all = answer.line();
      return all.find("UNKNOWN") == std::string::npos &&
             all.find("TIMED_OUT") == std::string::npos && !names_a_runner(answer);
    });
    return answer;
  }
  bool names_a_runner(const Fields& answer) {
    std::vector<Fields> all = {answer};
    for (const std::string& item : answer.list("items")) all.push_back(Fields::parse(item));
    return std::any_of(all.begin(), all.end(), [this](const Fields& one) {
      const std::vector<std::string> missed = one.list("missed");
      return std::any_of(missed.begin(), missed.end(),
                         [this](const std::string& name) { return name != holder().name(); });
    });
  }
  // Once this returns none of its threads runs any more: a signal alone takes a while.
  static void stop(Node& node) {
    node.child().signal(SIGSTOP);
    siginfo_t info{};
    ASSERT_EQ(waitid(P_PID, static_cast<id_t>(node.child().pid()), &info, WSTOPPED), 0);
  }
  static int64_t stat(Node& node, const std::string& name) {
    return node.must("stats").number(name);
  }

  const Milliseconds lease;
  Cluster cluster;
  Clock::time_point met;
  std::string key;
};

class ShortMirrors : public Mirrors {
 protected:
  ShortMirrors() : Mirrors(Milliseconds(1'000)) {}
};

class SomeMirrors : public Mirrors {
 protected:
  SomeMirrors() : Mirrors(Milliseconds(5'000)) {}
};

TEST_F(Mirrors, AHotKeyIsReadWithoutItsOwner) {
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

TEST_F(Mirrors, AColdKeyIsNotLent) {
  owner().put(key, "value");
  EXPECT_EQ(holder().value(key), "value");
  EXPECT_EQ(holder().call("peek", {{"key", key}}).text("status"), "NOT_CACHED");
}

// An OK has to be the truth at once: nobody has it any more, though the leases run for a minute.
TEST_F(Mirrors, AWriteOfAHotKeyTakesEveryMirrorBack) {
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

// Of a cold key they have missed nobody, unless the silent one comes next for it.
TEST_F(SomeMirrors, DeletesOfManyTellOfEachKeyWhomTheyHaveMissed) {
  owner().put(key, "old");
  std::vector<std::string> keys = {key};
  while (keys.size() < kManyKeys) keys.push_back(Ledger::key(cluster.fresh_key_of(owner())));
  settle();
  borrow(holder(), key);
  stop(holder());
  Fields command;
  command.set_list("keys", keys);
  const Fields many = told(other(), "delete_many", command);
  holder().child().signal(SIGCONT);
  const std::vector<std::string> items = many.list("items");
  ASSERT_EQ(items.size(), keys.size()) << many.line();
  std::map<std::string, size_t> times;
  for (const std::string& item : items) {
    const Fields one = Fields::parse(item);
    const std::string status = one.text("status");
    ++times[status];
    const std::vector<std::string> missed = one.list("missed");
    EXPECT_EQ(missed, status == "OK" ? std::vector<std::string>{}
                                     : std::vector<std::string>{holder().name()})
        << item;
  }
  EXPECT_EQ(Fields::parse(items[0]).text("status"), "PARTIAL") << items[0];
  EXPECT_GT(times["OK"], 0U) << many.line();
  EXPECT_EQ(times["OK"] + times["PARTIAL"], keys.size()) << many.line();
  cluster.await_agreement(cluster.nodes(), 3);
}

TEST_F(Mirrors, ADeleteNamesTheHolderThatIsSilent) {
  owner().put(key, "old");
  borrow(holder(), key);
  stop(holder());
  const Fields answer = told(other(), "delete", {{"key", key}});
  holder().child().signal(SIGCONT);
  EXPECT_EQ(answer.text("status"), "PARTIAL") << answer.line();
  EXPECT_EQ(answer.list("missed"), std::vector<std::string>{holder().name()});
  EXPECT_EQ(answer.number("retriable"), 1);
  EXPECT_EQ(other().remove(key).text("status"), "OK");
  EXPECT_NE(holder().value(key), "old");
  cluster.await_agreement(cluster.nodes(), 3);
}

// The lease ends for a process that is stopped as well.
TEST_F(ShortMirrors, AWriteWithTimeWaitsForTheLeaseOfTheSilent) {
  owner().put(key, "old");
  borrow(holder(), key);
  stop(holder());
  const Fields answer = other().remove(key, {{"timeout", 30'000}});
  holder().child().signal(SIGCONT);
  EXPECT_EQ(answer.text("status"), "OK") << answer.line();
  EXPECT_NE(holder().value(key), "old");
  cluster.await_agreement(cluster.nodes(), 3);
}

// The new process of an owner does not know what the one before it lent.
TEST_F(Mirrors, NothingOfAnOwnerThatWasKilledIsLeft) {
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
