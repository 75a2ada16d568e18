#include "mixed/trials.h"

#include <distcache.h>
#include <gtest/gtest.h>

namespace stress {
namespace {

using cluster::Record;
using Act = Record::Act;

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kBegin = 1'000'000 * kMs;

// Two processes of one ring; B was lent the key, and A writes it.
class TrialsTest : public testing::Test {
 protected:
  TrialsTest() : story_{std::vector<Life>(2), {}, {}} {
    for (size_t life = 0; life < 2; ++life) add(life, Act::ring, 0, 0, 7).key = 2;
    mirrored(4'950, 0);
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
  void mirrored(int64_t at_ms, uint64_t version) {
    add(1, Act::get, at_ms, at_ms, version).flags = Record::mirror;
  }
  Trials found() { return Trials(story_); }

  Story story_;
};

TEST_F(TrialsTest, TheOldestReadIsMeasured) {
  add(0, Act::remove, 5'000, 5'130, 1, DISTCACHE_PARTIAL);
  mirrored(5'100, 0);  // before it returned
  mirrored(5'230, 0);
  mirrored(5'630, 0);
  mirrored(5'700, 1);
  const Trials trials = found();
  EXPECT_EQ(trials.count(), 1U);
  EXPECT_EQ(trials.pending(), 1U);
  EXPECT_EQ(trials.stale(), 1U);
  EXPECT_EQ(trials.oldest_us(), 500'000);
  EXPECT_EQ(trials.percentile_us(99), 500'000);
  EXPECT_TRUE(trials.broken().empty());
}

TEST_F(TrialsTest, AfterAnOkNothingMayBeOlder) {
  add(0, Act::remove, 5'000, 5'001, 1);
  mirrored(5'002, 0);
  EXPECT_EQ(found().broken().size(), 1U);
}

TEST_F(TrialsTest, NorAfterTheLease) {
  add(0, Act::remove, 5'000, 5'001, 1, DISTCACHE_PARTIAL);
  mirrored(6'050, 0);
  EXPECT_TRUE(found().broken().empty());
  mirrored(6'052, 0);
  EXPECT_EQ(found().broken().size(), 1U);
}

TEST_F(TrialsTest, WhatTheMachineStoodStillIsTakenOff) {
  add(0, Act::remove, 5'000, 5'001, 1, DISTCACHE_PARTIAL);
  add(1, Act::stall, 5'900, 6'000, 0);
  mirrored(6'150, 0);
  const Trials trials = found();
  EXPECT_TRUE(trials.broken().empty());
  EXPECT_EQ(trials.oldest_us(), 1'149'000);
  EXPECT_EQ(trials.kept_us(), 1'049'000);
}

TEST_F(TrialsTest, AWriteOfWhatNobodyElseHasIsNone) {
  add(0, Act::remove, 6'000, 6'001, 1);
  EXPECT_EQ(found().count(), 0U);
}

TEST_F(TrialsTest, NorIsOneWhileMembersDisagree) {
  add(1, Act::ring, 4'500, 4'500, 8).key = 1;
  add(0, Act::remove, 5'000, 5'001, 1);
  mirrored(5'002, 0);
  const Trials trials = found();
  EXPECT_EQ(trials.count(), 0U);
  EXPECT_EQ(trials.disturbed(), 1U);
  EXPECT_TRUE(trials.broken().empty());
}

TEST_F(TrialsTest, OfTwoPutsAtOnceEitherMayBeTheLast) {
  add(0, Act::put, 5'000, 5'003, 1);
  add(1, Act::put, 5'001, 5'002, 2);
  add(1, Act::get, 5'004, 5'005, 1).flags = Record::from_put;
  EXPECT_TRUE(found().broken().empty());
}

TEST_F(TrialsTest, WhatMayYetBeAppliedIsNotOlder) {
  add(0, Act::put, 4'960, 4'970, 1, DISTCACHE_UNKNOWN);
  add(0, Act::remove, 5'000, 5'001, 2);
  add(1, Act::get, 5'004, 5'005, 1).flags = Record::from_put;
  EXPECT_TRUE(found().broken().empty());
}

}  // namespace
}  // namespace stress
