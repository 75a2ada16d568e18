#include "core/cluster/swim/suspicion.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace distcache::core {
namespace {

constexpr MemberId kFirst = 1;
const Instant start = Instant::from_ns(5'000'000'000);

Duration lasts(const Suspicion& suspicion) { return suspicion.due() - start; }

TEST(Log10, IsAtLeastOneAndRight) {
  for (const size_t members : {0U, 1U, 2U, 9U, 10U}) {
    EXPECT_NEAR(static_cast<double>(log10_milli(members)), 1000, 1) << members;
  }
  EXPECT_NEAR(static_cast<double>(log10_milli(32)), 1505, 2);
  EXPECT_NEAR(static_cast<double>(log10_milli(100)), 2000, 2);
  EXPECT_NEAR(static_cast<double>(log10_milli(1000)), 3000, 3);
}

TEST(Suspicion, BeginsLongAndShrinksWithEachConfirmation) {
  Suspicion suspicion({}, 9, kFirst, start);
  // 12 s to 2 s, by log(accusers) / log(4): 12, 7, 4.08, 2.
  EXPECT_EQ(lasts(suspicion), Duration::seconds(12));
  EXPECT_TRUE(suspicion.confirm(2));
  EXPECT_NEAR(static_cast<double>(lasts(suspicion).as_ms()), 7000, 10);
  EXPECT_TRUE(suspicion.confirm(3));
  EXPECT_NEAR(static_cast<double>(lasts(suspicion).as_ms()), 4075, 15);
  EXPECT_TRUE(suspicion.confirm(4));
  EXPECT_EQ(lasts(suspicion), Duration::seconds(2));
}

TEST(Suspicion, OfFiveMembersThreeOfTheFourOthersAreEnough) {
  Suspicion suspicion({}, 5, kFirst, start);
  // By log(accusers) / log(3): 12, 5.69, 2. The fourth may be lost itself.
  EXPECT_EQ(lasts(suspicion), Duration::seconds(12));
  EXPECT_TRUE(suspicion.confirm(2));
  EXPECT_NEAR(static_cast<double>(lasts(suspicion).as_ms()), 5690, 15);
  EXPECT_TRUE(suspicion.confirm(3));
  EXPECT_EQ(lasts(suspicion), Duration::seconds(2));
  EXPECT_FALSE(suspicion.confirm(4));
}

TEST(Suspicion, OneAloneNeverShortensItInClustersOfThreeAndMore) {
  for (const size_t members : {3U, 4U, 5U, 6U, 7U, 10U}) {
    Suspicion suspicion({}, members, kFirst, start);
    EXPECT_GE(lasts(suspicion), Duration::seconds(12)) << members;
    // More than half of the others, but no more than four.
    const size_t enough = std::min<size_t>(4, (members - 1) / 2 + 1);
    for (MemberId by = 2; by < enough; ++by) suspicion.confirm(by);
    EXPECT_GT(lasts(suspicion), Duration::seconds(4)) << members;
    suspicion.confirm(enough);
    EXPECT_LE(lasts(suspicion), Duration::seconds(4)) << members;
  }
}

TEST(Suspicion, CountsEachAccuserOnceAndNoMoreThanItNeeds) {
  Suspicion suspicion({}, 100, kFirst, start);
  EXPECT_FALSE(suspicion.confirm(kFirst));
  EXPECT_TRUE(suspicion.confirm(2));
  EXPECT_FALSE(suspicion.confirm(2));
  EXPECT_TRUE(suspicion.confirm(3));
  EXPECT_TRUE(suspicion.confirm(4));
  EXPECT_FALSE(suspicion.confirm(5)) << "no shorter by it: not to be passed on";
  EXPECT_EQ(suspicion.accusers(), 4U);
}

TEST(Suspicion, WithTwoMembersNobodyCanConfirm) {
  const Suspicion suspicion({}, 2, kFirst, start);
  EXPECT_EQ(lasts(suspicion), Duration::seconds(2));
}

TEST(Suspicion, WithThreeMembersOneConfirmationIsEnough) {
  Suspicion suspicion({}, 3, kFirst, start);
  EXPECT_EQ(lasts(suspicion), Duration::seconds(12));
  suspicion.confirm(2);
  EXPECT_EQ(lasts(suspicion), Duration::seconds(2));
}

TEST(Suspicion, GrowsWithTheLogarithmOfTheMembers) {
  const Suspicion suspicion({}, 1000, kFirst, start);
  EXPECT_NEAR(static_cast<double>(lasts(suspicion).as_ms()), 36'000, 50);
}

TEST(Suspicion, PlainSwimWaitsTheShortestTimeAlways) {
  SwimOptions plain;
  plain.shrinking_suspicion = false;
  EXPECT_EQ(lasts(Suspicion(plain, 5, kFirst, start)), Duration::seconds(2));
}

}  // namespace
}  // namespace distcache::core
