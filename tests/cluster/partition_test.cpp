#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>

#include "common/deadline.h"
#include "harness/cluster.h"

// What a node does that no longer hears from most of the others, with each value of `partition`.
namespace cluster {
namespace {

constexpr Milliseconds kLease{1'000};

class Partition : public ::testing::Test {
 protected:
  explicit Partition(const char* mode = "bounded") : cluster(with(mode)) {
    cluster.start(3);
    key = Ledger::key(cluster.fresh_key_of(alone()));
  }
  static Cluster::Setup with(const char* mode) {
    Cluster::Setup setup;
    setup.keyspace = {{"set.bytes.max", "64MiB"},
                      {"set.mirror", "off"},
                      {"set.partition", mode},
                      {"set.mirror.lease.ms", kLease.count()}};
    return setup;
  }
  Node& alone() { return cluster[0]; }

  // Once this returns none of their threads runs any more: a signal alone takes a while.
  void stop_the_others() {
    for (size_t i = 1; i < cluster.size(); ++i) {
      cluster[i].child().signal(SIGSTOP);
      siginfo_t info{};
      ASSERT_EQ(waitid(P_PID, static_cast<id_t>(cluster[i].child().pid()), &info, WSTOPPED), 0);
    }
  }
  void wake_the_others() {
    for (size_t i = 1; i < cluster.size(); ++i) cluster[i].child().signal(SIGCONT);
    cluster.await_agreement(cluster.nodes(), 3);
  }
  // The same put until it is answered so: before, the others may have yet to confirm the owner.
  bool puts(const std::string& value, const std::string& status, const std::string& missed) {
    return eventually(kUsualPatience, [&] {
      const Fields answer = alone().put(key, value, {{"timeout", 1'000}});
      std::vector<std::string> names = answer.list("missed");
      std::sort(names.begin(), names.end());
      std::string all;
      for (const std::string& name : names) all += name;
      return answer.text("status") == status && all == missed;
    });
  }
  bool has(const std::string& which) {
    return alone().call("peek", {{"key", which}}).text("status") == "OK";
  }
  bool has_none(const std::string& which) {
    return eventually(kUsualPatience, [&] { return !has(which); });
  }

  Cluster cluster;
  std::string key;
};

class PartitionServe : public Partition {
 protected:
  PartitionServe() : Partition("serve") {}
};

TEST_F(Partition, BoundedDropsWhatItHasWhenMostOthersAreSilent) {
  ASSERT_TRUE(puts("old", "OK", ""));
  stop_the_others();
  EXPECT_TRUE(has_none(key));
  // What it loads by itself is gone after a lease, too.
  EXPECT_EQ(alone().get(key, {{"timeout", 60'000}}).text("status"), "OK");
  EXPECT_TRUE(has_none(key));
  wake_the_others();
}

TEST_F(Partition, BoundedNamesAllThatAreMissingUntilTheyAreBack) {
  ASSERT_TRUE(puts("old", "OK", ""));
  stop_the_others();
  EXPECT_TRUE(puts("new", "PARTIAL", "BC"));
  wake_the_others();
  EXPECT_TRUE(puts("newer", "OK", ""));
}

TEST_F(Partition, BoundedGoesOnWhereAMajorityIsLeft) {
  ASSERT_TRUE(puts("old", "OK", ""));  // all three have agreed
  cluster[2].child().signal(SIGSTOP);
  cluster.await_agreement({&cluster[0], &cluster[1]}, 2);
  EXPECT_TRUE(eventually(kUsualPatience, [&] {
    const std::string any = Ledger::key(cluster.fresh_key_of(alone()));
    return alone().put(any, "value", {{"timeout", 1'000}}).text("status") == "OK";
  }));
  cluster[2].child().signal(SIGCONT);
  cluster.await_agreement(cluster.nodes(), 3);
}

TEST_F(PartitionServe, ServeGoesOnWithWhatItHas) {
  ASSERT_TRUE(puts("old", "OK", ""));
  const auto stopped = Clock::now();
  stop_the_others();
  cluster.await_agreement({&alone()}, 1);
  ASSERT_TRUE(eventually(kUsualPatience, [&] { return Clock::now() > stopped + 3 * kLease; }));
  EXPECT_TRUE(has(key));
  EXPECT_EQ(alone().value(key), "old");
  wake_the_others();
}

}  // namespace
}  // namespace cluster
