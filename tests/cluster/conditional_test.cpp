#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "common/deadline.h"
#include "harness/cluster.h"

// put_if by processes that count on at one key.
namespace cluster {
namespace {

class Conditional : public ::testing::Test {
 protected:
  Conditional() : cluster(quiet()) {
    cluster.start(3);
    key = Ledger::key(cluster.fresh_key_of(cluster[0]));
  }
  static Cluster::Setup quiet() {
    Cluster::Setup setup;
    setup.keyspace = {{"set.bytes.max", "64MiB"}, {"set.mirror", "off"}};
    return setup;
  }
  Ticket count(size_t node, int64_t rounds) {
    return cluster[node].start("count", {{"key", key}, {"threads", 2}, {"rounds", rounds}});
  }
  int64_t number() { return std::atoll(cluster[0].value(key).c_str()); }

  Cluster cluster;
  std::string key;
};

TEST_F(Conditional, NoCountIsLostAndNoneIsMadeTwiceBesideOneThatIsKilled) {
  constexpr int64_t kRounds = 300;
  constexpr int64_t kEndless = 1'000'000'000;
  ASSERT_EQ(cluster[0].put(key, "0").text("status"), "OK");
  const std::vector<Ticket> counts = {count(0, kRounds), count(1, kRounds)};
  count(2, kEndless);
  ASSERT_TRUE(eventually(kUsualPatience, [&] { return number() >= kRounds / 2; }));
  cluster.kill(cluster[2]);

  std::set<std::string> put;
  size_t all = 0;
  int64_t highest = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    const Fields seen = cluster[i].wait(counts[i]);
    EXPECT_EQ(seen.number("failures"), 0);
    for (const std::string& text : seen.list("put")) {
      ++all;
      EXPECT_TRUE(put.insert(text).second) << "two have made " << text << " of one version";
      highest = std::max<int64_t>(highest, std::atoll(text.c_str()));
    }
  }
  EXPECT_EQ(all, 4U * kRounds);
  // Whatever was put is counted in what is there; the one that was killed has its part in it, too.
  EXPECT_GE(number(), highest);
  EXPECT_GE(number(), static_cast<int64_t>(all));
}

}  // namespace
}  // namespace cluster
