#include "core/cluster/refusals.h"

#include <gtest/gtest.h>

#include <string>

namespace distcache::core {
namespace {

constexpr MemberId kPeer = 7;
const Instant start = Instant::from_ns(5'000'000'000);

TEST(Refusals, AreToldOnceAMinuteWithWhatWasLeftOut) {
  Refusals refusals;
  EXPECT_EQ(refusals.tell(kPeer, "label", start), 0U);
  for (int i = 1; i < 60; ++i) {
    EXPECT_EQ(refusals.tell(kPeer, "label", start + Duration::seconds(i)), std::nullopt);
  }
  EXPECT_EQ(refusals.tell(kPeer, "label", start + Duration::seconds(60)), 59U);
  EXPECT_EQ(refusals.tell(kPeer, "label", start + Duration::seconds(61)), std::nullopt);
  EXPECT_EQ(refusals.tell(kPeer, "label", start + Duration::seconds(120)), 1U);
}

TEST(Refusals, OfAnotherPeerOrForAnotherReasonAreNews) {
  Refusals refusals;
  EXPECT_EQ(refusals.tell(kPeer, "label", start), 0U);
  EXPECT_EQ(refusals.tell(kPeer, "version", start), 0U);
  EXPECT_EQ(refusals.tell(kPeer + 1, "label", start), 0U);
  EXPECT_EQ(refusals.tell(kPeer, "label", start), std::nullopt);
}

TEST(Refusals, WhoMakesUpNamesTakesNoMemoryAndTellsNoMoreThanTheRest) {
  Refusals refusals;
  uint64_t told = 0, left_out = 0;
  constexpr uint64_t kTimes = 100'000;
  for (MemberId who = 1; who <= kTimes; ++who) {
    const auto now = start + Duration::us(static_cast<int64_t>(who));
    told += refusals.tell(who, "label " + std::to_string(who), now) ? 1 : 0;
    ASSERT_LE(refusals.size(), Refusals::kKnownMax + 1);
  }
  EXPECT_EQ(told, Refusals::kKnownMax + 1);
  // Once the minute is over there is room again, and nothing was lost of the count.
  for (MemberId who = kTimes + 1; who <= kTimes + Refusals::kKnownMax; ++who) {
    const auto more = refusals.tell(who, "label", start + Duration::seconds(100));
    left_out += more.value_or(0);
    told += more ? 1 : 0;
  }
  EXPECT_EQ(told + left_out, kTimes + Refusals::kKnownMax);
}

}  // namespace
}  // namespace distcache::core
