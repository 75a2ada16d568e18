#include "core/cluster/hot_keys.h"

#include <gtest/gtest.h>

#include "base/hash.h"

namespace distcache::core {
namespace {

constexpr Instant kStart = Instant::from_ns(1'000'000'000);

TEST(HotKeysTest, CountsHowOftenAKeyIsAskedFor) {
  HotKeys keys;
  for (uint32_t times = 1; times <= 20; ++times) EXPECT_EQ(keys.note(7, kStart), times);
  EXPECT_EQ(keys.note(8, kStart), 1);
}

TEST(HotKeysTest, WhatIsNotAskedForAnyMoreCoolsDown) {
  HotKeys keys;
  for (int times = 0; times < 100; ++times) keys.note(7, kStart);
  EXPECT_LE(keys.note(7, kStart + HotKeys::kHalfLife * 2), 51);
  EXPECT_LE(keys.note(7, kStart + HotKeys::kHalfLife * 20), 2);
  EXPECT_LE(keys.note(7, kStart + Duration::seconds(1'000'000)), 2);
}

TEST(HotKeysTest, ARateIsSeenWithinAFactorOfTwo) {
  HotKeys keys;
  constexpr int kPerSecond = 100;
  uint32_t least = UINT32_MAX, most = 0;
  for (int i = 0; i < 10 * kPerSecond; ++i) {
    const uint32_t count = keys.note(7, kStart + Duration::seconds(1) * i / kPerSecond);
    if (i < 3 * kPerSecond) continue;
    least = std::min(least, count);
    most = std::max(most, count);
  }
  EXPECT_GE(least, kPerSecond / 2 - 2);
  EXPECT_LE(most, kPerSecond + 2);
}

TEST(HotKeysTest, AThousandColdKeysNeitherHideAHotOneNorLookHot) {
  HotKeys keys;
  uint32_t hot = 0, coldest = 0;
  for (uint64_t i = 1; i <= 10'000; ++i) {
    if (i % 10 == 0) hot = keys.note(7, kStart);
    coldest = std::max(coldest, keys.note(mix64(i % 1'000), kStart));
  }
  EXPECT_GE(hot, 500);
  EXPECT_LE(coldest, 10);  // as often as it was asked for, at the most
}

}  // namespace
}  // namespace distcache::core
