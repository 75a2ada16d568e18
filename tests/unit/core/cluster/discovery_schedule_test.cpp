#include "core/cluster/discovery_schedule.h"

#include <gtest/gtest.h>

#include <set>

namespace distcache::core {
namespace {

constexpr Duration kRetry = Duration::ms(1'000);
constexpr Duration kInterval = Duration::seconds(10);

DiscoverySchedule::Options options() { return {kRetry, 4, kInterval}; }

void expect_about(Duration pause, Duration wanted) {
  EXPECT_GE(pause.as_ns(), wanted.as_ns() / 4 * 3) << wanted.as_ms() << " ms";
  EXPECT_LE(pause.as_ns(), wanted.as_ns() / 4 * 5) << wanted.as_ms() << " ms";
}

TEST(DiscoverySchedule, LooksOftenWhileNobodyWasFound) {
  SeededRng rng(1);
  DiscoverySchedule schedule(options(), rng);
  for (int attempt = 1; attempt < 4; ++attempt) {
    expect_about(schedule.after_answer(false, Duration::max()), kRetry);
  }
  for (int attempt = 0; attempt < 3; ++attempt) {
    expect_about(schedule.after_answer(false, Duration::max()), kInterval);
  }
}

TEST(DiscoverySchedule, RestsOnceSomebodyWasFoundAlsoWhenNobodyIsNamedAnyMore) {
  SeededRng rng(2);
  DiscoverySchedule schedule(options(), rng);
  expect_about(schedule.after_answer(false, Duration::max()), kRetry);
  expect_about(schedule.after_answer(true, Duration::max()), kInterval);
  expect_about(schedule.after_answer(false, Duration::max()), kInterval);
}

TEST(DiscoverySchedule, AsksEarlierForAnAnswerThatHoldsForLess) {
  SeededRng rng(3);
  DiscoverySchedule schedule(options(), rng);
  expect_about(schedule.after_answer(true, Duration::seconds(7)), Duration::seconds(7));
  expect_about(schedule.after_answer(true, Duration::seconds(3'600)), kInterval);
}

TEST(DiscoverySchedule, AnAnswerThatHoldsForNoTimeIsAskedForEveryFiveSecondsAtMost) {
  SeededRng rng(3);
  DiscoverySchedule schedule(options(), rng);
  for (const int64_t seconds : {0, 1, 4, 5}) {
    expect_about(schedule.after_answer(true, Duration::seconds(seconds)), Duration::seconds(5));
  }
  DiscoverySchedule quick({Duration::ms(50), 4, Duration::ms(200)}, rng);
  expect_about(quick.after_answer(true, Duration::seconds(0)), Duration::ms(200));
}

TEST(DiscoverySchedule, FailuresBackOffToTheIntervalAndAnAnswerEndsThat) {
  SeededRng rng(4);
  DiscoverySchedule schedule(options(), rng);
  schedule.after_answer(true, Duration::max());
  for (const int64_t seconds : {1, 2, 4, 8, 10, 10, 10}) {
    expect_about(schedule.after_failure(), Duration::seconds(seconds));
  }
  expect_about(schedule.after_answer(true, Duration::max()), kInterval);
  expect_about(schedule.after_failure(), kRetry);
}

TEST(DiscoverySchedule, TheFirstAttemptsComeAtTheRetryIntervalAndAreThenSpent) {
  SeededRng rng(5);
  DiscoverySchedule schedule(options(), rng);
  for (int attempt = 1; attempt < 4; ++attempt) {
    expect_about(schedule.after_failure(), kRetry);
    EXPECT_FALSE(schedule.spent()) << attempt;
    EXPECT_EQ(schedule.first_failure(), attempt == 1);
  }
  expect_about(schedule.after_failure(), kRetry);
  EXPECT_TRUE(schedule.spent());
  expect_about(schedule.after_failure(), kRetry * 2);
}

TEST(DiscoverySchedule, AnAnswerOfAnyKindIsOne) {
  SeededRng rng(6);
  DiscoverySchedule schedule({kRetry, 1, kInterval}, rng);
  schedule.after_answer(false, Duration::max());
  EXPECT_FALSE(schedule.spent());
  for (int failure = 0; failure < 100; ++failure) schedule.after_failure();
  EXPECT_FALSE(schedule.spent());
}

TEST(DiscoverySchedule, ARetryIntervalBeyondTheIntervalIsKept) {
  SeededRng rng(7);
  DiscoverySchedule schedule({Duration::seconds(60), 1, kInterval}, rng);
  for (int failure = 0; failure < 100; ++failure) {
    expect_about(schedule.after_failure(), Duration::seconds(60));
  }
}

TEST(DiscoverySchedule, PausesAreSpreadAndRepeatWithTheSeed) {
  std::set<int64_t> pauses;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    SeededRng rng(seed), again(seed);
    const Duration pause = DiscoverySchedule(options(), rng).after_failure();
    EXPECT_EQ(pause, DiscoverySchedule(options(), again).after_failure());
    pauses.insert(pause.as_ms() / 50);
  }
  EXPECT_GE(pauses.size(), 9U);  // of ten
}

}  // namespace
}  // namespace distcache::core
