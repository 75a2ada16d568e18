#include "membership_pump.h"

// How long the cluster takes to agree, and what it costs those who have done nothing: on virtual
// time, of links as ZeroMQ has them, over many seeds.
namespace distcache::core {
namespace {

constexpr size_t kNodes = 5;

bool sees(Pump& pump, size_t at, size_t whom) {
  return pump.process(at).in_view.contains(hash64(pump.process(whom).name));
}

// Whether all that run, but for `but`, have it in their views, or none has.
bool all_see(Pump& pump, size_t whom, bool wanted) {
  for (size_t i = 0; i < pump.size(); ++i) {
    if (i != whom && pump.process(i).node && sees(pump, i, whom) != wanted) return false;
  }
  return true;
}

bool complete(Pump& pump) {
  for (size_t i = 0; i < pump.size(); ++i) {
    if (!all_see(pump, i, true)) return false;
  }
  return true;
}

Duration until(Pump& pump, const std::function<bool()>& done, Duration limit) {
  const Instant begin = pump.now();
  while (!done() && pump.now() - begin < limit && !::testing::Test::HasFatalFailure()) {
    pump.run(Duration::ms(10));
  }
  return pump.now() - begin;
}

// A cluster that has been running for some time; the last `apart` know none of the others.
void found(Pump& pump, size_t apart = 0) {
  for (size_t i = 0; i < kNodes; ++i) {
    const size_t first = i < kNodes - apart ? 0 : kNodes - apart;
    pump.add("n" + std::to_string(i), i == first ? std::vector<size_t>{} : std::vector{first});
  }
  for (size_t i = 0; i < kNodes; ++i) pump.start(i, 1000);
  pump.run(Duration::seconds(5) + Duration::ms(static_cast<int64_t>(pump.rng().below(1000))));
}

struct Times {
  std::vector<Duration> all;
  Duration percentile(size_t percent) {
    std::sort(all.begin(), all.end());
    return all[(all.size() - 1) * percent / 100];
  }
};

constexpr uint64_t kSeeds = 200;

TEST(MembershipTimes, AKilledProcessIsGoneEverywhereWithinThreeSeconds) {
  Times times;
  for (uint64_t seed = 1; seed <= kSeeds && !HasFatalFailure(); ++seed) {
    Pump pump(seed);
    found(pump);
    ASSERT_TRUE(complete(pump)) << seed;
    const size_t victim = pump.rng().below(kNodes);
    pump.kill(victim);
    times.all.push_back(until(
        pump, [&] { return all_see(pump, victim, false); }, Duration::seconds(20)));
  }
  EXPECT_LE(times.percentile(99), Duration::seconds(3)) << times.percentile(99).as_ms() << " ms";
}

TEST(MembershipTimes, ASilentHostIsGoneEverywhereWithinSixSecondsAndComesBack) {
  Times gone, back;
  for (uint64_t seed = 1; seed <= kSeeds && !HasFatalFailure(); ++seed) {
    Pump pump(seed);
    found(pump);
    const size_t victim = pump.rng().below(kNodes);
    pump.pause(victim);
    gone.all.push_back(until(
        pump, [&] { return all_see(pump, victim, false); }, Duration::seconds(20)));
    pump.run(Duration::ms(static_cast<int64_t>(pump.rng().below(5'000))));
    pump.resume(victim);
    back.all.push_back(until(
        pump, [&] { return complete(pump); }, Duration::seconds(20)));
  }
  EXPECT_LE(gone.percentile(99), Duration::seconds(6)) << gone.percentile(99).as_ms() << " ms";
  EXPECT_LE(back.percentile(99), Duration::seconds(5)) << back.percentile(99).as_ms() << " ms";
}

TEST(MembershipTimes, AGoodbyeIsHeardIn200MillisecondsAndAJoinSeenInASecond) {
  Times left, joined;
  for (uint64_t seed = 1; seed <= kSeeds && !HasFatalFailure(); ++seed) {
    Pump pump(seed);
    found(pump);
    const size_t leaver = 1 + pump.rng().below(kNodes - 1);
    pump.leave(leaver);
    left.all.push_back(until(
        pump, [&] { return all_see(pump, leaver, false); }, Duration::seconds(20)));
    pump.run(Duration::seconds(1));
    pump.start(leaver, 2000);
    joined.all.push_back(until(
        pump, [&] { return complete(pump); }, Duration::seconds(20)));
  }
  EXPECT_LE(left.percentile(100), Duration::ms(200)) << left.percentile(100).as_ms() << " ms";
  EXPECT_LE(joined.percentile(99), Duration::seconds(1)) << joined.percentile(99).as_ms() << " ms";
}

TEST(MembershipTimes, ACutBetweenTwoOfFiveCostsNobodyItsPlace) {
  for (uint64_t seed = 1; seed <= kSeeds && !HasFatalFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Pump pump(seed);
    found(pump);
    pump.set_blocked(1, 3, true);
    const Instant end = pump.now() + Duration::seconds(20);
    while (pump.now() < end) {
      pump.run(Duration::ms(100));
      ASSERT_TRUE(complete(pump)) << "at " << pump.now().as_ns() / 1'000'000 << " ms";
    }
    pump.set_blocked(1, 3, false);
    pump.run(Duration::seconds(3));
    for (size_t i = 0; i < kNodes; ++i) {
      // Suspect and recovered, of the other one.
      EXPECT_LE(pump.process(i).troubles, i == 1 || i == 3 ? 2U : 0U) << i;
    }
  }
}

TEST(MembershipTimes, AMassRestartIsCompleteWithinTenSeconds) {
  for (uint64_t seed = 1; seed <= kSeeds && !HasFatalFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Pump pump(seed);
    found(pump);
    std::vector<size_t> order{0, 1, 2, 3, 4};
    for (size_t i = kNodes - 1; i > 0; --i) std::swap(order[i], order[pump.rng().below(i + 1)]);
    for (const size_t at : order) {
      pump.kill(at);
      pump.run(Duration::ms(static_cast<int64_t>(pump.rng().below(400))));
      // One in four clocks was set back by an hour.
      const bool back = pump.rng().below(4) == 0;
      pump.start(at, pump.process(at).incarnation + (back ? uint64_t{0} - 7 : 100));
    }
    const Duration time = until(
        pump, [&] { return complete(pump); }, Duration::seconds(20));
    EXPECT_LE(time, Duration::seconds(10));
    pump.run(Duration::seconds(10));
    EXPECT_TRUE(complete(pump)) << "and stays so";
  }
}

TEST(MembershipTimes, ClustersThatStartedApartMergeOnceOneHearsOfTheOther) {
  for (uint64_t seed = 1; seed <= kSeeds && !HasFatalFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Pump pump(seed);
    found(pump, 2);
    ASSERT_FALSE(sees(pump, 0, 4));
    ASSERT_TRUE(sees(pump, 3, 4));
    pump.process(4).seeds.push_back(1);  // discovery is asked every two to four seconds
    const Duration time = until(
        pump, [&] { return complete(pump); }, Duration::seconds(20));
    EXPECT_LE(time, Duration::seconds(6)) << time.as_ms() << " ms";
  }
}

TEST(MembershipTimes, APartitionHealsIntoOneRingWithinTenSeconds) {
  for (uint64_t seed = 1; seed <= kSeeds && !HasFatalFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Pump pump(seed);
    found(pump);
    for (size_t a = 0; a < 2; ++a) {
      for (size_t b = 2; b < kNodes; ++b) pump.set_blocked(a, b, true);
    }
    pump.run(Duration::seconds(15));
    ASSERT_FALSE(sees(pump, 0, 4));
    ASSERT_TRUE(sees(pump, 0, 1));
    for (size_t a = 0; a < 2; ++a) {
      for (size_t b = 2; b < kNodes; ++b) pump.set_blocked(a, b, false);
    }
    const Duration time = until(
        pump, [&] { return complete(pump); }, Duration::seconds(20));
    EXPECT_LE(time, Duration::seconds(5)) << time.as_ms() << " ms";
  }
}

}  // namespace
}  // namespace distcache::core
