#include "core/cache/wheel.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <vector>

#include "base/limits.h"
#include "base/rng.h"

namespace distcache::core {
namespace {

constexpr int64_t kTickNs = int64_t{1} << 23;

struct Timer : WheelHook {
  bool fired = false;
};

size_t run(Wheel& wheel, Instant now, size_t* steps = nullptr) {
  size_t fired = 0;
  for (;;) {
    const Wheel::Step step = wheel.step(now);
    if (step.idle) return fired;
    if (steps) ++*steps;
    if (!step.due) continue;
    auto& timer = static_cast<Timer&>(*step.due);
    EXPECT_FALSE(timer.fired);
    EXPECT_LE(timer.due_at, now) << "handed out early";
    timer.fired = true;
    ++fired;
  }
}

TEST(Wheel, HandsOutWithinOneTick) {
  Wheel wheel;
  Timer timer;
  const Instant now = Instant::from_ns(1'000'000'000'000);
  timer.due_at = now + Duration::ms(50);
  wheel.add(timer, now);
  EXPECT_EQ(run(wheel, timer.due_at - Duration::ns(1)), 0u);
  EXPECT_EQ(run(wheel, timer.due_at + Duration::ns(kTickNs)), 1u);
  EXPECT_TRUE(wheel.empty());
  EXPECT_TRUE(wheel.next().is_never());
}

TEST(Wheel, StartsInThePresent) {
  Wheel wheel;
  Timer timer;
  const Instant now = Instant::from_ns(kTickNs << 20);
  timer.due_at = now + Duration::ms(50);
  wheel.add(timer, now);
  size_t steps = 0;
  EXPECT_EQ(run(wheel, now + Duration::ms(60), &steps), 1u);
  EXPECT_EQ(steps, 1u) << "it lay in the lowest level";
}

TEST(Wheel, TickIsAtMostTenMilliseconds) { EXPECT_LE(kTickNs, 10'000'000); }

TEST(Wheel, WhatNeverExpiresIsLeftAlone) {
  Wheel wheel;
  Timer timer;
  wheel.add(timer, Instant::from_ns(5));
  EXPECT_TRUE(wheel.empty());
  wheel.remove(timer);
  EXPECT_TRUE(wheel.empty());
}

TEST(Wheel, TakesEveryTtl) {
  const std::vector<Duration> ttls = {Duration::ns(1),
                                      Duration::ns(kTickNs),
                                      Duration::ms(8),
                                      Duration::seconds(60),
                                      Duration::seconds(86'400),
                                      Duration::ms(limits::kTtlMsMax),
                                      Duration::ms(limits::kTtlMsMax) * 10};
  for (const int64_t start : {int64_t{0}, int64_t{1}, int64_t{987'654'321'987'654}}) {
    for (const Duration ttl : ttls) {
      Wheel wheel;
      Timer timer;
      const Instant now = Instant::from_ns(start);
      timer.due_at = now + ttl;
      wheel.add(timer, now);
      size_t steps = 0;
      EXPECT_EQ(run(wheel, timer.due_at - Duration::ns(1), &steps), 0u) << ttl.as_ns();
      EXPECT_EQ(run(wheel, timer.due_at + Duration::ns(kTickNs), &steps), 1u) << ttl.as_ns();
      EXPECT_LE(steps, 7u) << "one step a level";
    }
  }
}

TEST(Wheel, LastInstantOfAllIsKept) {
  Wheel wheel;
  Timer timer;
  timer.due_at = Instant::from_ns(INT64_MAX - 1);
  wheel.add(timer, Instant::from_ns(-5));
  EXPECT_EQ(run(wheel, Instant::from_ns(INT64_MAX / 2)), 0u);
  EXPECT_FALSE(wheel.next().is_never());
  wheel.remove(timer);
  EXPECT_TRUE(wheel.empty());
}

TEST(Wheel, StepsAreSlices) {
  Wheel wheel;
  std::vector<Timer> timers(1000);
  const Instant now = Instant::from_ns(0);
  for (Timer& timer : timers) {
    timer.due_at = now + Duration::seconds(3600);
    wheel.add(timer, now);
  }
  const Instant late = now + Duration::seconds(7200);
  size_t fired = 0;
  for (int i = 0; i < 100; ++i) fired += wheel.step(late).due ? 1 : 0;
  EXPECT_LT(fired, timers.size());
  // Half-way through a slot, its hooks can still be taken out, and new ones come in.
  size_t removed = 0;
  for (Timer& timer : timers) {
    if (!timer.link || removed == 500) continue;
    wheel.remove(timer);
    ++removed;
  }
  Timer fresh;
  fresh.due_at = late + Duration::seconds(1);
  wheel.add(fresh, late);
  fired += run(wheel, late);
  EXPECT_EQ(fired + removed, timers.size());
  EXPECT_FALSE(fresh.fired);
  EXPECT_EQ(run(wheel, late + Duration::seconds(2)), 1u);
}

// Against a sorted map: nothing early, nothing later than a tick, next() never after the first.
TEST(Wheel, AgreesWithSortedMap) {
  SeededRng rng(20);
  Wheel wheel;
  std::vector<Timer> timers(3000);
  std::multimap<int64_t, Timer*> model;
  Instant now = Instant::from_ns(static_cast<int64_t>(rng.below(1'000'000'000'000)));
  size_t steps = 0;
  size_t added = 0;
  for (int round = 0; round < 20'000; ++round) {
    Timer& timer = timers[rng.below(timers.size())];
    if (timer.link) {
      wheel.remove(timer);
      std::erase_if(model, [&](const auto& item) { return item.second == &timer; });
    }
    if (rng.below(10) != 0) {
      timer.fired = false;
      // All magnitudes alike, from one nanosecond to a century.
      const auto ttl = static_cast<int64_t>(rng.next() >> (2 + rng.below(60)));
      timer.due_at = now + Duration::ns(ttl / 2 + 1);
      wheel.add(timer, now);
      model.emplace(timer.due_at.as_ns(), &timer);
      ++added;
    }
    ASSERT_EQ(wheel.empty(), model.empty());
    if (!model.empty()) {
      ASSERT_LE(wheel.next().as_ns(), model.begin()->first + kTickNs);
    }

    if (rng.below(4) != 0) continue;
    const Instant quiet = wheel.next();
    now = now + Duration::ns(static_cast<int64_t>(rng.next() >> (20 + rng.below(40))));
    const size_t fired = run(wheel, now, &steps);
    if (now < quiet) {
      ASSERT_EQ(fired, 0u) << "due before next()";
    }
    size_t expected = 0;
    while (!model.empty() && model.begin()->second->fired) {
      model.erase(model.begin());
      ++expected;
    }
    std::erase_if(model, [&](const auto& item) {
      expected += item.second->fired ? 1 : 0;
      return item.second->fired;
    });
    ASSERT_EQ(fired, expected);
    if (!model.empty()) {
      ASSERT_GT(model.begin()->first + kTickNs, now.as_ns()) << "forgotten";
    }
  }
  EXPECT_LE(steps, 7 * added);
}

}  // namespace
}  // namespace distcache::core
