#include "mixed/checker.h"

#include <distcache.h>
#include <gtest/gtest.h>

namespace stress {
namespace {

using cluster::Record;
using Act = Record::Act;

constexpr uint64_t kRing = 7, kOtherRing = 8;
constexpr int64_t kMs = 1'000'000;
constexpr int64_t kBegin = 1'000'000 * kMs;

// Two processes, A and B, that agree on a ring from the begin on, and what they do to one key.
class CheckerTest : public testing::Test {
 protected:
  CheckerTest() : story_{std::vector<Life>(2), {}, {}} {
    story_.lives[1].node = 1;
    for (size_t life = 0; life < 2; ++life) ring(life, 0, kRing, 2);
  }

  Record& add(size_t life, Act act, int64_t from_ms, int64_t to_ms, uint64_t version,
              int32_t status = DISTCACHE_OK) {
    cluster::Records& records = **story_.lives[life].records;
    Record& record = records.records[records.count++];
    record.act = act;
    record.begin_ns = kBegin + from_ms * kMs;
    record.end_ns = kBegin + to_ms * kMs;
    record.version = version;
    record.status = static_cast<uint8_t>(status);
    return record;
  }
  void ring(size_t life, int64_t at_ms, uint64_t id, uint32_t members) {
    add(life, Act::ring, at_ms, at_ms, id).key = members;
  }
  Verdict judge() { return Checker(story_).judge(); }
  // The first characters of the only violation.
  std::string broken() {
    const Verdict verdict = judge();
    if (verdict.violations != 1) return std::to_string(verdict.violations) + " violations";
    return verdict.shown.front().substr(0, 2);
  }

  Story story_;
};

TEST_F(CheckerTest, WhatIsNewIsFine) {
  add(0, Act::remove, 5'000, 5'001, 1);
  add(1, Act::load, 5'002, 5'003, 1);
  add(1, Act::get, 5'002, 5'004, 1);
  const Verdict verdict = judge();
  EXPECT_EQ(verdict.violations, 0U);
  EXPECT_EQ(verdict.reads, 1U);
  EXPECT_EQ(verdict.writes, 1U);
  EXPECT_EQ(verdict.loads, 1U);
}

TEST_F(CheckerTest, WhatTheSourceHadBeforeARefreshIsOldAfterIt) {
  add(0, Act::put, 4'000, 4'001, 1, DISTCACHE_VERSION_MISMATCH);
  add(0, Act::refresh, 5'000, 5'003, 1);
  add(1, Act::get, 5'002, 5'004, 0);
  EXPECT_EQ(judge().violations, 0U);
  add(1, Act::get, 5'004, 5'005, 0);
  EXPECT_EQ(broken(), "P1");
}

TEST_F(CheckerTest, ARefreshThatGivesWhatWasThereBefore) {
  add(0, Act::refresh, 5'000, 5'003, 0).flags = Record::older;
  EXPECT_EQ(broken(), "P1");
}

TEST_F(CheckerTest, TwoPutsOverOneVersion) {
  add(0, Act::put, 5'000, 5'001, 1).expected = 7;
  add(0, Act::put, 5'002, 5'003, 2, DISTCACHE_VERSION_MISMATCH).expected = 7;
  add(0, Act::put, 5'004, 5'005, 3).expected = 8;
  EXPECT_EQ(judge().violations, 0U);
  add(1, Act::put, 5'006, 5'007, 4).expected = 7;
  EXPECT_EQ(broken(), "tw");
}

TEST_F(CheckerTest, AnOldValueAfterADeleteIsNot) {
  add(0, Act::remove, 5'000, 5'001, 1);
  add(1, Act::get, 5'002, 5'003, 0);
  EXPECT_EQ(broken(), "P1");
}

TEST_F(CheckerTest, AReadThatBeganBeforeItMayBeOld) {
  add(0, Act::remove, 5'000, 5'003, 1);
  add(1, Act::get, 5'002, 5'004, 0);
  EXPECT_EQ(judge().violations, 0U);
}

TEST_F(CheckerTest, OfTwoPutsAtOnceEitherMayBeTheLast) {
  add(0, Act::put, 5'000, 5'003, 1);
  add(1, Act::put, 5'001, 5'002, 2);
  add(1, Act::get, 5'004, 5'005, 1).flags = Record::from_put;
  EXPECT_EQ(judge().violations, 0U);
  add(0, Act::put, 6'000, 6'001, 3);
  add(1, Act::get, 6'002, 6'003, 1).flags = Record::from_put;
  EXPECT_EQ(judge().violations, 1U);
}

TEST_F(CheckerTest, WhereCallsAreLostTheLeaseBounds) {
  story_.paths.push_back({kBegin + 4'000 * kMs, kBegin + 7'000 * kMs});
  add(0, Act::remove, 5'000, 5'001, 1);
  add(1, Act::get, 6'000, 6'001, 0);
  const Verdict verdict = judge();
  EXPECT_EQ(verdict.violations, 0U);
  EXPECT_EQ(verdict.stale_ms, 999);
  add(1, Act::get, 6'500, 6'501, 0);
  EXPECT_EQ(broken(), "P1");
}

TEST_F(CheckerTest, WhoIsCutOffMayBeOldUntilAllAgree) {
  story_.paths.push_back({kBegin + 4'000 * kMs, kBegin + 20'000 * kMs});
  ring(0, 4'500, kOtherRing, 1);
  add(0, Act::remove, 5'000, 5'001, 1);
  add(1, Act::get, 9'000, 9'001, 0);
  ring(0, 20'000, kRing, 2);
  EXPECT_EQ(judge().violations, 0U);
  add(1, Act::get, 22'000, 22'001, 0);
  EXPECT_EQ(broken(), "P1");
}

TEST_F(CheckerTest, BoundedNobodyIsOlderThanDetectionAndLeaseWhoeverIsCutOff) {
  story_.bounded = true;
  story_.paths.push_back({kBegin + 4'000 * kMs, kBegin + 20'000 * kMs});
  ring(0, 4'500, kOtherRing, 1);
  add(0, Act::remove, 5'000, 5'001, 1);
  add(1, Act::get, 7'050, 7'051, 0);
  EXPECT_EQ(judge().violations, 0U);
  add(1, Act::get, 7'052, 7'053, 0);
  EXPECT_EQ(judge().violations, 1U);
  story_.bounded = false;
  EXPECT_EQ(judge().violations, 0U);
}

TEST_F(CheckerTest, WhatWasToldToBePartialIsRepairedAfterTheHeal) {
  add(0, Act::remove, 500, 501, 1, DISTCACHE_PARTIAL);
  add(1, Act::get, 900, 901, 0);
  EXPECT_EQ(judge().violations, 0U);
  add(1, Act::get, 12'000, 12'001, 0);
  EXPECT_EQ(judge().violations, 1U);
}

TEST_F(CheckerTest, WhatIsNotAppliedIsNotRead) {
  story_.paths.push_back({kBegin, kBegin + 20'000 * kMs});
  add(0, Act::put, 5'000, 5'001, 1, DISTCACHE_TIMED_OUT);
  add(1, Act::get, 5'002, 5'003, 1).flags = Record::from_put;
  EXPECT_EQ(broken(), "P7");
}

TEST_F(CheckerTest, AnEngineDoesNotGoBack) {
  add(0, Act::remove, 5'000, 5'900, 1);
  add(1, Act::get, 5'100, 5'101, 1);
  add(1, Act::get, 5'200, 5'201, 0);
  EXPECT_EQ(broken(), "P3");
}

TEST_F(CheckerTest, OneLoadAtOnceUnlessAWriteIsBetween) {
  add(0, Act::load, 5'000, 5'010, 0);
  add(1, Act::load, 5'005, 5'015, 0);
  EXPECT_EQ(broken(), "P4");
  add(0, Act::remove, 5'003, 5'004, 1);
  EXPECT_EQ(judge().violations, 0U);
}

TEST_F(CheckerTest, CallsEndInTimeAndWell) {
  add(0, Act::get, 5'000, 5'001, 0).late_ms = 101;
  EXPECT_EQ(broken(), "P6");
  add(0, Act::get, 6'000, 6'001, 0, DISTCACHE_TIMED_OUT);
  EXPECT_EQ(judge().violations, 2U);
}

TEST_F(CheckerTest, ValuesAreThoseThatWereMade) {
  add(0, Act::get, 5'000, 5'001, 5);
  add(0, Act::get, 6'000, 6'001, 0).flags = Record::broken;
  EXPECT_EQ(judge().violations, 2U);
}

}  // namespace
}  // namespace stress
