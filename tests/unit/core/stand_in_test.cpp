#include <gtest/gtest.h>

#include "shard_fixture.h"

// The owner of a key dies, and its next candidate learns that later than the member that asks it to
// stand in: both ways of getting to a load at the candidate must end in the same one.
namespace distcache::core {
namespace {

class StandInTest : public testing::Test {
 protected:
  StandInTest() : node("b", {"a", "b"}), key(node.key_owned_by("a")) {}

  // This node's own read, which goes to the owner while that seems to live.
  uint64_t ask_owner(uint64_t reader) {
    EXPECT_FALSE(node.get(key, reader));
    const std::vector<CallStart> calls = node.calls();
    EXPECT_EQ(calls.size(), 1);
    return calls.at(0).flight;
  }
  // A read by a member that cannot reach the owner.
  std::optional<Outcome> stand_in(uint64_t reader) {
    return node.get(key, reader, kCallStandIn, Waiter::Kind::remote);
  }
  void owner_dies(uint64_t ask) {
    node.set_members({"a", "b"}, {"a"});
    node.shard.on_call_failed(ask, true, node.now, node.out);
  }

  ShardFixture node;
  const std::string key;
};

TEST_F(StandInTest, AFailedAskIsAnsweredByWhatWasLoadedMeanwhile) {
  const uint64_t ask = ask_owner(1);
  EXPECT_FALSE(stand_in(2));
  node.answer(node.fetches().at(0).flight, "new");
  EXPECT_EQ(text(node.completed().at(2)), "new");

  owner_dies(ask);

  EXPECT_TRUE(node.fetches().empty());
  EXPECT_EQ(text(node.completed().at(1)), "new");
}

TEST_F(StandInTest, AFailedAskIsAnsweredByWhatWasLoadedMeanwhileBeforeTheViewTellsOfIt) {
  const uint64_t ask = ask_owner(1);
  stand_in(2);
  node.answer(node.fetches().at(0).flight, "new");
  node.completed();

  node.shard.on_call_failed(ask, true, node.now, node.out);

  EXPECT_TRUE(node.fetches().empty());
  EXPECT_EQ(text(node.completed().at(1)), "new");
}

TEST_F(StandInTest, AnAskThatBeginsDuringALoadWaitsForItOnceTheOwnerIsGone) {
  stand_in(1);
  const uint64_t load = node.fetches().at(0).flight;
  const uint64_t ask = ask_owner(2);  // does not join: the owner may know better

  owner_dies(ask);
  EXPECT_TRUE(node.fetches().empty());
  node.answer(load, "new");

  const std::map<uint64_t, Outcome> done = node.completed();
  EXPECT_EQ(text(done.at(1)), "new");
  EXPECT_EQ(text(done.at(2)), "new");
}

TEST_F(StandInTest, AReadThatBeginsDuringAnAskAndALoadJoinsNeitherOfTheWrongKind) {
  stand_in(1);
  const uint64_t load = node.fetches().at(0).flight;
  ask_owner(2);

  EXPECT_FALSE(stand_in(3));

  EXPECT_TRUE(node.fetches().empty());
  node.answer(load, "new");
  EXPECT_EQ(text(node.completed().at(3)), "new");
}

// What the owner could not send is loaded here for those who asked. A put at the owner, which does
// not reach that load, may come before the next reader.
TEST_F(StandInTest, ALastResortLoadIsForThoseWhoAskedAlone) {
  node.reply(ask_owner(1), Status::too_large);
  const uint64_t old_load = node.fetches().at(0).flight;
  node.reply(ask_owner(2), Status::too_large);

  const std::vector<FetchStart> again = node.fetches();
  ASSERT_EQ(again.size(), 1U);
  node.answer(old_load, "old");
  node.answer(again[0].flight, "new");
  const std::map<uint64_t, Outcome> done = node.completed();
  EXPECT_EQ(text(done.at(1)), "old");
  EXPECT_EQ(text(done.at(2)), "new");
}

TEST_F(StandInTest, ALastResortJoinsNoLoadThatBeganBeforeAndLeavesItToTheFence) {
  stand_in(1);
  const uint64_t before = node.fetches().at(0).flight;
  const uint64_t ask = ask_owner(2);
  node.reply(ask, Status::too_large);
  const std::vector<FetchStart> own = node.fetches();
  ASSERT_EQ(own.size(), 1U) << "a delete at the owner may have come between the two loads";

  node.remove(key, 3, kCallStandIn, Waiter::Kind::remote);
  node.answer(before, "old");
  node.answer(own[0].flight, "new");

  std::map<uint64_t, Outcome> done = node.completed();
  EXPECT_EQ(text(done.at(1)), "old");
  EXPECT_EQ(text(done.at(2)), "new");
  EXPECT_FALSE(stand_in(4)) << "neither was stored";
}

TEST_F(StandInTest, ALoadThatRunsLongerThanItsValueWouldBeKeptIsJoinedNoMore) {
  stand_in(1);
  const uint64_t slow = node.fetches().at(0).flight;
  node.pass(Duration::ms(999));
  stand_in(2);
  EXPECT_TRUE(node.fetches().empty());

  node.pass(Duration::ms(1));
  stand_in(3);
  const uint64_t next = node.fetches().at(0).flight;

  node.answer(next, "new");
  node.answer(slow, "old");
  std::map<uint64_t, Outcome> done = node.completed();
  EXPECT_EQ(text(done.at(2)), "old");
  EXPECT_EQ(text(done.at(3)), "new");
  EXPECT_EQ(text(*stand_in(4)), "new");
}

TEST_F(StandInTest, WhatAStandInKeptIsNotForThoseWhoReachTheOwner) {
  stand_in(1);
  node.answer(node.fetches().at(0).flight, "old");
  node.reply(ask_owner(2), Status::too_large);  // by the owner, where a put came meanwhile

  const std::vector<FetchStart> load = node.fetches();
  ASSERT_EQ(load.size(), 1U);
  node.answer(load[0].flight, "new");
  EXPECT_EQ(text(node.completed().at(2)), "new");
}

// A request that waits for a slow link is put to whoever owned the key when it was made.
TEST_F(StandInTest, AReadJoinsNoRequestToAFormerOwner) {
  const uint64_t ask = ask_owner(1);
  std::vector<std::string> members = {"a", "b"};
  while (node.view->acting_owner(hash64(key)).member == hash64("a")) {
    members.push_back("c" + std::to_string(members.size()));
    node.set_members(members);
  }
  if (node.view->self_acts(hash64(key))) GTEST_FAIL() << "b was the other candidate before";

  EXPECT_NE(ask_owner(2), ask);
}

// The owner may have taken a put from others, who reached it, before it was gone: neither a copy
// nor a load from before may stay where this node owns the key from then on.
TEST_F(StandInTest, WhatAStandInKeptDoesNotOutliveItsMomentWhereItComesToOwnTheKey) {
  stand_in(1);
  node.answer(node.fetches().at(0).flight, "old");
  node.pass(Duration::ms(500));
  node.set_members({"b"});

  EXPECT_EQ(text(*node.get(key, 2)), "old");
  node.pass(Duration::ms(500));
  EXPECT_FALSE(node.get(key, 3));
  node.answer(node.fetches().at(0).flight, "new");
  node.pass(Duration::seconds(60));
  EXPECT_EQ(text(*node.get(key, 4)), "new");
}

TEST_F(StandInTest, AStandInsLoadIsKeptForAMomentWhereItComesToOwnTheKeyMeanwhile) {
  stand_in(1);
  const uint64_t load = node.fetches().at(0).flight;
  node.pass(Duration::ms(500));
  node.set_members({"b"});
  node.answer(load, "old");

  EXPECT_EQ(text(*node.get(key, 2)), "old");
  node.pass(Duration::ms(500));
  EXPECT_FALSE(node.get(key, 3)) << "counted from when the load began";
}

TEST_F(StandInTest, AStandInsPutIsKeptForAMoment) {
  node.put(key, "put", 1, {}, kCallStandIn, Waiter::Kind::remote);
  node.set_members({"b"});
  EXPECT_EQ(text(*node.get(key, 2)), "put");
  node.pass(Duration::seconds(1));
  EXPECT_FALSE(node.get(key, 3));
}

// A view that changes meanwhile (somebody else joined) must not take the load out of the fence.
TEST_F(StandInTest, ADeleteFencesALoadThatAViewChangeCameOver) {
  stand_in(1);
  const uint64_t load = node.fetches().at(0).flight;
  node.set_members({"a", "b", "c"});

  EXPECT_EQ(node.remove(key, 2, kCallStandIn, Waiter::Kind::remote)->status, Status::ok);
  node.answer(load, "old");

  EXPECT_EQ(text(node.completed().at(1)), "old");  // it began before
  EXPECT_FALSE(stand_in(3));
}

TEST_F(StandInTest, WhoIsAskedForAKeyOfAnotherRefusesUnlessAskedToStandIn) {
  const std::optional<Outcome> refused = node.get(key, 1, 0, Waiter::Kind::remote);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, Status::not_owner);
  EXPECT_TRUE(node.fetches().empty());
}

TEST_F(StandInTest, ALoadThatAViewChangeCameOverIsStillJoined) {
  stand_in(1);
  const uint64_t load = node.fetches().at(0).flight;
  node.set_members({"a", "b", "c"});

  EXPECT_FALSE(stand_in(2));

  EXPECT_TRUE(node.fetches().empty());
  node.answer(load, "new");
  EXPECT_EQ(text(node.completed().at(2)), "new");
}

// b acts for a, which may run all the same and take writes from whom it reaches.
class ActsAloneTest : public testing::Test {
 protected:
  ActsAloneTest() : node("b", kAll), key(key_of_a_then_b()), own(node.key_owned_by("b")) {
    node.set_members(kAll, {"a", "c"});
    EXPECT_FALSE(node.get(key, 1));
    load = node.fetches().at(0).flight;
  }

  std::string key_of_a_then_b() const {
    for (int i = 0;; ++i) {
      std::string candidate = "key-" + std::to_string(i);
      const uint64_t hash = hash64(candidate);
      const bool fits = node.view->acting_owner(hash).member == hash64("a") &&
                        node.view->next_candidate(hash, hash64("a")) == hash64("b");
      if (fits) return candidate;
    }
  }

  const std::vector<std::string> kAll = {"a", "b", "c"};
  ShardFixture node;
  const std::string key, own;
  uint64_t load = 0;
};

TEST_F(ActsAloneTest, WhatItKeepsEndsWhenItMeetsSomebodyWhoMayHaveReachedTheOwner) {
  node.answer(load, "old");
  EXPECT_TRUE(node.get(key, 2)) << "kept as long as it is apart";
  node.set_members(kAll, {"a"});
  EXPECT_FALSE(node.get(key, 3));
  EXPECT_EQ(node.fetches().size(), 1U);
}

TEST_F(ActsAloneTest, ALoadFromBeforeThatIsAnsweredAndNotKept) {
  node.set_members(kAll, {"a"});
  EXPECT_FALSE(node.get(key, 2));
  EXPECT_EQ(node.fetches().size(), 1U) << "nobody new joins it";
  node.answer(load, "old");
  EXPECT_EQ(text(node.completed().at(1)), "old");
  EXPECT_EQ(node.shard.store().entries(), 0U);
}

TEST_F(ActsAloneTest, WhatItOwnsStays) {
  EXPECT_FALSE(node.get(own, 2));
  node.answer(node.fetches().at(0).flight, "new");
  node.set_members(kAll, {"a"});
  EXPECT_TRUE(node.get(own, 3));
}

}  // namespace
}  // namespace distcache::core
