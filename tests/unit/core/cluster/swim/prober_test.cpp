#include "core/cluster/swim/prober.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace distcache::core {
namespace {

// A prober whose members answer, but for those that are mute.
struct Probing {
  explicit Probing(size_t members, SwimOptions options = {})
      : health(options), prober(options, 42, 43) {
    for (MemberId member = 1; member <= members; ++member) prober.add(member);
  }
  void tick() {
    out = {};
    prober.tick(now, health, out);
    for (const Prober::Probe& probe : out.probes) {
      ++probes[probe.target];
      if (probe.to != probe.target || mute.contains(probe.to)) continue;
      prober.on_ack(probe.nonce, probe.to, health);
    }
  }
  void pass(Duration time) {
    for (const Instant end = now + time; now < end; now = now + Duration::ms(10)) {
      tick();
      failed.insert(failed.end(), out.failed.begin(), out.failed.end());
    }
  }

  Instant now = Instant::from_ns(1'000'000'000);
  LocalHealth health;
  Prober prober;
  std::set<MemberId> mute;
  std::map<MemberId, int> probes;
  std::vector<MemberId> failed;
  Prober::Outcome out;
};

TEST(Prober, AsksEachMemberOncePerRound) {
  Probing net(7);
  net.pass(Duration::ms(500 * 7 * 10));
  EXPECT_TRUE(net.failed.empty());
  EXPECT_EQ(net.probes.size(), 7U);
  for (const auto& [member, times] : net.probes) EXPECT_EQ(times, 10) << member;
}

TEST(Prober, TheOrderDiffersFromRoundToRound) {
  Probing net(8);
  std::set<std::vector<MemberId>> rounds;
  for (int round = 0; round < 10; ++round) {
    std::vector<MemberId> order;
    for (int i = 0; i < 8; ++i) {
      net.tick();
      ASSERT_EQ(net.out.probes.size(), 1U);
      order.push_back(net.out.probes[0].target);
      net.now = net.now + Duration::ms(500);
    }
    rounds.insert(order);
  }
  EXPECT_GT(rounds.size(), 7U);
}

TEST(Prober, AsksOthersAfterTheTimeoutAndFailsAtTheEndOfTheInterval) {
  Probing net(6);
  net.prober.soon(3);
  net.mute = {3};
  net.tick();
  ASSERT_EQ(net.out.probes.size(), 1U);
  EXPECT_EQ(net.out.probes[0].target, 3U);
  net.now = net.now + Duration::ms(199);
  net.tick();
  EXPECT_TRUE(net.out.probes.empty());
  net.now = net.now + Duration::ms(1);
  net.tick();
  ASSERT_EQ(net.out.probes.size(), 3U);
  std::set<MemberId> helpers;
  for (const Prober::Probe& probe : net.out.probes) {
    EXPECT_EQ(probe.target, 3U);
    EXPECT_NE(probe.to, 3U);
    helpers.insert(probe.to);
  }
  EXPECT_EQ(helpers.size(), 3U);
  net.now = net.now + Duration::ms(299);
  net.tick();
  EXPECT_TRUE(net.out.failed.empty());
  net.now = net.now + Duration::ms(1);
  net.tick();
  EXPECT_EQ(net.out.failed, std::vector<MemberId>{3});
}

TEST(Prober, AHelpersAnswerIsAsGoodAsItsOwn) {
  Probing net(6);
  net.mute = {1, 2, 3, 4, 5, 6};
  net.tick();
  net.now = net.now + Duration::ms(200);
  net.tick();
  ASSERT_EQ(net.out.probes.size(), 3U);
  EXPECT_TRUE(net.prober.on_ack(net.out.probes[0].nonce, net.out.probes[0].to, net.health));
  net.now = net.now + Duration::ms(300);
  net.tick();
  EXPECT_TRUE(net.out.failed.empty());
}

TEST(Prober, AnAnswerOfWhoWasNotAskedCountsForNothing) {
  Probing net(6);
  net.mute = {1, 2, 3, 4, 5, 6};
  net.tick();
  const Prober::Probe probe = net.out.probes.at(0);
  for (MemberId other = 0; other <= 7; ++other) {
    if (other == probe.to) continue;
    EXPECT_FALSE(net.prober.on_ack(probe.nonce, other, net.health)) << other;
  }
  net.now = net.now + Duration::ms(200);
  net.tick();
  std::set<MemberId> asked{probe.target};
  for (const Prober::Probe& indirect : net.out.probes) asked.insert(indirect.to);
  ASSERT_EQ(asked.size(), 4U);
  for (MemberId other = 0; other <= 7; ++other) {
    if (asked.contains(other)) continue;
    EXPECT_FALSE(net.prober.on_ack(probe.nonce, other, net.health)) << other;
  }
  EXPECT_TRUE(net.prober.on_ack(probe.nonce, probe.target, net.health));
}

TEST(Prober, NoncesCannotBeCountedOn) {
  std::set<uint64_t> nonces;
  for (const uint64_t seed : {1, 2, 3}) {
    const SwimOptions options;
    LocalHealth health(options);
    Prober prober(options, 42, seed);
    prober.add(1);
    Instant now = Instant::from_ns(1'000'000'000);
    for (int i = 0; i < 100; ++i) {
      Prober::Outcome out;
      prober.tick(now, health, out);
      ASSERT_EQ(out.probes.size(), 1U);
      const uint64_t nonce = out.probes[0].nonce;
      EXPECT_FALSE(nonces.contains(nonce) || nonces.contains(nonce - 1)) << "known by another";
      EXPECT_NE(nonce, 0U);
      EXPECT_EQ(nonce >> 63, 0U);
      nonces.insert(nonce);
      EXPECT_TRUE(prober.on_ack(nonce, 1, health));
      now = now + options.probe_interval;
    }
  }
}

TEST(Prober, ALateAnswerCountsForNothing) {
  Probing net(1);
  net.mute = {1};
  net.tick();
  const uint64_t nonce = net.out.probes.at(0).nonce;
  net.now = net.now + Duration::ms(500);
  net.tick();
  EXPECT_EQ(net.out.failed.size(), 1U);
  EXPECT_FALSE(net.prober.on_ack(nonce, 1, net.health));
}

TEST(Prober, HelpersThatDeclineVouchForThisNode) {
  for (const bool decline : {false, true}) {
    Probing net(4);
    net.mute = {1, 2, 3, 4};
    net.tick();
    net.now = net.now + Duration::ms(200);
    net.tick();
    for (const Prober::Probe& probe : net.out.probes) {
      if (decline) net.prober.on_decline(probe.nonce, probe.to);
    }
    net.now = net.now + Duration::ms(300);
    net.tick();
    EXPECT_EQ(net.health.score(), decline ? 0U : 3U);
  }
}

TEST(Prober, ANodeThatDoubtsItselfTakesItsTime) {
  Probing net(2);
  net.health.worse(3);
  net.mute = {1, 2};
  net.tick();
  net.now = net.now + Duration::ms(799);
  net.tick();
  EXPECT_TRUE(net.out.probes.empty());
  net.now = net.now + Duration::ms(1);
  net.tick();
  EXPECT_EQ(net.out.probes.size(), 1U);
  net.now = net.now + Duration::ms(1'199);
  net.tick();
  EXPECT_TRUE(net.out.failed.empty());
  net.now = net.now + Duration::ms(1);
  net.tick();
  EXPECT_EQ(net.out.failed.size(), 1U);
}

TEST(Prober, WithoutLocalHealthItNeverDoubtsItself) {
  SwimOptions plain;
  plain.local_health = false;
  Probing net(3, plain);
  net.mute = {1, 2, 3};
  net.pass(Duration::seconds(10));
  EXPECT_EQ(net.health.score(), 0U);
  EXPECT_EQ(net.failed.size(), 19U);
}

TEST(Prober, ATargetThatIsRemovedDoesNotFail) {
  Probing net(1);
  net.mute = {1};
  net.tick();
  net.prober.remove(1);
  net.pass(Duration::seconds(2));
  EXPECT_TRUE(net.failed.empty());
  EXPECT_TRUE(net.prober.next_deadline().is_never());
}

TEST(Prober, MembersMayComeAndGoWithinARound) {
  Probing net(10);
  net.pass(Duration::ms(500 * 3));
  for (MemberId member = 1; member <= 5; ++member) net.prober.remove(member);
  for (MemberId member = 11; member <= 15; ++member) net.prober.add(member);
  net.probes.clear();
  net.pass(Duration::ms(500 * 30));
  EXPECT_EQ(net.probes.size(), 10U);
  for (const auto& [member, times] : net.probes) {
    EXPECT_GE(times, 2) << member;
    EXPECT_LE(times, 4) << member;
  }
}

}  // namespace
}  // namespace distcache::core
