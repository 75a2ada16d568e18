#include <gtest/gtest.h>

#include <csignal>

#include "common/deadline.h"
#include "harness/cluster.h"

// A node dies or hangs while the others work: their callers do not notice, or not for long.
namespace cluster {
namespace {

constexpr size_t kKeys = 1'000;
constexpr size_t kThreads = 8;
constexpr int64_t kLateMs = 100;  // every call ends by its deadline + this much

// What the survivors' threads do all the time; the third node only serves.
void start_traffic(Node& node, int64_t timeout_ms) {
  node.must("traffic", {{"count", kKeys}, {"threads", kThreads}, {"timeout", timeout_ms}});
}

// Until every thread of both has got every key once more.
Fields await_pass(Node& node) { return node.must("passes", {{"passes", 1}}); }

void warm(Cluster& cluster) {
  const Fields seen = cluster[0].must("sweep", {{"count", kKeys}, {"threads", 4}});
  ASSERT_EQ(seen.number("failures"), 0) << seen.text("failure");
}

std::vector<std::string> owners(Node& node) {
  std::vector<std::string> names;
  for (size_t key = 0; key < kKeys; ++key) {
    names.push_back(node.must("explain", {{"key", Ledger::key(key)}}).text("owner"));
  }
  return names;
}

void expect_untroubled(const Fields& report) {
  EXPECT_EQ(report.number("failures"), 0) << report.text("failure");
  EXPECT_LE(report.number("late"), kLateMs);
}

TEST(Failure, KilledNodeIsNotNoticedByCallers) {
  Cluster cluster;
  cluster.start(3);
  warm(cluster);
  const std::vector<std::string> owner = owners(cluster[0]);
  start_traffic(cluster[0], 5'000);
  start_traffic(cluster[1], 5'000);
  await_pass(cluster[0]);
  await_pass(cluster[1]);

  cluster.kill(cluster[2]);

  await_pass(cluster[0]);
  await_pass(cluster[1]);
  cluster.await_agreement(cluster.nodes(), 2);
  await_pass(cluster[0]);
  await_pass(cluster[1]);
  expect_untroubled(cluster[0].must("traffic_stop"));
  expect_untroubled(cluster[1].must("traffic_stop"));

  size_t moved_too_often = 0;
  size_t stayed_and_loaded = 0;
  for (size_t key = 0; key < kKeys; ++key) {
    const uint32_t loads = cluster.ledger().total(key);
    if (owner[key] == "C") {
      moved_too_often += loads > 1 + 2 ? 1 : 0;  // by who stood in for it, and by the new owner
    } else {
      stayed_and_loaded += loads != 1 ? 1 : 0;
    }
  }
  EXPECT_EQ(moved_too_often, 0U) << "keys of the dead node that were loaded more than twice again";
  EXPECT_EQ(stayed_and_loaded, 0U) << "keys of the living that were loaded again";
}

TEST(Failure, StoppedNodeIsRoutedAround) {
  Cluster cluster;
  cluster.start(3);
  warm(cluster);
  start_traffic(cluster[0], 1'000);
  start_traffic(cluster[1], 1'000);
  await_pass(cluster[0]);
  await_pass(cluster[1]);

  cluster[2].child().signal(SIGSTOP);

  const std::vector<Node*> living{&cluster[0], &cluster[1]};
  cluster.await_agreement(living, 2);
  for (Node* node : living) {
    // Until it was noticed, calls that were under way may have ended at their own deadline.
    const Fields report = node->must("traffic_report", {{"reset", 1}});
    EXPECT_EQ(report.number("failures"), report.number("failures.TIMED_OUT"))
        << report.text("failure");
    EXPECT_LE(report.number("failures"), static_cast<int64_t>(4 * kThreads));
    EXPECT_LE(report.number("late"), kLateMs);
  }
  // Those that were under way when it was noticed have ended by now; nobody fails any more.
  for (Node* node : living) await_pass(*node);
  for (Node* node : living) node->must("traffic_report", {{"reset", 1}});
  for (Node* node : living) expect_untroubled(await_pass(*node));

  cluster[2].child().signal(SIGCONT);
  const auto woken = Clock::now();
  cluster.await_agreement(cluster.nodes(), 3);
  EXPECT_LE(ms_between(woken, Clock::now()), 5'000);
  for (Node* node : living) await_pass(*node);
  for (Node* node : living) expect_untroubled(node->must("traffic_stop"));
  EXPECT_EQ(cluster[2].must("sweep", {{"count", kKeys}}).number("failures"), 0);
}

// Reads and writes that need the stopped node, with deadlines shorter than it takes to notice.
TEST(Failure, StoppedNodeHoldsNoCallBeyondItsDeadline) {
  Cluster cluster;
  cluster.start(3);
  warm(cluster);
  const std::vector<Node*> living{&cluster[0], &cluster[1]};
  for (Node* node : living) {
    node->must("traffic",
               {{"count", kKeys}, {"threads", kThreads}, {"timeout", 200}, {"writes", 4}});
    await_pass(*node);
  }
  cluster[2].child().signal(SIGSTOP);
  cluster.await_agreement(living, 2);
  for (Node* node : living) {
    const Fields report = node->must("traffic_stop");
    EXPECT_GT(report.number("failures"), 0);  // else nothing waited for the stopped node
    EXPECT_EQ(report.number("failures"), report.number("failures.TIMED_OUT") +
                                             report.number("failures.UNKNOWN") +
                                             report.number("failures.PARTIAL"))
        << report.text("failure");
    EXPECT_LE(report.number("late"), kLateMs);
  }
  cluster[2].child().signal(SIGCONT);
  cluster.await_agreement(cluster.nodes(), 3);
}

// What is silent is unknown until it is missed; from then on it is named. The other keys of the
// call are done, or name it as well: it may be who is to know of them next.
TEST(Failure, DeletesOfManySayOfEachKeyWhatHappened) {
  Cluster cluster;
  cluster.start(3);
  Node& silent = cluster[2];
  Fields command{{"timeout", 500}};
  command.set_list("keys", {Ledger::key(cluster.fresh_key_of(cluster[0])),
                            Ledger::key(cluster.fresh_key_of(silent))});
  std::vector<Fields> items;
  const auto remove_both = [&] {
    items.clear();
    const Fields answer = cluster[1].call("delete_many", command);
    for (const std::string& item : answer.list("items")) items.push_back(Fields::parse(item));
    return items.size() == 2;
  };
  const std::vector<std::string> missed{silent.name()};
  const auto done = [&](const Fields& item) {
    return item.text("status") == "OK" ||
           (item.text("status") == "PARTIAL" && item.list("missed") == missed);
  };
  ASSERT_TRUE(remove_both());
  EXPECT_TRUE(eventually(kUsualPatience, [&] {
    return remove_both() && items[0].text("status") == "OK" && items[1].text("status") == "OK";
  }));

  // On a slow machine it may be missed before the call.
  EXPECT_TRUE(eventually(kUsualPatience,
                         [&] {
                           silent.child().signal(SIGSTOP);
                           const bool unknown = remove_both() && done(items[0]) &&
                                                items[1].text("status") == "UNKNOWN";
                           if (unknown) return true;
                           silent.child().signal(SIGCONT);
                           cluster.await_agreement(cluster.nodes(), 3);
                           return false;
                         }))
      << items[0].line() << "; " << items[1].line();

  EXPECT_TRUE(eventually(kUsualPatience,
                         [&] {
                           return remove_both() && done(items[0]) &&
                                  items[1].text("status") == "PARTIAL" &&
                                  items[1].list("missed") == missed;
                         }))
      << items[0].line() << "; " << items[1].line();
  silent.child().signal(SIGCONT);
  cluster.await_agreement(cluster.nodes(), 3);
}

TEST(Failure, KilledNodeComesBackEmptyUnderItsName) {
  Cluster cluster;
  cluster.start(3);
  warm(cluster);
  const std::vector<std::string> before = owners(cluster[0]);
  start_traffic(cluster[0], 5'000);
  await_pass(cluster[0]);

  const std::string seed = cluster[0].address();
  cluster.kill(cluster[2]);
  Node& again = cluster.spawn("C");
  ASSERT_EQ(cluster.open(again, {seed}).text("status"), "OK");
  cluster.await_agreement(cluster.nodes(), 3);
  // What it holds by now it has loaded itself.
  const Fields empty_handed = again.must("stats");
  EXPECT_LE(empty_handed.number("entries"), empty_handed.number("loads"));
  await_pass(cluster[0]);
  expect_untroubled(cluster[0].must("traffic_stop"));

  EXPECT_EQ(owners(cluster[1]), before);
  EXPECT_GT(again.must("stats").number("entries"), 0);
}

}  // namespace
}  // namespace cluster
