#include "core/shard.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "core/shard_fixture.h"

namespace distcache::core {
namespace {

TEST(ShardTest, OneLoadServesEverybodyWhoWaits) {
  ShardFixture node;
  for (uint64_t id = 1; id <= 100; ++id) EXPECT_FALSE(node.get("k", id));
  const auto fetches = node.fetches();
  ASSERT_EQ(fetches.size(), 1U);
  node.answer(fetches[0].flight, "value");
  const auto done = node.completed();
  ASSERT_EQ(done.size(), 100U);
  for (const auto& [id, outcome] : done) {
    EXPECT_EQ(outcome.status, Status::ok);
    EXPECT_EQ(outcome.origin, Origin::source);
    EXPECT_EQ(text(outcome), "value");
  }
  const auto again = node.get("k", 101);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->origin, Origin::local);
  EXPECT_EQ(node.shard.counters().loads, 1U);
}

TEST(ShardTest, AnEmptyValueIsAHit) {
  ShardFixture node;
  node.get("k", 1);
  node.answer(node.fetches()[0].flight, "");
  EXPECT_EQ(node.completed()[1].status, Status::ok);
  EXPECT_EQ(node.get("k", 2)->status, Status::ok);
}

TEST(ShardTest, NotFoundIsKeptOnlyWithANegativeTtl) {
  for (const bool keep : {false, true}) {
    ShardOptions options = ShardFixture::default_options();
    if (keep) options.negative_ttl = Duration::seconds(1);
    ShardFixture node("a", {"a"}, options);
    node.get("k", 1);
    LoadAnswer answer;
    answer.status = Status::not_found;
    node.shard.on_loaded(node.fetches()[0].flight, answer, node.now, node.out);
    EXPECT_EQ(node.completed()[1].status, Status::not_found);
    EXPECT_EQ(node.get("k", 2).has_value(), keep);
  }
}

TEST(ShardTest, AFailureReachesAllWaitersAndIsNotKept) {
  ShardFixture node;
  node.get("k", 1);
  node.get("k", 2);
  LoadAnswer answer;
  answer.status = Status::source_failed;
  answer.message = std::string(5'000, 'x');
  node.shard.on_loaded(node.fetches()[0].flight, answer, node.now, node.out);
  const auto done = node.completed();
  EXPECT_EQ(done.at(1).status, Status::source_failed);
  EXPECT_EQ(done.at(2).message.size(), 1024U);
  EXPECT_FALSE(node.get("k", 3));  // loads again
  EXPECT_EQ(node.fetches().size(), 1U);
}

TEST(ShardTest, EachWaiterHasItsOwnDeadlineAndTheLoadGoesOn) {
  ShardFixture node;
  const Waiter hasty{Waiter::Kind::local, 0, 1, node.now + Duration::ms(10)};
  node.shard.get(Key::of("k"), {hasty, 0, {}, {}}, node.now, node.out);
  node.get("k", 2);
  node.pass(Duration::ms(20));
  auto done = node.completed();
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(done[1].status, Status::timed_out);
  node.answer(node.fetches()[0].flight, "late for one");
  done = node.completed();
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(done[2].status, Status::ok);
}

TEST(ShardTest, ASourceThatNeverAnswersCostsItsFlightOnly) {
  ShardFixture node;
  node.get("k", 1);
  const uint64_t hung = node.fetches()[0].flight;
  node.pass(Duration::seconds(6));
  EXPECT_EQ(node.completed()[1].status, Status::timed_out);
  EXPECT_EQ(node.shard.flights(), 0U);
  node.get("k", 2);
  EXPECT_EQ(node.fetches().size(), 1U);
  node.answer(hung, "much too late");  // frees it, nothing else
  EXPECT_TRUE(node.completed().empty());
  EXPECT_EQ(node.shard.peek(Key::of("k"), node.now).status, Status::not_cached);
}

TEST(ShardTest, WaitersAreLimited) {
  ShardOptions options = ShardFixture::default_options();
  options.waiters_max = 3;
  ShardFixture node("a", {"a"}, options);
  for (uint64_t id = 1; id <= 3; ++id) EXPECT_FALSE(node.get("k", id));
  EXPECT_EQ(node.get("k", 4)->status, Status::overloaded);
}

// Readers with ids from 100 on have left.
ShardOptions with_readers_that_left() {
  ShardOptions options = ShardFixture::default_options();
  options.waiters_max = 3;
  options.has_left = [](const Waiter& waiter) { return waiter.id >= 100; };
  return options;
}

// A load of "k" whose source has been told that nobody waits.
uint64_t load_to_give_up(ShardFixture& node) {
  node.get("k", 100);
  const uint64_t load = node.fetches().at(0).flight;
  EXPECT_FALSE(node.shard.is_wanted(load, node.now));
  return load;
}

LoadAnswer giving_up() {
  LoadAnswer failure;
  failure.status = Status::source_failed;
  return failure;
}

TEST(ShardTest, ReadersThatLeftMakeRoom) {
  ShardFixture node("a", {"a"}, with_readers_that_left());
  node.get("k", 1);
  node.get("k", 100);
  node.get("k", 2);
  EXPECT_FALSE(node.get("k", 3));
  const auto done = node.completed();
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(done.at(100).status, Status::cancelled);
  EXPECT_EQ(node.get("k", 4)->status, Status::overloaded);
  node.answer(node.fetches().at(0).flight, "v");
  EXPECT_EQ(node.completed().size(), 3U);
}

TEST(ShardTest, ALoadIsWantedWhileSomebodyWaits) {
  ShardFixture node("a", {"a"}, with_readers_that_left());
  const uint64_t load = load_to_give_up(node);
  const Waiter hasty{Waiter::Kind::local, 0, 1, node.now + Duration::ms(10)};
  node.shard.get(Key::of("k"), {hasty, 0, {}, {}}, node.now, node.out);
  EXPECT_TRUE(node.shard.is_wanted(load, node.now));
  node.now = hasty.deadline;  // and no tick yet: the reader must hear what the source was told
  EXPECT_FALSE(node.shard.is_wanted(load, node.now));
  node.answer(load, "v");
  EXPECT_EQ(node.completed().at(1).status, Status::timed_out);
  EXPECT_EQ(text(node.shard.peek(Key::of("k"), node.now)), "v");
  EXPECT_FALSE(node.shard.is_wanted(load, node.now));
}

TEST(ShardTest, ASourceThatGaveUpFailsNoLaterReader) {
  ShardFixture node("a", {"a"}, with_readers_that_left());
  const uint64_t given_up = load_to_give_up(node);
  EXPECT_FALSE(node.get("k", 1));
  EXPECT_TRUE(node.fetches().empty());  // joined: never two loads at once
  node.shard.on_loaded(given_up, giving_up(), node.now, node.out);

  EXPECT_TRUE(node.completed().empty());
  const std::vector<FetchStart> loads = node.fetches();
  ASSERT_EQ(loads.size(), 1U);
  EXPECT_EQ(loads[0].ancestors.size(), 1U);
  node.shard.on_loaded(loads[0].flight, giving_up(), node.now,
                       node.out);  // nobody had told this one
  EXPECT_EQ(node.completed().at(1).status, Status::source_failed);
  EXPECT_EQ(node.shard.flights(), 0U);
}

TEST(ShardTest, ASourceThatGaveUpIsNotAskedAgainForNobody) {
  ShardFixture node("a", {"a"}, with_readers_that_left());
  const uint64_t given_up = load_to_give_up(node);
  node.shard.on_loaded(given_up, giving_up(), node.now, node.out);
  EXPECT_EQ(node.completed().size(), 1U);  // its cell is given back
  EXPECT_TRUE(node.fetches().empty());
  EXPECT_EQ(node.shard.flights(), 0U);
}

TEST(ShardTest, AKeyThatWaitsForItselfIsRefused) {
  ShardFixture node;
  node.get("k", 1);
  const FetchStart fetch = node.fetches()[0];
  EXPECT_EQ(node.get("k", 2, 0, Waiter::Kind::local, fetch.ancestors)->status,
            Status::would_deadlock);
  EXPECT_FALSE(node.get("other", 3, 0, Waiter::Kind::local, fetch.ancestors));
}

// Of a long chain of loads a call carries those that are nearest to it.
TEST(ShardTest, ACallDescendsFromTheLoadThatMakesIt) {
  ShardFixture node("a", {"a", "b"});
  std::vector<Ancestor> chain;
  for (uint64_t i = 0; i < limits::kAncestorsMax; ++i) chain.push_back({hash64("b"), 7, i});
  ASSERT_FALSE(node.get(node.key_owned_by("a"), 1, 0, Waiter::Kind::local, chain));
  const FetchStart fetch = node.fetches().at(0);
  EXPECT_EQ(fetch.ancestors.size(), chain.size() + 1);
  ASSERT_FALSE(node.get(node.key_owned_by("b"), 2, 0, Waiter::Kind::local, fetch.ancestors));
  const std::vector<Ancestor> carried = node.calls().at(0).call.ancestors;
  ASSERT_EQ(carried.size(), limits::kAncestorsMax);
  EXPECT_EQ(carried[0].member, hash64("a")) << "the load itself";
  EXPECT_EQ(carried[1].key_hash, chain[0].key_hash) << "what that was asked by";
}

TEST(ShardTest, LoadsThatWouldWaitForEachOtherAreRefusedWhoeverBegan) {
  ShardFixture node;
  node.get("a", 1);
  node.get("b", 2);
  const std::vector<FetchStart> loads = node.fetches();
  const auto asks = [&](const FetchStart& load, const std::string& key, uint64_t id) {
    return node.get(key, id, 0, Waiter::Kind::local, node.shard.ancestors_of(load.flight));
  };

  EXPECT_FALSE(asks(loads[0], "b", 3));  // a waits for b
  EXPECT_EQ(asks(loads[1], "a", 4)->status, Status::would_deadlock);

  EXPECT_FALSE(asks(loads[1], "c", 5));  // b waits for c, and so does a
  const FetchStart c = node.fetches().at(0);
  EXPECT_EQ(asks(c, "a", 6)->status, Status::would_deadlock);
  EXPECT_FALSE(asks(c, "d", 7));
}

TEST(ShardTest, TtlJitterOnlyShortens) {
  ShardOptions options = ShardFixture::default_options();
  options.expiry = {Duration::seconds(100), Duration(), 10};
  ShardFixture node("a", {"a"}, options);
  for (int i = 0; i < 200; ++i) node.put("k" + std::to_string(i), "v");
  node.pass(Duration::seconds(90) - Duration::ms(1));
  EXPECT_EQ(node.shard.store().entries(), 200U);
  node.pass(Duration::seconds(5));
  EXPECT_GT(node.shard.store().entries(), 20U);
  EXPECT_LT(node.shard.store().entries(), 180U);
  node.pass(Duration::seconds(6));
  EXPECT_EQ(node.shard.store().entries(), 0U);  // given back without being read
}

// -- other members --------------------------------------------------------------------------------

TEST(ShardTest, AReaderJoinsAPeerRequestOnlyUntilItIsSent) {
  ShardFixture node("a", {"a", "b", "c"});
  const std::string key = node.key_owned_by("b");
  node.get(key, 1);
  node.get(key, 2);
  const auto first = node.calls();
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].to, hash64("b"));
  ASSERT_TRUE(node.shard.seal(first[0].flight, node.now));
  node.get(key, 3);
  const auto second = node.calls();
  ASSERT_EQ(second.size(), 1U) << "a later reader sends its own request";
  node.reply(second[0].flight, Status::ok, "new");
  EXPECT_EQ(text(node.completed()[3]), "new");
  node.reply(first[0].flight, Status::ok, "old");
  EXPECT_EQ(node.completed().size(), 2U);
  EXPECT_EQ(node.shard.store().entries(), 0U) << "only the owner keeps what is not hot";
}

TEST(ShardTest, ARequestForAKeyOfSomebodyElseIsRefusedNotForwarded) {
  ShardFixture node("a", {"a", "b"});
  const std::string key = node.key_owned_by("b");
  EXPECT_EQ(node.get(key, 1, 0, Waiter::Kind::remote)->status, Status::not_owner);
  EXPECT_TRUE(node.out.empty());
}

TEST(ShardTest, TheNextCandidateLoadsWhenTheOwnerIsGone) {
  ShardFixture node("a", {"a", "b"});
  const std::string key = node.key_owned_by("b");
  node.get(key, 1);
  const uint64_t ask = node.calls()[0].flight;
  node.shard.seal(ask, node.now);
  node.set_members({"a"});  // refused: the process is gone
  node.shard.on_call_failed(ask, true, node.now, node.out);
  const auto fetches = node.fetches();
  ASSERT_EQ(fetches.size(), 1U);
  node.answer(fetches[0].flight, "v");
  EXPECT_EQ(node.completed()[1].status, Status::ok);
  EXPECT_EQ(node.get(key, 2)->origin, Origin::local) << "it is the owner now and keeps the value";
}

TEST(ShardTest, AStandInKeepsWhatItLoadsOnlyForAMomentWhileItReachesTheOwner) {
  ShardFixture node("a", {"a", "b", "c"});
  const std::string key = node.key_owned_by("b");
  node.get(key, 1, kCallStandIn, Waiter::Kind::remote);
  node.answer(node.fetches()[0].flight, "v");
  EXPECT_EQ(node.get(key, 2, kCallStandIn, Waiter::Kind::remote)->status, Status::ok);
  EXPECT_FALSE(node.get(key, 3)) << "this node itself reaches the owner and asks it";
  EXPECT_EQ(node.calls().size(), 1U);
  node.pass(Duration::seconds(1));
  EXPECT_FALSE(node.get(key, 4, kCallStandIn, Waiter::Kind::remote));
  EXPECT_EQ(node.fetches().size(), 1U);
}

TEST(ShardTest, ALastResortLoadIsNotStored) {
  ShardFixture node("a", {"a", "b", "c"});
  const std::string key = node.key_owned_by("b");
  node.get(key, 1);
  const uint64_t ask = node.calls()[0].flight;
  for (int i = 0; i < 4; ++i) {  // b refuses: its view differs
    node.reply(ask, Status::not_owner);
    node.pass(Duration::ms(20));
    node.calls();
  }
  const auto fetches = node.fetches();
  ASSERT_EQ(fetches.size(), 1U);
  node.answer(fetches[0].flight, "v");
  EXPECT_EQ(node.completed()[1].status, Status::ok);
  EXPECT_EQ(node.shard.store().entries(), 0U);
}

// Asks that were on their way before it began share it: no one of them could be told of more.
TEST(ShardTest, ALastResortLoadIsSharedByThoseThatAskedBeforeIt) {
  ShardFixture node("a", {"a", "b", "c"});
  const std::string key = node.key_owned_by("b");
  std::vector<uint64_t> asks;
  const auto ask = [&](uint64_t id) {
    ASSERT_FALSE(node.get(key, id));
    asks.push_back(node.calls().at(0).flight);
    ASSERT_TRUE(node.shard.seal(asks.back(), node.now));
    node.pass(Duration::ms(1));
  };
  const auto refuse = [&](uint64_t flight) {
    for (int i = 0; i < 4; ++i) {
      node.reply(flight, Status::not_owner);
      node.shard.tick(node.now + Duration::ms(20), 0, node.out);
      node.calls();
    }
  };
  for (const uint64_t id : {1, 2, 3}) ask(id);
  refuse(asks[0]);
  refuse(asks[1]);
  const auto fetches = node.fetches();
  ASSERT_EQ(fetches.size(), 1U);
  node.pass(Duration::ms(1));
  ask(4);  // by one who may have deleted the key meanwhile
  refuse(asks[2]);
  EXPECT_TRUE(node.fetches().empty());
  refuse(asks[3]);
  const auto later = node.fetches();
  ASSERT_EQ(later.size(), 1U);

  node.answer(fetches[0].flight, "v");
  auto done = node.completed();
  EXPECT_EQ(done.size(), 3U);
  for (const uint64_t id : {1, 2, 3}) EXPECT_EQ(text(done[id]), "v");
  node.answer(later[0].flight, "w");
  EXPECT_EQ(text(node.completed()[4]), "w");
  EXPECT_EQ(node.shard.flights(), 0U);
}

TEST(ShardTest, AttemptsAreBoundedWhereViewsNeverAgree) {
  ShardFixture node("a", {"a", "b", "c", "d"});
  for (uint64_t id = 1; id <= 50; ++id) {
    node.get("key-" + std::to_string(id), id);
    size_t calls = 0;
    for (auto asked = node.calls(); !asked.empty(); asked = node.calls()) {
      calls += asked.size();
      for (const auto& call : asked) node.reply(call.flight, Status::not_owner);
      node.pass(Duration::ms(20));
    }
    EXPECT_LE(calls, 4U);
    for (const auto& fetch : node.fetches()) node.answer(fetch.flight, "v");
    EXPECT_EQ(node.completed()[id].status, Status::ok) << "at last it loads for itself";
  }
}

TEST(ShardTest, EntriesOfOthersAreDroppedWithANewView) {
  ShardFixture node;
  for (int i = 0; i < 300; ++i) node.put("k" + std::to_string(i), "v");
  node.set_members({"a", "b", "c"});
  EXPECT_GT(node.shard.store().entries(), 60U);
  EXPECT_LT(node.shard.store().entries(), 140U);
}

TEST(ShardTest, AWriteThatMayHaveArrivedIsUnknownWhenItsTimeIsUp) {
  ShardFixture node("a", {"a", "b"});
  const std::string key = node.key_owned_by("b");
  node.put(key, "v", 1);
  node.put(key, "w", 2);
  const auto calls = node.calls();
  node.shard.seal(calls[0].flight, node.now);  // the second one never leaves
  node.pass(Duration::seconds(6));
  const auto done = node.completed();
  EXPECT_EQ(done.at(1).status, Status::unknown);
  EXPECT_EQ(done.at(2).status, Status::timed_out);
}

TEST(ShardTest, ADeleteNamesTheOwnerItCouldNotReach) {
  ShardFixture node("a", {"a", "b"});
  const std::string key = node.key_owned_by("b");
  node.set_members({"a", "b"}, {"b"});
  const auto outcome = node.remove(key, 1);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->status, Status::partial);
  ASSERT_EQ(outcome->unconfirmed.size(), 1U);
  EXPECT_EQ(outcome->unconfirmed[0], "b");
}

TEST(ShardTest, CloseAnswersEverybodyOnce) {
  ShardFixture node("a", {"a", "b"});
  node.get(node.key_owned_by("a"), 1);
  node.get(node.key_owned_by("b"), 2);
  node.shard.close(Outcome::failure(Status::closed, {}), node.now, node.out);
  const auto done = node.completed();
  EXPECT_EQ(done.at(1).status, Status::closed);
  EXPECT_EQ(done.at(2).status, Status::closed);
  EXPECT_EQ(node.shard.flights(), 0U);
}

}  // namespace
}  // namespace distcache::core
