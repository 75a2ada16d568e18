#include "core/cluster/swim/failure_detector.h"

#include <gtest/gtest.h>

namespace distcache::core {
namespace {

constexpr MemberId kAccused = 9;

struct Detecting {
  explicit Detecting(MemberId members) : detector({}, 42, 43) {
    for (MemberId member = 1; member <= members; ++member) detector.watch(member);
    detector.watch(kAccused);
  }
  void tick(Duration later = {}) {
    now = now + later;
    out = {};
    detector.tick(now, out);
  }

  Instant now = Instant::from_ns(1'000'000'000);
  FailureDetector detector;
  FailureDetector::Outcome out;
};

TEST(FailureDetector, WhoIsAccusedAndDoesNotSpeakUpIsDead) {
  Detecting node(3);
  EXPECT_TRUE(node.detector.accuse(kAccused, 1, false, node.now));
  EXPECT_FALSE(node.detector.accuse(kAccused, 1, false, node.now)) << "no news";
  for (const MemberId accuser : {2, 3, 4}) node.detector.accuse(kAccused, accuser, false, node.now);
  const Instant accused = node.now;
  while (node.out.dead.empty()) node.tick(Duration::ms(10));
  EXPECT_EQ(node.now - accused, Duration::seconds(2));
  EXPECT_EQ(node.out.dead, std::vector<MemberId>{kAccused});
}

TEST(FailureDetector, AnAccusedIsAskedForItsLastWordBeforeItIsDead) {
  Detecting node(20);
  node.tick();
  node.detector.accuse(kAccused, 1, false, node.now);
  std::vector<Instant> asked;
  while (node.out.dead.empty()) {
    node.tick(Duration::ms(10));
    for (const Prober::Probe& probe : node.out.probes) {
      if (probe.to == kAccused && probe.nonce == 0) asked.push_back(node.now);
    }
  }
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(node.now - asked[0], SwimOptions().probe_interval);
}

TEST(FailureDetector, HasTimeToAnswerWhereTheSuspicionEndsAllOfASudden) {
  Detecting node(20);
  node.tick();
  node.detector.accuse(kAccused, 1, false, node.now);
  for (int i = 0; i < 500; ++i) node.tick(Duration::ms(10));
  for (const MemberId accuser : {2, 3, 4}) node.detector.accuse(kAccused, accuser, false, node.now);
  const Instant confirmed = node.now;
  while (node.out.dead.empty()) node.tick(Duration::ms(10));
  EXPECT_EQ(node.now - confirmed, SwimOptions().probe_timeout + Duration::ms(10));
}

TEST(FailureDetector, WhoSpeaksUpIsNot) {
  Detecting node(3);
  node.detector.accuse(kAccused, 1, false, node.now);
  node.detector.acquit(kAccused);
  EXPECT_FALSE(node.detector.suspects(kAccused));
  for (int i = 0; i < 2000; ++i) {
    node.tick(Duration::ms(10));
    ASSERT_TRUE(node.out.dead.empty());
  }
}

TEST(FailureDetector, RefusedByAllMeansByEveryMemberThatIsNotSuspectedItself) {
  Detecting node(3);  // and this one
  const MemberId self = 77;
  node.detector.accuse(kAccused, self, true, node.now);
  node.detector.accuse(kAccused, 1, true, node.now);
  node.detector.accuse(kAccused, 2, false, node.now);
  EXPECT_TRUE(node.detector.accuse(kAccused, 2, true, node.now)) << "news: it is refused now";
  EXPECT_FALSE(node.detector.refused_by_all(kAccused));
  node.detector.accuse(3, self, false, node.now);
  EXPECT_TRUE(node.detector.refused_by_all(kAccused)) << "3 may be dead too";
}

TEST(FailureDetector, AFavourEndsWithTheAnswerOrIsDeclined) {
  Detecting node(3);
  const auto first = node.detector.probe_for(1001, 5, kAccused, node.now);
  const auto second = node.detector.probe_for(1002, 6, kAccused, node.now);
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->nonce, second->nonce);
  node.out = {};
  node.detector.on_ack(first->nonce, 1, node.out);
  EXPECT_TRUE(node.out.answered.empty()) << "that is not the one we asked";
  node.detector.on_ack(first->nonce, kAccused, node.out);
  ASSERT_EQ(node.out.answered.size(), 1U);
  EXPECT_TRUE(node.out.answered[0].alive);
  EXPECT_EQ(node.out.answered[0].route, 1001U);
  EXPECT_EQ(node.out.answered[0].nonce, 5U);
  node.out = {};
  node.detector.on_ack(first->nonce, kAccused, node.out);
  EXPECT_TRUE(node.out.answered.empty()) << "once";
  node.tick(Duration::ms(159));
  EXPECT_TRUE(node.out.answered.empty());
  node.tick(Duration::ms(1));
  ASSERT_EQ(node.out.answered.size(), 1U);
  EXPECT_FALSE(node.out.answered[0].alive);
  EXPECT_EQ(node.out.answered[0].route, 1002U);
}

TEST(FailureDetector, FavoursAreBounded) {
  Detecting node(3);
  size_t granted = 0;
  for (uint64_t i = 0; i < 10'000; ++i) {
    granted += node.detector.probe_for(i, i, kAccused, node.now) ? 1 : 0;
  }
  EXPECT_EQ(granted, 256U);
  node.tick(Duration::ms(200));
  EXPECT_TRUE(node.detector.probe_for(1, 1, kAccused, node.now));
}

TEST(FailureDetector, AfterItsOwnSleepItBlamesNobody) {
  Detecting node(1);
  node.detector.accuse(kAccused, 1, false, node.now);
  node.tick();
  node.tick(Duration::seconds(3600));
  EXPECT_TRUE(node.out.dead.empty());
  EXPECT_TRUE(node.out.failed.empty());
  EXPECT_GT(node.detector.health(), 0U);
}

}  // namespace
}  // namespace distcache::core
