#include <gtest/gtest.h>

#include "core/written.h"
#include "shard_fixture.h"

// The next candidate of a key hears of its writes before they are OK: it may be the only one that
// thinks the owner gone, and keep what it has loaded in its place.
namespace distcache::core {
namespace {

const std::vector<std::string> kAll = {"a", "b", "c"};

class HeirRecordTest : public testing::Test {
 protected:
  HeirRecordTest() : node("a", kAll), key(node.key_owned_by("a")) {
    node.heir_confirms = false;
    heir = node.view->heir(hash64(key))->name;
  }
  CallStart told() {
    std::vector<CallStart> calls = node.take_told();
    EXPECT_EQ(calls.size(), 1U);
    return calls.empty() ? CallStart{} : calls[0];
  }
  void heir_answers(Status status) { node.reply(told().flight, status); }
  Outcome outcome() { return node.completed().at(7); }

  ShardFixture node;
  const std::string key;
  std::string heir;
};

TEST_F(HeirRecordTest, AWriteIsOkOnceTheNextCandidateKnowsOfIt) {
  EXPECT_FALSE(node.remove(key, 7));
  EXPECT_TRUE(node.completed().empty());
  const CallStart call = told();
  EXPECT_EQ(call.to, hash64(heir));
  EXPECT_EQ(call.to, node.view->next_candidate(hash64(key), hash64("a")));
  EXPECT_EQ(call.call.kind, CallKind::written);
  EXPECT_EQ(written_hash(call.call.key), hash64(key)) << "its hash, whatever its length";

  node.reply(call.flight, Status::ok);
  EXPECT_EQ(outcome().status, Status::ok);
  EXPECT_EQ(node.shard.flights(), 0U);
}

TEST_F(HeirRecordTest, SoIsAPut) {
  EXPECT_FALSE(node.put(key, "value", 7));
  heir_answers(Status::ok);
  EXPECT_EQ(outcome().status, Status::ok);
}

// Nothing is down: readers to whom the owner's path is too slow ask the next candidate, which keeps
// what it loads for them for a second (simulator, --recalls, seed 2176).
TEST_F(HeirRecordTest, NobodyIsGivenAfterAnOkWhatTheNextCandidateKeptForThoseWhoLookedElsewhere) {
  ShardFixture next(heir, kAll);
  const auto look_elsewhere = [&](uint64_t reader) {
    return next.get(key, reader, kCallStandIn, Waiter::Kind::remote);
  };
  EXPECT_FALSE(look_elsewhere(1));
  next.answer(next.fetches().at(0).flight, "old");
  ASSERT_EQ(text(*look_elsewhere(2)), "old");

  EXPECT_FALSE(node.remove(key, 7));
  const CallStart call = told();
  ASSERT_EQ(call.to, hash64(heir));
  next.shard.on_written(written_hash(call.call.key).value_or(0));
  node.reply(call.flight, Status::ok);
  ASSERT_EQ(outcome().status, Status::ok);

  EXPECT_FALSE(look_elsewhere(3));
  EXPECT_EQ(next.fetches().size(), 1U);
}

TEST_F(HeirRecordTest, OneThatCannotBeReachedIsNamedAndOwed) {
  EXPECT_FALSE(node.remove(key, 7));
  node.shard.on_call_failed(told().flight, true, node.now, node.out);
  node.set_members(kAll, {heir});
  EXPECT_TRUE(node.out.completions.empty());
  node.pass(Duration::ms(20));
  ASSERT_EQ(node.out.completions.size(), 1U);
  EXPECT_EQ(node.out.completions[0].outcome.status, Status::partial);
  EXPECT_EQ(node.out.completions[0].unconfirmed, std::vector<MemberId>{hash64(heir)});
  ASSERT_EQ(node.out.missed.size(), 1U);
  EXPECT_EQ(node.out.missed[0].member, hash64(heir));
  EXPECT_EQ(node.out.missed[0].key, key);
}

TEST_F(HeirRecordTest, WhereItHasLeftTheOneBehindItIsTold) {
  EXPECT_FALSE(node.remove(key, 7));
  node.shard.on_call_failed(told().flight, true, node.now, node.out);
  const std::string other = heir == "b" ? "c" : "b";
  node.set_members({"a", other});
  node.pass(Duration::ms(20));
  const CallStart call = told();
  EXPECT_EQ(call.to, hash64(other));
  node.reply(call.flight, Status::ok);
  EXPECT_EQ(outcome().status, Status::ok);
}

TEST_F(HeirRecordTest, WhereNobodyElseIsLeftItIsOk) {
  EXPECT_FALSE(node.remove(key, 7));
  node.shard.on_call_failed(told().flight, true, node.now, node.out);
  node.set_members({"a"});
  node.pass(Duration::ms(20));
  EXPECT_EQ(outcome().status, Status::ok);
}

TEST_F(HeirRecordTest, OneThatFailsAgainAndAgainIsNamed) {
  EXPECT_FALSE(node.remove(key, 7));
  for (int i = 0; i < 3; ++i) {
    node.shard.on_call_failed(told().flight, true, node.now, node.out);
    node.pass(Duration::ms(20));
  }
  EXPECT_EQ(outcome().status, Status::partial);
}

TEST_F(HeirRecordTest, OneThatIsSilentIsNamedBeforeTheWritersTimeIsOver) {
  EXPECT_FALSE(node.remove(key, 7));
  told();
  node.pass(Duration::ms(4'300));
  EXPECT_TRUE(node.out.completions.empty());
  node.pass(Duration::ms(600));
  EXPECT_EQ(outcome().status, Status::partial);
  EXPECT_EQ(node.out.missed.size(), 1U);
}

TEST_F(HeirRecordTest, OneThatIsKnownToBeOutOfReachIsNamedAtOnce) {
  node.set_members(kAll, {heir});
  const auto outcome = node.remove(key, 7);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->status, Status::partial);
  EXPECT_EQ(outcome->unconfirmed, std::vector<std::string>{heir});
  ASSERT_EQ(node.out.missed.size(), 1U);
  EXPECT_EQ(node.out.missed[0].member, hash64(heir));
}

TEST_F(HeirRecordTest, OneThatIsClosingKeepsNothing) {
  for (const Status status : {Status::closed, Status::no_keyspace}) {
    EXPECT_FALSE(node.remove(key, 7));
    heir_answers(status);
    EXPECT_EQ(outcome().status, Status::ok);
  }
}

TEST_F(HeirRecordTest, ANodeAloneTellsNobody) {
  node.set_members({"a"});
  EXPECT_EQ(node.remove(key, 7)->status, Status::ok);
  EXPECT_TRUE(node.take_told().empty());
}

TEST_F(HeirRecordTest, ARepairIsToldNoFurther) {
  EXPECT_EQ(node.remove(key, 7, kCallRepair, Waiter::Kind::remote)->status, Status::ok);
  EXPECT_TRUE(node.take_told().empty());
}

// -- at the next candidate ------------------------------------------------------------------------

// b alone does not reach a, and acts for it.
class StandsInAloneTest : public testing::Test {
 protected:
  StandsInAloneTest() : node("b", {"a", "b"}), key(node.key_owned_by("a")) {
    node.set_members({"a", "b"}, {"a"});
    EXPECT_FALSE(node.get(key, 1));
    load = node.fetches().at(0).flight;
  }

  ShardFixture node;
  const std::string key;
  uint64_t load = 0;
};

TEST_F(StandsInAloneTest, WhatItLoadedInTheOwnersPlaceGoes) {
  node.answer(load, "old");
  EXPECT_EQ(text(*node.get(key, 2)), "old");
  node.shard.on_written(hash64(key));
  EXPECT_FALSE(node.get(key, 3));
}

TEST_F(StandsInAloneTest, ALoadThatRunsIsAnsweredAndNotKept) {
  node.shard.on_written(hash64(key));
  EXPECT_FALSE(node.get(key, 2));
  EXPECT_EQ(node.fetches().size(), 1U) << "nobody new joins it";
  node.answer(load, "old");
  EXPECT_EQ(text(node.completed().at(1)), "old");
  EXPECT_EQ(node.shard.store().entries(), 0U);
}

TEST_F(StandsInAloneTest, SoIsAStandInsLoad) {
  ShardFixture reaches("b", {"a", "b"});
  EXPECT_FALSE(reaches.get(key, 1, kCallStandIn, Waiter::Kind::remote));
  reaches.shard.on_written(hash64(key));
  reaches.answer(reaches.fetches().at(0).flight, "old");
  EXPECT_EQ(reaches.shard.store().entries(), 0U);
}

TEST_F(StandsInAloneTest, OtherKeysStay) {
  node.answer(load, "old");
  node.shard.on_written(hash64(key) + 1);
  EXPECT_TRUE(node.get(key, 2));
}

// As long as the owner may run: nobody may be able to tell this node of a write there.
TEST_F(StandsInAloneTest, WhatItKeepsEndsSoonCountedFromWhenItsLoadBegan) {
  node.pass(Duration::ms(400));
  node.answer(load, "old");
  node.pass(Duration::ms(599));
  EXPECT_TRUE(node.get(key, 2));
  node.pass(Duration::ms(1));
  EXPECT_FALSE(node.get(key, 3));
}

TEST_F(StandsInAloneTest, AlsoWhereTheOwnerIsFoundToBeDeadMeanwhile) {
  node.set_members({"b"});
  node.answer(load, "old");
  node.pass(Duration::seconds(1));
  EXPECT_FALSE(node.get(key, 2));
  node.answer(node.fetches().at(0).flight, "new");
  node.pass(Duration::seconds(60));
  EXPECT_TRUE(node.get(key, 3)) << "it owns the key now";
}

TEST_F(StandsInAloneTest, SoDoesWhatIsPutThere) {
  EXPECT_EQ(node.put(key, "put", 2)->status, Status::partial);
  EXPECT_EQ(text(*node.get(key, 3)), "put");
  node.pass(Duration::seconds(1));
  EXPECT_FALSE(node.get(key, 4));
}

TEST_F(StandsInAloneTest, ALoadThatRunsLongerIsJoinedNoMore) {
  node.pass(Duration::seconds(1));
  EXPECT_FALSE(node.get(key, 2));
  EXPECT_EQ(node.fetches().size(), 1U);
}

TEST(Written, TheHashOfAKeyHasEightBytes) {
  EXPECT_EQ(written_record(0x0807060504030201), "\x01\x02\x03\x04\x05\x06\x07\x08");
  EXPECT_EQ(written_hash(written_record(UINT64_MAX)), UINT64_MAX);
  EXPECT_FALSE(written_hash("1234567"));
  EXPECT_FALSE(written_hash("123456789"));
}

}  // namespace
}  // namespace distcache::core
