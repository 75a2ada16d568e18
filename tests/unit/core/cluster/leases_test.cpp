#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "base/rng.h"
#include "core/cluster/lease_holders.h"
#include "core/cluster/lease_lenders.h"
#include "core/cluster/lease_recalls.h"

namespace distcache::core {
namespace {

constexpr MemberId kOwner = 1, kHolder = 2;
constexpr uint64_t kProcess = 10;
constexpr Duration kHeartbeat = Duration::ms(250);

// An owner and one that it lent keys, with a network between them that does as the test says.
class LeasesTest : public testing::Test {
 protected:
  void recall(const std::string& key, uint64_t flight) {
    owner.recall(kHolder, {0, 7, key, {}}, flight, now + Duration::seconds(1));
  }
  // What the owner sends now.
  std::vector<Recall> sent() {
    std::vector<Recall> recalls;
    for (auto& [to, recall] : owner.take(now)) recalls.push_back(std::move(recall));
    return recalls;
  }
  void arrive(const Recall& recall) {
    dropped_all |= holder.on_recall(kOwner, kProcess, recall);
    for (const RecallItem& item : recall.items) carried_out.insert(item.key);
  }
  // What the holder says now, brought to the owner.
  void answer() {
    for (const auto& [to, recalled] : holder.take(now)) {
      ++answers;
      for (const auto& ticket : owner.on_recalled(kHolder, recalled, kProcess)) {
        done.insert(ticket.flight);
      }
    }
  }

  Instant now = Instant::from_ns(1'000'000'000);
  LeaseRecalls owner{kHeartbeat};
  LeaseLenders holder;
  std::set<std::string> carried_out;
  std::set<uint64_t> done;
  bool dropped_all = false;
  int answers = 0;
};

TEST_F(LeasesTest, ARecallIsConfirmed) {
  recall("a", 11);
  recall("b", 12);
  const std::vector<Recall> recalls = sent();
  ASSERT_EQ(recalls.size(), 1);
  EXPECT_EQ(recalls[0].first, 1);
  EXPECT_EQ(recalls[0].latest, 2);
  arrive(recalls[0]);
  answer();
  EXPECT_EQ(done, (std::set<uint64_t>{11, 12}));
  EXPECT_EQ(carried_out, (std::set<std::string>{"a", "b"}));
  EXPECT_FALSE(dropped_all);
  EXPECT_TRUE(sent().empty());
}

TEST_F(LeasesTest, ALostRecallIsMissedWithTheNextOne) {
  recall("a", 11);
  sent();  // lost
  recall("b", 12);
  for (const Recall& recall : sent()) arrive(recall);
  answer();
  EXPECT_TRUE(done.empty());
  for (const Recall& recall : sent()) arrive(recall);  // at once
  answer();
  EXPECT_EQ(done, (std::set<uint64_t>{11, 12}));
  EXPECT_FALSE(dropped_all);
}

TEST_F(LeasesTest, ALostRecallIsSentAgainWithTheNextHeartbeat) {
  owner.lent(kHolder, now + Duration::seconds(1), now);
  recall("a", 11);
  sent();  // lost
  now = now + kHeartbeat;
  for (const Recall& recall : sent()) arrive(recall);
  answer();
  EXPECT_EQ(done, std::set<uint64_t>{11});
}

TEST_F(LeasesTest, AnyMessageTellsThatARecallIsMissing) {
  recall("a", 11);
  sent();  // lost
  EXPECT_FALSE(holder.on_sequence(kOwner, kProcess, owner.latest(kHolder), now));
  answer();
  EXPECT_EQ(answers, 0);  // it may be under way still
  now = now + Duration::ms(20);
  answer();
  EXPECT_EQ(answers, 1);
  for (const Recall& recall : sent()) arrive(recall);
  answer();
  EXPECT_EQ(done, std::set<uint64_t>{11});
}

TEST_F(LeasesTest, OrderDoesNotMatterAndTwiceIsAsGoodAsOnce) {
  recall("a", 11);
  const Recall first = sent().at(0);
  recall("b", 12);
  const Recall second = sent().at(0);
  arrive(second);
  arrive(first);
  arrive(second);
  answer();
  EXPECT_EQ(done, (std::set<uint64_t>{11, 12}));
  EXPECT_FALSE(dropped_all);
}

TEST_F(LeasesTest, WhatTheLogHasForgottenDropsEverything) {
  for (size_t i = 0; i < LeaseRecalls::kLogMax; ++i) recall("key", 0);
  sent();  // all lost
  recall("one more", 11);
  for (const Recall& recall : sent()) arrive(recall);
  EXPECT_TRUE(dropped_all);
  answer();
  now = now + kHeartbeat;
  for (const Recall& recall : sent()) arrive(recall);
  answer();
  EXPECT_EQ(done, std::set<uint64_t>{11});
}

TEST_F(LeasesTest, ARecallIsGivenUpWhenTheLeaseHasEnded) {
  recall("a", 11);
  sent();  // lost
  now = now + Duration::seconds(2);
  recall("b", 12);
  for (const Recall& recall : sent()) {
    EXPECT_EQ(recall.first, 2);
    arrive(recall);
  }
  EXPECT_TRUE(dropped_all);  // it cannot tell what it missed
  answer();
  EXPECT_EQ(done, std::set<uint64_t>{12});
}

TEST_F(LeasesTest, WhoAsksForWhatWasGivenUpIsTold) {
  recall("a", 11);
  sent();  // lost
  now = now + Duration::seconds(2);
  sent();  // that there is nothing more to come: lost as well
  holder.on_sequence(kOwner, kProcess, 1, now);
  now = now + Duration::ms(20);
  answer();
  for (const Recall& recall : sent()) arrive(recall);
  EXPECT_TRUE(dropped_all);
  now = now + Duration::seconds(1);
  const int before = answers;
  answer();
  EXPECT_EQ(answers, before);
}

TEST_F(LeasesTest, HeartbeatsGoToPartnersOnlyAndEnd) {
  EXPECT_TRUE(sent().empty());
  owner.lent(kHolder, now + Duration::ms(600), now);
  int beats = 0;
  for (int i = 0; i < 40; ++i) {
    now = now + Duration::ms(50);
    beats += static_cast<int>(sent().size());
  }
  EXPECT_GE(beats, 2);
  EXPECT_LE(beats, 4);
  answer();
  EXPECT_EQ(answers, 0);  // there is nothing to confirm
}

TEST_F(LeasesTest, AnotherProcessOfTheLenderHasForgottenWhatItLent) {
  EXPECT_FALSE(holder.on_recall(kOwner, kProcess, {1, 0, {}}));
  EXPECT_TRUE(holder.on_recall(kOwner, kProcess + 1, {1, 0, {}}));
  EXPECT_FALSE(holder.on_recall(kOwner, kProcess, {9, 9, {}}));  // late: of the one before
}

TEST_F(LeasesTest, ANewProcessOfTheHolderGoesOnWhereTheOwnerIs) {
  for (uint64_t i = 1; i <= 5; ++i) recall("key", i);
  for (const Recall& recall : sent()) arrive(recall);
  answer();
  holder = {};
  recall("a", 11);
  for (const Recall& recall : sent()) arrive(recall);
  answer();
  EXPECT_TRUE(done.contains(11));
}

TEST_F(LeasesTest, AnAnswerToAnotherProcessConfirmsNothing) {
  recall("a", 11);
  sent();
  EXPECT_TRUE(owner.on_recalled(kHolder, {kProcess - 1, 1, 1}, kProcess).empty());
  EXPECT_TRUE(owner.on_recalled(kHolder + 1, {kProcess, 1, 1}, kProcess).empty());
  EXPECT_EQ(owner.on_recalled(kHolder, {kProcess, 1, 1}, kProcess).size(), 1);
}

// Whatever is lost, doubled or late: what is confirmed has been carried out.
TEST_F(LeasesTest, NothingIsConfirmedThatDidNotArrive) {
  SeededRng rng(1);
  std::vector<Recall> under_way;
  std::vector<std::pair<MemberId, Recalled>> answers_under_way;
  uint64_t flight = 0;
  for (int step = 0; step < 20'000; ++step) {
    now = now + Duration::ms(static_cast<int64_t>(rng.below(30)));
    if (rng.below(3) == 0) {
      ++flight;
      recall(std::to_string(flight), flight);
      owner.lent(kHolder, now + Duration::seconds(1), now);
    }
    for (Recall& recall : sent()) {
      if (rng.below(100) < 70) under_way.push_back(std::move(recall));
    }
    if (!under_way.empty() && rng.below(2) == 0) {
      const size_t which = rng.below(under_way.size());
      const bool drops = holder.on_recall(kOwner, kProcess, under_way[which]);
      for (const RecallItem& item : under_way[which].items) carried_out.insert(item.key);
      if (drops) {
        for (uint64_t all = 1; all <= flight; ++all) carried_out.insert(std::to_string(all));
      }
      if (rng.below(5) > 0) under_way.erase(under_way.begin() + static_cast<int64_t>(which));
    }
    for (auto& said : holder.take(now)) {
      if (rng.below(100) < 70) answers_under_way.push_back(said);
    }
    if (answers_under_way.empty() || rng.below(2) == 0) continue;
    const size_t which = rng.below(answers_under_way.size());
    for (const auto& ticket :
         owner.on_recalled(kHolder, answers_under_way[which].second, kProcess)) {
      ASSERT_TRUE(carried_out.contains(ticket.key)) << "step " << step;
      done.insert(ticket.flight);
    }
    answers_under_way.erase(answers_under_way.begin() + static_cast<int64_t>(which));
  }
  EXPECT_GT(done.size(), 1'000);
}

TEST(LeaseHoldersTest, RemembersUntilTheLeaseEnds) {
  LeaseHolders holders;
  const Instant now = Instant::from_ns(1'000'000'000);
  const Instant until = now + Duration::seconds(1);
  EXPECT_TRUE(holders.lend("a", kHolder, until, now));
  EXPECT_TRUE(holders.lent("a", now));
  EXPECT_FALSE(holders.lent("b", now));
  EXPECT_FALSE(holders.lent("a", until));
  EXPECT_TRUE(holders.recall("a", 5, until).empty());
  holders.sweep(holders.next_sweep());
  EXPECT_EQ(holders.keys(), 0);
  EXPECT_TRUE(holders.next_sweep().is_never());
}

TEST(LeaseHoldersTest, WhoHasReturnedAKeyIsForgottenUnlessItWasLentAgain) {
  LeaseHolders holders;
  const Instant now = Instant::from_ns(1'000'000'000);
  const Instant until = now + Duration::seconds(1);
  holders.lend("a", kHolder, until, now);
  EXPECT_EQ(holders.recall("a", 5, now).size(), 1);
  holders.lend("a", kHolder, until, now);  // the new value
  holders.returned("a", kHolder, 5);
  EXPECT_TRUE(holders.lent("a", now));
  EXPECT_EQ(holders.recall("a", 6, now).size(), 1);
  holders.returned("a", kHolder, 6);
  EXPECT_FALSE(holders.lent("a", now));
}

TEST(LeaseHoldersTest, WhatCannotBeRememberedIsNotLent) {
  LeaseHolders holders;
  const Instant now = Instant::from_ns(1'000'000'000);
  const Instant until = now + Duration::seconds(1);
  for (MemberId member = 1; member <= LeaseHolders::kHoldersMax; ++member) {
    EXPECT_TRUE(holders.lend("a", member, until, now));
  }
  EXPECT_FALSE(holders.lend("a", 1'000, until, now));
  EXPECT_TRUE(holders.lend("a", 1, until, now));
  EXPECT_TRUE(holders.lend("a", 1'000, until + Duration::seconds(1), until));  // the others ended
  for (size_t i = 1; i < LeaseHolders::kKeysMax; ++i) {
    EXPECT_TRUE(holders.lend("key-" + std::to_string(i), 1, until, now));
  }
  EXPECT_FALSE(holders.lend("one more", 1, until, now));
}

}  // namespace
}  // namespace distcache::core
