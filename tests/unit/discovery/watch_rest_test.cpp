#include "discovery/kubernetes/watch_rest.h"

#include <gtest/gtest.h>

namespace distcache::discovery {
namespace {

constexpr Duration kLong = Duration::seconds(240);
constexpr Duration kShort = Duration::ms(3);

struct Resting {
  std::optional<Duration> list(bool ok) { return rest.after(true, ok, kShort, rng); }
  std::optional<Duration> watch(bool ok, Duration took) { return rest.after(false, ok, took, rng); }

  SeededRng rng{1};
  WatchRest rest;
};

TEST(WatchRest, GoesOnAtOnceFromAListAndFromAWatchThatHasLived) {
  Resting resting;
  EXPECT_FALSE(resting.list(true));
  EXPECT_FALSE(resting.watch(true, kLong));
}

TEST(WatchRest, BacksOffToHalfAMinuteFromWhatEndsAtOnce) {
  for (const bool ok : {false, true}) {
    Resting resting;
    for (int64_t ms = 200; ms < 60'000; ms *= 2) {
      const std::optional<Duration> pause = resting.watch(ok, kShort);
      ASSERT_TRUE(pause);
      EXPECT_GE(pause->as_ms(), std::min<int64_t>(ms, 30'000) / 2);
      EXPECT_LE(pause->as_ms(), std::min<int64_t>(ms, 30'000));
      EXPECT_FALSE(resting.list(true)) << "a list alone is no end of it";
    }
  }
}

TEST(WatchRest, AWatchThatLivedLongAndBrokeIsReadAgainSoonHoweverOftenThatHappens) {
  Resting resting;
  for (int i = 0; i < 100; ++i) {
    const std::optional<Duration> pause = resting.watch(false, kLong);
    ASSERT_TRUE(pause) << "not all clients of a server that went away at once";
    EXPECT_LE(*pause, WatchRest::kPauseFirst) << i;
    EXPECT_FALSE(resting.list(true));
  }
}

TEST(WatchRest, AListThatTakesLongAndFailsBacksOff) {
  Resting resting;
  for (int i = 0; i < 20; ++i) resting.rest.after(true, false, kLong, resting.rng);
  EXPECT_GE(resting.rest.after(true, false, kLong, resting.rng)->as_ms(), 15'000);
}

}  // namespace
}  // namespace distcache::discovery
