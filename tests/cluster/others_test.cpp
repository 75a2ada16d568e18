#include <gtest/gtest.h>

#include <csignal>

#include "harness/cluster.h"

// Faults that users of other caches reported, each under the name of its report: the same steps,
// and what must not come of them here. docs/evidence.md tells which test stands for which report.
namespace cluster {
namespace {

constexpr size_t kKeys = 60;

void change_source(Cluster& cluster, const std::string& content) {
  for (Node* node : cluster.nodes()) node->must("content", {{"text", content}});
}

bool is_of(const std::string& value, const std::string& content) {
  return value.find('/' + content + '/') != std::string::npos;
}

// The keys for which some node answers with what the source said `content` ago.
size_t answers_with(const std::vector<Node*>& nodes, const std::vector<std::string>& keys,
                    const std::string& content) {
  size_t count = 0;
  for (const std::string& key : keys) {
    for (Node* node : nodes) count += is_of(node->value(key), content) ? 1 : 0;
  }
  return count;
}

std::vector<std::string> fresh_keys(Cluster& cluster, size_t count) {
  std::vector<std::string> keys;
  while (keys.size() < count) keys.push_back(Ledger::key(cluster.fresh_key()));
  return keys;
}

// All have read all keys, again and again.
void warm(Cluster& cluster, const std::vector<std::string>& keys) {
  for (int round = 0; round < 5; ++round) {
    ASSERT_EQ(answers_with(cluster.nodes(), keys, "first"), keys.size() * cluster.size());
  }
}

// groupcache-go: RemoveKeys reaches only the owners of the keys and answers that all is well.
TEST(Others, GroupcacheGoRemoveKeys) {
  Cluster cluster;
  cluster.start(3);
  const std::vector<std::string> keys = fresh_keys(cluster, kKeys);
  warm(cluster, keys);
  change_source(cluster, "second");
  Fields all;
  all.set_list("keys", keys);
  const Fields answer = cluster[0].must("delete_many", all);
  for (const std::string& item : answer.list("items")) {
    EXPECT_EQ(Fields::parse(item).text("status"), "OK");
  }
  EXPECT_EQ(answers_with(cluster.nodes(), keys, "first"), 0U);
}

// groupcache-go: two members set one key at once, and each goes on with its own value.
TEST(Others, GroupcacheGoSetDivergence) {
  Cluster cluster;
  cluster.start(3);
  for (const std::string& key : fresh_keys(cluster, kKeys)) {
    const Ticket one = cluster[0].start("put", {{"key", key}, {"value", "one"}});
    const Ticket other = cluster[1].start("put", {{"key", key}, {"value", "other"}});
    EXPECT_EQ(cluster[0].wait(one).text("status"), "OK");
    EXPECT_EQ(cluster[1].wait(other).text("status"), "OK");
    const std::string seen = cluster[2].value(key);
    EXPECT_EQ(cluster[0].value(key), seen);
    EXPECT_EQ(cluster[1].value(key), seen);
  }
}

// groupcache-go, ISPN-3197, ISPN-3737: the owner's answer to a reader is on its way when a delete
// passes, and the reader keeps it.
TEST(Others, GroupcacheGoHotReplyRaceIspn3197Ispn3737) {
  Cluster cluster;
  cluster.start(3);
  std::vector<std::string> keys;
  std::vector<Ticket> readers;
  for (size_t i = 0; i < kKeys; ++i) keys.push_back(Ledger::key(cluster.fresh_key_of(cluster[0])));
  warm(cluster, keys);
  change_source(cluster, "second");
  for (const std::string& key : keys) {
    readers.push_back(cluster[1].start("get", {{"key", key}}));
    EXPECT_EQ(cluster[2].remove(key).text("status"), "OK");
  }
  for (const Ticket& reader : readers) EXPECT_EQ(cluster[1].wait(reader).text("status"), "OK");
  EXPECT_EQ(answers_with(cluster.nodes(), keys, "first"), 0U);
}

// groupcache-go: sequential keys go to one member. 25 % more than fair is far beyond chance here.
TEST(Others, GroupcacheGoFnvSkew) {
  constexpr int kSequence = 1'500;
  Cluster cluster;
  cluster.start(3);
  std::map<std::string, int> share;
  for (int i = 0; i < kSequence; ++i) {
    const std::string digits = std::to_string(i);
    const std::string key = "tenant/42/item/" + std::string(8 - digits.size(), '0') + digits;
    ++share[cluster[0].must("explain", {{"key", key}}).text("owner")];
  }
  ASSERT_EQ(share.size(), 3U);
  for (const auto& [name, keys] : share) EXPECT_LT(keys, kSequence * 5 / 12) << name;
}

// mailgun#30: a reader who gives up takes everybody who waits for the same key along.
TEST(Others, Mailgun30) {
  Cluster cluster;
  cluster.start(3);
  const size_t number = cluster.fresh_key_of(cluster[0]);
  const std::string key = Ledger::key(number);
  cluster[0].must("gate", {{"do", "close"}, {"key", key}, {"stage", "answer"}});
  const Ticket hasty = cluster[1].start("get", {{"key", key}, {"timeout", 100}});
  cluster[0].must("await_gate", {{"key", key}, {"stage", "answer"}});
  const Ticket patient = cluster[1].start("get", {{"key", key}, {"timeout", 60'000}});
  EXPECT_EQ(cluster[1].wait(hasty).text("status"), "TIMED_OUT");
  cluster[0].must("gate", {{"do", "open"}, {"key", key}, {"stage", "answer"}});
  EXPECT_EQ(cluster[1].wait(patient).text("status"), "OK");
  EXPECT_EQ(cluster.ledger().total(number), 1U);
}

// mailgun#54: a value that was removed comes back from a member that was just fetching it.
TEST(Others, Mailgun54) {
  Cluster cluster;
  cluster.start(3);
  const std::string key = Ledger::key(cluster.fresh_key_of(cluster[0]));
  cluster[0].must("gate", {{"do", "close"}, {"key", key}, {"stage", "answer"}});
  const Ticket fetching = cluster[1].start("get", {{"key", key}});
  cluster[0].must("await_gate", {{"key", key}, {"stage", "answer"}});
  change_source(cluster, "second");
  for (Node* node : cluster.nodes()) EXPECT_EQ(node->remove(key).text("status"), "OK");
  cluster[0].must("gate", {{"do", "open"}, {"key", key}, {"stage", "answer"}});
  EXPECT_EQ(cluster[1].wait(fetching).text("status"), "OK");
  EXPECT_EQ(answers_with(cluster.nodes(), {key}, "first"), 0U);
}

// mailgun#69: a set leaves the copies of other members as they are.
TEST(Others, Mailgun69Set) {
  Cluster cluster;
  cluster.start(3);
  const std::vector<std::string> keys = fresh_keys(cluster, kKeys);
  warm(cluster, keys);
  for (size_t i = 0; i < keys.size(); ++i) {
    EXPECT_EQ(cluster[i % 3].put(keys[i], "put").text("status"), "OK");
    for (Node* node : cluster.nodes()) EXPECT_EQ(node->value(keys[i]), "put");
  }
}

// mailgun#69: a remove that did not reach a member is reported as done.
TEST(Others, Mailgun69Remove) {
  Cluster cluster;
  cluster.start(3);
  const std::string key = Ledger::key(cluster.fresh_key_of(cluster[2]));
  warm(cluster, {key});
  cluster[2].child().signal(SIGSTOP);
  const Fields removed = cluster[0].remove(key, {{"timeout", 500}});
  EXPECT_NE(removed.text("status"), "OK");
  EXPECT_NE(removed.text("text"), "");
  cluster[2].child().signal(SIGCONT);
}

// guava#1881, otter#137, FusionCache#535, #613, #625: an invalidation while a load runs is lost; or
// those who wait for the load get nothing.
TEST(Others, Guava1881Otter137FusionCache535) {
  Cluster cluster;
  cluster.start(1);
  const std::string key = Ledger::key(cluster.fresh_key());
  cluster[0].must("gate", {{"do", "close"}, {"key", key}, {"stage", "answer"}});
  const Ticket one = cluster[0].start("get", {{"key", key}});
  cluster[0].must("await_gate", {{"key", key}, {"stage", "answer"}});
  const Ticket other = cluster[0].start("get", {{"key", key}});
  cluster[0].must("await_stat", {{"stat", "joined"}, {"count", 1}});
  change_source(cluster, "second");
  EXPECT_EQ(cluster[0].remove(key).text("status"), "OK");
  cluster[0].must("gate", {{"do", "open"}, {"key", key}, {"stage", "answer"}});
  for (const Ticket& waiter : {one, other}) {
    EXPECT_TRUE(is_of(cluster[0].wait(waiter).text("value"), "first"));
  }
  EXPECT_TRUE(is_of(cluster[0].value(key), "second"));
}

// gocache#242, #251, #271, otter#152: a key is loaded again while it is loaded, or right after.
TEST(Others, Gocache242Gocache251Gocache271Otter152) {
  Cluster cluster;
  cluster.start(3);
  for (size_t i = 0; i < kKeys; ++i) {
    const size_t number = cluster.fresh_key();
    const std::string key = Ledger::key(number);
    std::vector<Ticket> readers;
    for (size_t reader = 0; reader < 9; ++reader) {
      readers.push_back(cluster[reader % 3].start("get", {{"key", key}}));
    }
    EXPECT_EQ(cluster[i % 3].get(key).text("status"), "OK");
    EXPECT_EQ(cluster[i % 3].get(key).text("status"), "OK");
    for (size_t reader = 0; reader < 9; ++reader) {
      EXPECT_EQ(cluster[reader % 3].wait(readers[reader]).text("status"), "OK");
    }
    EXPECT_EQ(cluster.ledger().total(number), 1U) << key;
  }
}

// hazelcast#6646: one slow load holds up the other keys of its owner, hits and loads.
TEST(Others, Hazelcast6646) {
  Cluster cluster;
  cluster.start(3);
  const std::string hit = Ledger::key(cluster.fresh_key_of(cluster[0]));
  const std::string load = Ledger::key(cluster.fresh_key_of(cluster[0]));
  const std::string slow = Ledger::key(cluster.fresh_key_of(cluster[0]));
  warm(cluster, {hit});
  cluster[0].must("gate", {{"do", "close"}, {"key", slow}, {"stage", "answer"}});
  const Ticket waiting = cluster[1].start("get", {{"key", slow}, {"timeout", 60'000}});
  cluster[0].must("await_gate", {{"key", slow}, {"stage", "answer"}});
  for (Node* node : cluster.nodes()) {
    EXPECT_TRUE(is_of(node->value(hit), "first"));
    EXPECT_TRUE(is_of(node->value(load), "first"));
  }
  EXPECT_FALSE(cluster[1].answered(waiting));
  cluster[0].must("gate", {{"do", "open"}, {"key", slow}, {"stage", "answer"}});
  EXPECT_EQ(cluster[1].wait(waiting).text("status"), "OK");
}

// hazelcast#13227, #24432: invalidations get lost or change places, and a member is left behind.
TEST(Others, Hazelcast13227Hazelcast24432) {
  Cluster cluster;
  cluster.start(3);
  const std::vector<std::string> keys = fresh_keys(cluster, 6);
  for (size_t round = 0; round < kKeys; ++round) {
    for (const std::string& key : keys) {
      const std::string value = "v" + std::to_string(round);
      EXPECT_EQ(cluster[round % 3].put(key, value).text("status"), "OK");
      for (Node* node : cluster.nodes()) EXPECT_EQ(node->value(key), value);
    }
  }
}

// ISPN-2474, ISPN-3635, ISPN-3838: a member that owned a key once serves its old copy when the key
// comes back to it.
TEST(Others, Ispn2474Ispn3635Ispn3838) {
  Cluster cluster;
  cluster.start(2);
  const std::vector<std::string> keys = fresh_keys(cluster, kKeys);
  warm(cluster, keys);
  Node& guest = cluster.add("C");
  cluster.await_agreement(cluster.nodes(), 3);
  change_source(cluster, "second");
  for (const std::string& key : keys) EXPECT_EQ(guest.remove(key).text("status"), "OK");
  guest.ask_to_quit();
  EXPECT_EQ(guest.quit(), "");
  cluster.forget(guest);
  cluster.await_agreement(cluster.nodes(), 2);
  EXPECT_EQ(answers_with(cluster.nodes(), keys, "first"), 0U);
}

// mcrouter#190, #202: a member that was away comes back with what was deleted meanwhile. Until it
// is back all may have what it has; P5 gives it 10 seconds then, a slow machine more.
TEST(Others, Mcrouter190Mcrouter202) {
  Cluster cluster;
  cluster.start(3);
  std::vector<std::string> keys;
  while (keys.size() < kKeys) keys.push_back(Ledger::key(cluster.fresh_key_of(cluster[2])));
  warm(cluster, keys);
  cluster[2].child().signal(SIGSTOP);
  cluster.await_agreement({&cluster[0], &cluster[1]}, 2);
  for (size_t node = 0; node < 2; ++node) cluster[node].must("content", {{"text", "second"}});
  for (const std::string& key : keys) {
    const std::string status = cluster[0].remove(key, {{"timeout", 10'000}}).text("status");
    EXPECT_TRUE(status == "OK" || status == "PARTIAL") << status;
  }
  cluster[2].child().signal(SIGCONT);
  cluster[2].must("content", {{"text", "second"}});
  cluster.await_agreement(cluster.nodes(), 3);
  EXPECT_TRUE(eventually(kUsualPatience,
                         [&] { return answers_with(cluster.nodes(), keys, "first") == 0; }));
  EXPECT_EQ(answers_with(cluster.nodes(), keys, "first"), 0U);
}

// olric#225: a member that is started anew at once is not one of the cluster, or its keys are lost
// to everybody.
TEST(Others, Olric225) {
  Cluster cluster;
  cluster.start(3);
  const std::vector<std::string> keys = fresh_keys(cluster, kKeys);
  warm(cluster, keys);
  const std::string seed = cluster[0].address();
  cluster.kill(cluster[2]);
  Node& again = cluster.spawn("C");
  ASSERT_EQ(cluster.open(again, {seed}).text("status"), "OK");
  cluster.await_agreement(cluster.nodes(), 3);
  EXPECT_EQ(answers_with(cluster.nodes(), keys, "first"), keys.size() * 3);
}

}  // namespace
}  // namespace cluster
