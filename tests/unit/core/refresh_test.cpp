#include <gtest/gtest.h>

#include "shard_fixture.h"

// refresh: a load that begins now replaces what is held, which is served meanwhile.
namespace distcache::core {
namespace {

class Refresh : public ::testing::Test {
 protected:
  static std::optional<Outcome> refresh(ShardFixture& at, const std::string& key, uint64_t id,
                                        uint32_t flags = 0, Waiter::Kind kind = Waiter::Kind::local,
                                        std::vector<Ancestor> ancestors = {}) {
    WriteRequest request;
    request.kind = CallKind::refresh;
    request.waiter = {kind, 0, id, at.now + Duration::seconds(5)};
    request.flags = flags;
    request.ancestors = std::move(ancestors);
    return at.shard.refresh(Key::of(key), request, at.now, at.out);
  }
  static void fail(ShardFixture& at, uint64_t flight, Status status) {
    LoadAnswer failed;
    failed.status = status;
    at.shard.on_loaded(flight, failed, at.now, at.out);
  }
};

TEST_F(Refresh, ServesTheOldValueUntilTheNewOneIsThere) {
  ShardFixture owner;
  owner.put("k", "old");
  ASSERT_FALSE(refresh(owner, "k", 1));
  const auto fetches = owner.fetches();
  ASSERT_EQ(fetches.size(), 1U);
  EXPECT_EQ(text(*owner.get("k", 2)), "old");
  owner.answer(fetches[0].flight, "new");
  EXPECT_EQ(text(owner.completed()[1]), "new");
  EXPECT_EQ(text(*owner.get("k", 3)), "new");
}

TEST_F(Refresh, ThatFailsLeavesTheOldValue) {
  ShardFixture owner;
  owner.put("k", "old");
  refresh(owner, "k", 1);
  fail(owner, owner.fetches().at(0).flight, Status::source_failed);
  EXPECT_EQ(owner.completed()[1].status, Status::source_failed);
  EXPECT_EQ(text(*owner.get("k", 2)), "old");
}

TEST_F(Refresh, OfWhatTheSourceHasNoMoreEndsIt) {
  ShardFixture owner;
  owner.put("k", "old");
  refresh(owner, "k", 1);
  fail(owner, owner.fetches().at(0).flight, Status::not_found);
  EXPECT_EQ(owner.completed()[1].status, Status::not_found);
  EXPECT_FALSE(owner.get("k", 2)) << "loads";
}

TEST_F(Refresh, OfWhatIsNotToBeStoredEndsIt) {
  ShardFixture owner;
  owner.put("k", "old");
  refresh(owner, "k", 1);
  LoadAnswer brief;
  brief.status = Status::ok;
  brief.value = Buffer::copy_of(Bytes("new"));
  brief.do_not_store = true;
  owner.shard.on_loaded(owner.fetches().at(0).flight, brief, owner.now, owner.out);
  EXPECT_EQ(text(owner.completed()[1]), "new");
  EXPECT_FALSE(owner.get("k", 2)) << "loads";
}

TEST_F(Refresh, FencesTheLoadThatRuns) {
  ShardFixture owner;
  owner.get("k", 1);
  refresh(owner, "k", 2);
  const auto fetches = owner.fetches();
  ASSERT_EQ(fetches.size(), 2U) << "the first one began before";
  ASSERT_FALSE(owner.get("k", 3));
  EXPECT_TRUE(owner.fetches().empty()) << "joins the second";
  owner.answer(fetches[1].flight, "new");
  owner.answer(fetches[0].flight, "old");
  auto done = owner.completed();
  EXPECT_EQ(text(done[1]), "old");
  EXPECT_EQ(text(done[2]), "new");
  EXPECT_EQ(text(done[3]), "new");
  EXPECT_EQ(text(*owner.get("k", 4)), "new");
}

TEST_F(Refresh, IsFencedByADelete) {
  ShardFixture owner;
  owner.put("k", "old");
  refresh(owner, "k", 1);
  owner.remove("k", 2);
  owner.answer(owner.fetches().at(0).flight, "new");
  EXPECT_EQ(text(owner.completed()[1]), "new");
  EXPECT_FALSE(owner.get("k", 3)) << "loads anew";
}

// However many come while one runs, one load follows that begins after all of them.
TEST_F(Refresh, OneFollowsForAllThatComeMeanwhile) {
  ShardFixture owner;
  refresh(owner, "k", 1);
  const auto first = owner.fetches();
  ASSERT_FALSE(refresh(owner, "k", 2));
  ASSERT_FALSE(refresh(owner, "k", 3));
  EXPECT_TRUE(owner.fetches().empty());
  owner.answer(first.at(0).flight, "one");
  auto done = owner.completed();
  EXPECT_EQ(text(done[1]), "one");
  EXPECT_EQ(done.size(), 1U);
  const auto second = owner.fetches();
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(text(*owner.get("k", 4)), "one");
  owner.answer(second[0].flight, "two");
  done = owner.completed();
  EXPECT_EQ(text(done[2]), "two");
  EXPECT_EQ(text(done[3]), "two");
  EXPECT_EQ(text(*owner.get("k", 5)), "two");
}

// A write has closed the load that it waits for, and another refresh has begun one since: to wait
// for the end of each would take for ever where many write.
TEST_F(Refresh, IsThatOfAnotherWhichBeganSince) {
  ShardFixture owner;
  refresh(owner, "k", 1);
  const uint64_t first = owner.fetches().at(0).flight;
  refresh(owner, "k", 2);
  owner.remove("k", 3);
  refresh(owner, "k", 4);
  const uint64_t second = owner.fetches().at(0).flight;
  owner.answer(first, "old");
  EXPECT_TRUE(owner.fetches().empty());
  owner.answer(second, "new");
  EXPECT_TRUE(owner.fetches().empty());
  auto done = owner.completed();
  EXPECT_EQ(text(done[1]), "old");
  EXPECT_EQ(text(done[2]), "new");
  EXPECT_EQ(text(done[4]), "new");
  EXPECT_EQ(owner.shard.flights(), 0U);
}

TEST_F(Refresh, OneFollowsAlsoOneThatTimesOut) {
  ShardFixture owner;
  refresh(owner, "k", 1);
  ASSERT_EQ(owner.fetches().size(), 1U);
  owner.now = owner.now + Duration::seconds(4);
  refresh(owner, "k", 2);
  owner.pass(Duration::seconds(2));
  EXPECT_EQ(owner.completed()[1].status, Status::timed_out);
  const auto next = owner.fetches();
  ASSERT_EQ(next.size(), 1U);
  owner.answer(next[0].flight, "new");
  EXPECT_EQ(text(owner.completed()[2]), "new");
  EXPECT_EQ(owner.shard.flights(), 0U);
}

// Its source gives up as its caller has left, and others have come: a reader, and a refresh that
// waits for its end.
TEST_F(Refresh, ThatIsGivenUpGoesOnForThoseWhoHaveComeSince) {
  ShardOptions options = ShardFixture::default_options();
  options.has_left = [](const Waiter& waiter) { return waiter.id >= 100; };
  ShardFixture owner("a", {"a"}, options);
  refresh(owner, "k", 100);
  const uint64_t given_up = owner.fetches().at(0).flight;
  EXPECT_FALSE(owner.shard.is_wanted(given_up, owner.now));
  EXPECT_FALSE(owner.get("k", 1));
  EXPECT_FALSE(refresh(owner, "k", 2));
  fail(owner, given_up, Status::source_failed);
  while (owner.shard.flights() > 0) {
    const auto fetches = owner.fetches();
    ASSERT_EQ(fetches.size(), 1U);
    owner.answer(fetches[0].flight, "new");
  }
  const auto done = owner.completed();
  EXPECT_EQ(text(done.at(1)), "new");
  EXPECT_EQ(text(done.at(2)), "new");
}

TEST_F(Refresh, ThatFailsElsewhereLeavesWhatIsHeldHere) {
  ShardFixture node("b", {"a"});
  EXPECT_FALSE(refresh(node, "k", 1));
  const std::vector<CallStart> calls = node.calls();
  ASSERT_EQ(calls.size(), 1U);
  node.shard.seal(calls[0].flight, node.now);
  node.set_members({"b"});
  node.put("k", "put since", 2);
  node.reply(calls[0].flight, Status::source_failed);
  EXPECT_EQ(text(*node.get("k", 3)), "put since");
}

TEST_F(Refresh, InThePlaceOfAnOwnerThatIsNotReachedIsPartial) {
  ShardFixture node("b", {"a", "b"});
  const std::string key = node.key_owned_by("a");
  EXPECT_FALSE(refresh(node, key, 1));
  const std::vector<CallStart> calls = node.calls();
  ASSERT_EQ(calls.size(), 1U);
  node.shard.on_call_failed(calls[0].flight, false, node.now, node.out);
  const std::vector<FetchStart> fetches = node.fetches();
  ASSERT_EQ(fetches.size(), 1U);
  node.answer(fetches[0].flight, "new");
  const Outcome outcome = node.completed().at(1);
  EXPECT_EQ(outcome.status, Status::partial);
  EXPECT_EQ(outcome.unconfirmed, std::vector<std::string>{"a"});
  EXPECT_EQ(node.out.missed.size(), 1U);
}

TEST_F(Refresh, ThatWaitsEndsWithTheShard) {
  ShardFixture owner;
  refresh(owner, "k", 1);
  refresh(owner, "k", 2);
  owner.shard.close(Outcome::failure(Status::closed, "closed"), owner.now, owner.out);
  auto done = owner.completed();
  EXPECT_EQ(done[1].status, Status::closed);
  EXPECT_EQ(done[2].status, Status::closed);
  EXPECT_EQ(owner.shard.flights(), 0U);
}

TEST_F(Refresh, FromInsideItsOwnLoadIsRefused) {
  ShardFixture owner;
  refresh(owner, "k", 1);
  const auto inside = owner.shard.ancestors_of(owner.fetches().at(0).flight);
  const auto refused = refresh(owner, "k", 2, 0, Waiter::Kind::local, inside);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, Status::would_deadlock);
}

TEST_F(Refresh, WithoutASourceIsUnsupported) {
  ShardOptions options = ShardFixture::default_options();
  options.has_source = false;
  ShardFixture owner("a", {"a"}, options);
  owner.put("k", "old");
  EXPECT_EQ(refresh(owner, "k", 1)->status, Status::unsupported);
  EXPECT_EQ(text(*owner.get("k", 2)), "old");
}

TEST_F(Refresh, GoesToTheOwnerAndBringsTheValue) {
  ShardFixture asker("a", {"a", "b"});
  const std::string key = asker.key_owned_by("b");
  ASSERT_FALSE(refresh(asker, key, 1));
  const auto calls = asker.calls();
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_EQ(calls[0].call.kind, CallKind::refresh);
  asker.reply(calls[0].flight, Status::ok, "new");
  EXPECT_EQ(text(asker.completed()[1]), "new");
}

// A reader that starts after the refresh must not be given what was asked for before.
TEST_F(Refresh, NobodyJoinsAnOlderRequest) {
  ShardFixture asker("a", {"a", "b"});
  const std::string key = asker.key_owned_by("b");
  asker.get(key, 1);
  refresh(asker, key, 2);
  asker.get(key, 3);
  EXPECT_EQ(asker.calls().size(), 3U);
}

TEST_F(Refresh, MirrorsAreTakenBackBeforeItIsOk) {
  ShardOptions options = ShardFixture::default_options();
  options.mirror = MirrorMode::all;
  ShardFixture owner("a", {"a", "b"}, options);
  const std::string key = owner.key_owned_by("a");
  owner.pass(Duration::seconds(2));  // no other owner before it may have lent the key
  owner.put(key, "old");
  const Waiter asks{Waiter::Kind::remote, 0, 9, owner.now + Duration::seconds(5), hash64("b")};
  ASSERT_GT(owner.shard.get(Key::of(key), {asks, 0, {}, {}}, owner.now, owner.out)->lease,
            Duration());
  owner.out.recalls.clear();
  refresh(owner, key, 1);
  const uint64_t load = owner.fetches().at(0).flight;
  EXPECT_TRUE(owner.out.recalls.empty()) << "served meanwhile";
  owner.answer(load, "new");
  for (const CallStart& told : owner.take_told()) owner.reply(told.flight, Status::ok);
  EXPECT_TRUE(owner.completed().empty());
  ASSERT_EQ(owner.out.recalls.size(), 1U);
  owner.shard.on_recalled(owner.out.recalls[0].flight, hash64("b"), Key::of(key), owner.now,
                          owner.out);
  const Outcome done = owner.completed()[1];
  EXPECT_EQ(done.status, Status::ok);
  EXPECT_EQ(text(done), "new");
}

// The next candidate may keep what it has loaded for those who miss the owner.
TEST_F(Refresh, OfWhatTheSourceHasNoMoreIsToldToTheNextCandidate) {
  ShardFixture owner("a", {"a", "b"});
  const std::string key = owner.key_owned_by("a");
  refresh(owner, key, 1);
  fail(owner, owner.fetches().at(0).flight, Status::not_found);
  EXPECT_TRUE(owner.completed().empty());
  const auto told = owner.take_told();
  ASSERT_EQ(told.size(), 1U);
  owner.reply(told[0].flight, Status::ok);
  EXPECT_EQ(owner.completed()[1].status, Status::not_found);

  refresh(owner, key, 2);
  fail(owner, owner.fetches().at(0).flight, Status::not_found);
  owner.pass(Duration::ms(4'500));  // most of the time that its caller has
  EXPECT_EQ(owner.completed()[2].status, Status::partial);
}

// The delete has fenced it, and is not over: the next candidate may have what was there before.
TEST_F(Refresh, ThatIsFencedWaitsForTheNextCandidateToo) {
  ShardFixture owner("a", {"a", "b"});
  owner.heir_confirms = false;
  const std::string key = owner.key_owned_by("a");
  refresh(owner, key, 1);
  owner.remove(key, 2);
  owner.answer(owner.fetches().at(0).flight, "new");
  EXPECT_TRUE(owner.completed().empty());
  for (const CallStart& told : owner.take_told()) owner.reply(told.flight, Status::ok);
  auto done = owner.completed();
  EXPECT_EQ(text(done[1]), "new");
  EXPECT_EQ(done[2].status, Status::ok);
}

// What the new owner holds may be older than the refresh.
TEST_F(Refresh, GoesOnToTheOneThatOwnsTheKeyWhenTheLoadEnds) {
  ShardFixture former("a", {"a"});
  ShardFixture both("a", {"a", "b"});
  const std::string key = both.key_owned_by("b");
  refresh(former, key, 1);
  refresh(former, key, 2);
  const auto fetches = former.fetches();
  former.set_members({"a", "b"}, {});
  former.answer(fetches.at(0).flight, "old");
  EXPECT_TRUE(former.completed().empty());
  const auto calls = former.calls();
  ASSERT_FALSE(calls.empty());
  for (const CallStart& call : calls) {
    EXPECT_EQ(call.call.kind, CallKind::refresh);
    EXPECT_EQ(call.to, hash64("b"));
    former.reply(call.flight, Status::ok, "new");
  }
  auto done = former.completed();
  EXPECT_EQ(text(done[1]), "new");
  EXPECT_EQ(text(done[2]), "new");
}

TEST_F(Refresh, OfWhatTheSourceHasNoMoreGoesOnToTheOwnerToo) {
  ShardFixture asker("a", {"a", "b", "c"});
  std::string key;
  for (int i = 0;
       key.empty() || asker.view->next_candidate(hash64(key), hash64("b")) != hash64("c"); ++i) {
    key = asker.key_owned_by("b", i);
  }
  asker.set_members({"a", "b", "c"}, {"b"});
  ASSERT_FALSE(refresh(asker, key, 1));
  const auto calls = asker.calls();
  ASSERT_EQ(calls.size(), 1U);
  asker.set_members({"a", "b", "c"});
  asker.reply(calls[0].flight, Status::not_found);
  EXPECT_TRUE(asker.completed().empty());
  const auto again = asker.calls();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].to, hash64("b"));
  asker.reply(again[0].flight, Status::not_found);
  EXPECT_EQ(asker.completed()[1].status, Status::not_found);
}

TEST_F(Refresh, WithoutAMajorityIsPartial) {
  ShardOptions options = ShardFixture::default_options();
  options.bounded = true;
  ShardFixture owner("a", {"a"}, options);
  owner.pass(Duration::seconds(5));
  refresh(owner, "k", 1);
  owner.answer(owner.fetches().at(0).flight, "new");
  EXPECT_EQ(owner.completed()[1].status, Status::partial);
  refresh(owner, "k", 2);
  fail(owner, owner.fetches().at(0).flight, Status::not_found);
  EXPECT_EQ(owner.completed()[2].status, Status::partial);
}

// A call to another member is made for callers of this node, and goes by their trace.
TEST_F(Refresh, GoesElsewhereInTheNameOfItsOwnCaller) {
  ShardFixture former("a", {"a"});
  ShardFixture both("a", {"a", "b"});
  const std::string key = both.key_owned_by("b");
  refresh(former, key, 1, 0, Waiter::Kind::remote);
  const uint64_t load = former.fetches().at(0).flight;
  const Waiter waiter{Waiter::Kind::local, 0, 2, former.now + Duration::seconds(5)};
  WriteRequest request;
  request.kind = CallKind::refresh;
  request.waiter = {Waiter::Kind::remote, 0, 3, former.now + Duration::seconds(5)};
  request.trace.traceparent = "theirs";
  former.shard.refresh(Key::of(key), request, former.now, former.out);
  request.waiter = waiter;
  request.trace.traceparent = "ours";
  former.shard.refresh(Key::of(key), request, former.now, former.out);
  former.set_members({"a", "b"}, {});
  former.answer(load, "old");
  const auto calls = former.calls();
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_EQ(calls[0].call.trace.traceparent, "ours");
  EXPECT_EQ(former.completed()[3].status, Status::not_owner);
}

TEST_F(Refresh, ForALostOwnerIsPartial) {
  ShardFixture acting("a", {"a", "b"});
  const std::string key = acting.key_owned_by("b");
  acting.set_members({"a", "b"}, {"b"});
  refresh(acting, key, 1);
  acting.answer(acting.fetches().at(0).flight, "new");
  const Outcome done = acting.completed()[1];
  EXPECT_EQ(done.status, Status::partial);
  EXPECT_EQ(done.unconfirmed, std::vector<std::string>{"b"});
  EXPECT_EQ(text(done), "new");
}

}  // namespace
}  // namespace distcache::core
