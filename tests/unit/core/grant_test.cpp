#include <gtest/gtest.h>

#include "core/granted.h"
#include "shard_fixture.h"

// Granted loads: whoever asks loads, the owner keeps order.
namespace distcache::core {
namespace {

constexpr Duration kLease = Duration::ms(2'500);  // half of the source's time

// A shard at the owner of all keys, without a source, whose callers are members b, c and d.
class GrantTest : public ::testing::Test {
 protected:
  static ShardOptions sourceless() {
    ShardOptions options = ShardFixture::default_options();
    options.has_source = false;
    return options;
  }

  // The caller's id is that of its call, its route the same.
  std::optional<Outcome> ask(const std::string& from, uint64_t id, uint32_t flags = kCallLoader) {
    const Waiter waiter{Waiter::Kind::remote, id, id, owner.now + Duration::seconds(5)};
    return owner.shard.get(Key::of(key), {waiter, flags, {}, {}, hash64(from)}, owner.now,
                           owner.out);
  }
  GrantStart granted() {
    EXPECT_EQ(owner.out.grants.size(), 1U);
    GrantStart grant = owner.out.grants.empty() ? GrantStart{} : owner.out.grants.front();
    owner.out.grants.clear();
    return grant;
  }
  Outcome bring(const std::string& from, uint64_t grant, const std::string& value,
                Status status = Status::ok) {
    LoadAnswer answer;
    answer.status = status;
    (status == Status::ok) ? void(answer.value = Buffer::copy_of(value))
                           : void(answer.message = value);
    Call call = loaded_call(answer, grant);
    call.key = key;
    return owner.shard.on_granted_load(Key::of(key), hash64(from), call, {}, owner.now, owner.out);
  }
  void pass(Duration time) {
    owner.now = owner.now + time;
    owner.shard.tick(owner.now, 100, owner.out);
  }

  ShardFixture owner{"a", {"a"}, sourceless()};
  std::string key = "key";
};

TEST_F(GrantTest, OneLoadsTheOthersWaitAndTheValueIsKept) {
  EXPECT_FALSE(ask("b", 1));
  EXPECT_FALSE(ask("c", 2));
  EXPECT_FALSE(owner.get(key, 3));
  const GrantStart grant = granted();
  EXPECT_EQ(grant.to.id, 1U);
  EXPECT_EQ(grant.lease, kLease);
  const Outcome taken = bring("b", grant.grant, "value");
  EXPECT_EQ(taken.status, Status::ok);
  EXPECT_EQ(taken.origin, Origin::none);  // without the value, which its caller has
  EXPECT_EQ(text(taken), "");
  EXPECT_NE(taken.version, Version{});
  const auto done = owner.completed();
  ASSERT_EQ(done.size(), 3U);
  EXPECT_EQ(text(done.at(1)), "");
  EXPECT_EQ(text(done.at(2)), "value");
  EXPECT_EQ(text(done.at(3)), "value");
  const std::optional<Outcome> kept = owner.get(key, 4);
  ASSERT_TRUE(kept);
  EXPECT_EQ(text(*kept), "value");
}

// It lay before an owner that was stopped: what has ended meanwhile is not kept.
TEST_F(GrantTest, WhatLayUnreadIsKeptFromWhenItCame) {
  const auto brings = [this](uint64_t id, const std::string& name, Duration unread) {
    key = name;
    EXPECT_FALSE(ask("b", id));
    LoadAnswer answer;
    answer.status = Status::ok;
    answer.value = Buffer::copy_of("value");
    answer.ttl = Duration::ms(100);
    const Call call = loaded_call(answer, granted().grant);
    return owner.shard.on_granted_load(Key::of(key), hash64("b"), call, unread, owner.now,
                                       owner.out);
  };
  EXPECT_EQ(brings(1, "for a while", Duration::ms(60)).status, Status::ok);
  const Outcome kept = owner.shard.peek(Key::of(key), owner.now);
  EXPECT_EQ(kept.status, Status::ok);
  EXPECT_EQ(kept.ttl, Duration::ms(40));
  EXPECT_EQ(brings(2, "ended", Duration::ms(100)).status, Status::ok);
  EXPECT_EQ(owner.shard.peek(Key::of(key), owner.now).status, Status::not_cached);
}

TEST_F(GrantTest, ADeadHoldersGrantGoesToTheNextWaiter) {
  ask("b", 1);
  ask("c", 2);
  const GrantStart first = granted();
  owner.shard.on_gone({hash64("b")}, owner.now, owner.out);
  const GrantStart second = granted();
  EXPECT_EQ(second.to.id, 2U);
  EXPECT_NE(second.grant, first.grant);
  EXPECT_EQ(bring("c", second.grant, "value").status, Status::ok);
  EXPECT_EQ(owner.completed().size(), 2U);
}

TEST_F(GrantTest, ALateHolderIsNotWaitedForAlone) {
  ask("b", 1);
  ask("c", 2);
  const GrantStart first = granted();
  pass(kLease - Duration::us(1));
  EXPECT_TRUE(owner.out.grants.empty());
  pass(Duration::us(1));
  const GrantStart second = granted();
  EXPECT_EQ(second.to.id, 2U);
  EXPECT_EQ(second.lease, Duration::seconds(5) - kLease);
  // The first to bring one has it; nobody waits for the other any more.
  EXPECT_EQ(bring("b", first.grant, "first").status, Status::ok);
  EXPECT_EQ(bring("c", second.grant, "second").status, Status::version_mismatch);
  EXPECT_EQ(text(owner.completed().at(2)), "first");
  EXPECT_EQ(text(*owner.get(key, 4)), "first");
}

TEST_F(GrantTest, OneThatComesAfterTheLeaseHasItAtOnce) {
  ask("b", 1);
  granted();
  pass(kLease);
  EXPECT_TRUE(owner.out.grants.empty());  // a late one with nobody in its place is waited for
  ask("c", 2);
  EXPECT_EQ(granted().to.id, 2U);
}

TEST_F(GrantTest, ADeleteWinsOverAGrantedLoad) {
  ask("b", 1);
  const GrantStart old = granted();
  EXPECT_EQ(owner.remove(key, 9)->status, Status::ok);
  ask("c", 2);  // a later reader does not join
  const GrantStart fresh = granted();
  EXPECT_EQ(fresh.to.id, 2U);
  EXPECT_EQ(bring("b", old.grant, "old").status, Status::ok);  // answers whoever began before
  EXPECT_EQ(owner.completed().count(2), 0U);
  EXPECT_EQ(owner.get(key, 3), std::nullopt);  // and nothing is stored
  EXPECT_EQ(bring("c", fresh.grant, "new").status, Status::ok);
  EXPECT_EQ(text(*owner.get(key, 4)), "new");
}

TEST_F(GrantTest, APutWinsOverAGrantedLoad) {
  ask("b", 1);
  const GrantStart old = granted();
  owner.put(key, "put", 9);
  bring("b", old.grant, "old");
  EXPECT_EQ(text(*owner.get(key, 3)), "put");
}

TEST_F(GrantTest, WhoLosesTheKeyDoesNotKeepIt) {
  ask("b", 1);
  const GrantStart grant = granted();
  owner.set_members({"b"});
  EXPECT_EQ(bring("b", grant.grant, "old").status, Status::ok);
  EXPECT_EQ(owner.shard.store().entries(), 0U);
}

TEST_F(GrantTest, NobodyElseCanNameAGrant) {
  ask("b", 1);
  const GrantStart grant = granted();
  EXPECT_EQ(bring("c", grant.grant, "forged").status, Status::version_mismatch);
  EXPECT_EQ(bring("b", grant.grant + 1, "forged").status, Status::version_mismatch);
  EXPECT_TRUE(owner.completed().empty());
}

TEST_F(GrantTest, AFailureOfTheLoadIsEverybodysButOneOfTheCallerIsNot) {
  ask("b", 1);
  ask("c", 2);
  ask("d", 3);
  const GrantStart first = granted();
  EXPECT_EQ(bring("b", first.grant, "left", Status::cancelled).status, Status::version_mismatch);
  EXPECT_TRUE(owner.completed().empty());
  const GrantStart second = granted();
  EXPECT_EQ(bring("c", second.grant, "no such table", Status::source_failed).message,
            "no such table");
  const auto done = owner.completed();
  EXPECT_EQ(done.at(3).status, Status::source_failed);
  EXPECT_TRUE(owner.out.grants.empty());
}

TEST_F(GrantTest, WithNobodyLeftWhoCanLoadTheOthersHearOfIt) {
  ask("b", 1);
  EXPECT_FALSE(owner.get(key, 2));
  granted();
  owner.shard.on_gone({hash64("b")}, owner.now, owner.out);
  EXPECT_EQ(owner.completed().at(2).status, Status::peer_unreachable);
}

TEST_F(GrantTest, ALateHolderIsWaitedForWhereTheNextOneIsGone) {
  ask("b", 1);
  ask("c", 2);
  EXPECT_FALSE(owner.get(key, 3));
  const GrantStart late = granted();
  pass(kLease);
  granted();
  owner.shard.on_gone({hash64("c")}, owner.now, owner.out);
  EXPECT_TRUE(owner.completed().empty());
  EXPECT_EQ(bring("b", late.grant, "late").status, Status::ok);
  EXPECT_EQ(text(owner.completed().at(3)), "late");
}

TEST_F(GrantTest, ALateHolderIsWaitedForWhereTheNextOneCannotGoOn) {
  ask("b", 1);
  ask("c", 2);
  EXPECT_FALSE(owner.get(key, 3));
  const GrantStart late = granted();
  pass(kLease);
  const GrantStart next = granted();
  EXPECT_EQ(bring("c", next.grant, "left", Status::cancelled).status, Status::version_mismatch);
  EXPECT_TRUE(owner.completed().empty());
  ask("d", 4);  // nobody has it in time: whoever comes has it at once
  EXPECT_EQ(granted().to.id, 4U);
  EXPECT_EQ(bring("b", late.grant, "late").status, Status::ok);
  EXPECT_EQ(text(owner.completed().at(3)), "late");
}

TEST_F(GrantTest, TheOthersAreToldWhenTheLastHolderIsGone) {
  ask("b", 1);
  ask("c", 2);
  EXPECT_FALSE(owner.get(key, 3));
  granted();
  pass(kLease);
  granted();
  owner.shard.on_gone({hash64("c")}, owner.now, owner.out);
  owner.shard.on_gone({hash64("b"), hash64("c")}, owner.now, owner.out);
  EXPECT_EQ(owner.completed().at(3).status, Status::peer_unreachable);
}

// That a caller has left is no answer to the others.
TEST_F(GrantTest, ALateHolderThatFailsIsHeardWhereNobodyElseHasIt) {
  ask("b", 1);
  ask("c", 2);
  EXPECT_FALSE(owner.get(key, 3));
  const GrantStart late = granted();
  pass(kLease);
  granted();
  owner.shard.on_gone({hash64("c")}, owner.now, owner.out);
  bring("b", late.grant, "left", Status::cancelled);
  EXPECT_EQ(owner.completed().at(3).status, Status::peer_unreachable);
}

TEST_F(GrantTest, TheOwnSourceTakesADeadHoldersPlace) {
  owner.shard.set_options(ShardFixture::default_options());
  ask("b", 1);
  EXPECT_FALSE(owner.get(key, 2));
  granted();
  owner.shard.on_gone({hash64("b")}, owner.now, owner.out);
  const std::vector<FetchStart> fetches = owner.fetches();
  ASSERT_EQ(fetches.size(), 1U);
  EXPECT_EQ(fetches[0].loader, nullptr);
  owner.answer(fetches[0].flight, "value");
  EXPECT_EQ(text(owner.completed().at(2)), "value");
}

// The first loader was told that nobody waits; then another came, and a put. Of what that one fails
// with it hears itself: there is no value that could be left out.
TEST_F(GrantTest, AFailureThatComesAfterTheLeaseIsNotThePut) {
  owner.shard.set_options(ShardFixture::default_options());
  const Waiter brief{Waiter::Kind::local, 0, 9, owner.now + Duration::seconds(1)};
  owner.shard.get(Key::of(key), {brief, 0, {}, {}, 0, std::make_shared<Loader>()}, owner.now,
                  owner.out);
  const std::vector<FetchStart> polls = owner.fetches();
  ASSERT_EQ(polls.size(), 1U);
  owner.now = owner.now + Duration::seconds(1);
  EXPECT_FALSE(owner.shard.is_wanted(polls[0].flight, owner.now));
  ask("b", 1);
  const GrantStart late = granted();
  owner.put(key, "put", 8);
  owner.now = owner.now + kLease;  // no tick: the holder is heard first
  const Outcome told = bring("b", late.grant, "no such table", Status::source_failed);
  EXPECT_EQ(told.status, Status::version_mismatch);
  // The source here has taken over.
  const std::vector<FetchStart> own = owner.fetches();
  ASSERT_EQ(own.size(), 1U);
  EXPECT_EQ(own[0].loader, nullptr);
  EXPECT_FALSE(owner.completed().contains(1));
  owner.answer(own[0].flight, "older");
  EXPECT_EQ(text(owner.completed().at(1)), "older");
  EXPECT_EQ(text(*owner.get(key, 4)), "put");
}

TEST_F(GrantTest, ACallerWithASourceLoadsOnlyForAnOwnerWithoutOne) {
  ask("b", 1, kCallSource);
  EXPECT_EQ(granted().to.id, 1U);
  owner.remove(key, 9);
  owner.shard.set_options(ShardFixture::default_options());
  ask("b", 2, kCallSource);
  EXPECT_TRUE(owner.out.grants.empty());
  EXPECT_EQ(owner.fetches().size(), 1U);
  EXPECT_EQ(ShardFixture("a", {"a"}, sourceless()).get(key, 3)->status, Status::not_found);
}

// -- the caller -----------------------------------------------------------------------------------

// A shard at b, which asks the owner a.
class GrantHolderTest : public ::testing::Test {
 protected:
  static ShardOptions sourceless() {
    ShardOptions options = ShardFixture::default_options();
    options.has_source = false;
    return options;
  }
  void SetUp() override {
    const Waiter waiter{Waiter::Kind::local, 0, 1, node.now + Duration::seconds(5)};
    EXPECT_FALSE(node.shard.get(Key::of(key), {waiter, 0, {}, {}, 0, loader}, node.now, node.out));
    const std::vector<CallStart> calls = node.calls();
    ASSERT_EQ(calls.size(), 1U);
    EXPECT_EQ(calls[0].call.flags & (kCallLoader | kCallSource), kCallLoader);
    flight = calls[0].flight;
    node.shard.seal(flight, node.now);
  }
  void grant() {
    node.shard.on_grant(flight, 99, node.now, node.out);
    const std::vector<FetchStart> fetches = node.fetches();
    ASSERT_EQ(fetches.size(), 1U);
    EXPECT_EQ(fetches[0].loader, loader);
    ASSERT_EQ(fetches[0].ancestors.size(), 1U);
    EXPECT_EQ(fetches[0].ancestors[0].member, hash64("a"));
  }
  void tell_taken() {
    Reply reply;
    reply.status = Status::ok;
    reply.version = {1, 2, 3};
    node.shard.on_reply(flight, reply, node.now, node.out);
  }

  ShardFixture node{"b", {"a"}, sourceless()};
  const std::string key = "key";
  const LoaderPtr loader = std::make_shared<Loader>();
  uint64_t flight = 0;
};

TEST_F(GrantHolderTest, LoadsSaysSoAndAnswersWithWhatItHas) {
  grant();
  node.answer(flight, "value");
  const std::vector<CallStart> calls = node.calls();
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_EQ(calls[0].call.kind, CallKind::loaded);
  const auto [id, answer] = loaded_answer(calls[0].call);
  EXPECT_EQ(id, 99U);
  EXPECT_EQ(std::string(answer.value.view()), "value");
  EXPECT_TRUE(node.completed().empty());
  tell_taken();
  const auto done = node.completed();
  EXPECT_EQ(text(done.at(1)), "value");
  EXPECT_EQ(done.at(1).version, (Version{1, 2, 3}));
  EXPECT_EQ(node.shard.store().entries(), 0U);
}

TEST_F(GrantHolderTest, AnswersItsOwnCallersWhereTheOwnerIsGone) {
  grant();
  node.shard.on_call_failed(flight, true, node.now, node.out);
  EXPECT_TRUE(node.calls().empty());  // its loader runs, and is not to be asked for again
  node.answer(flight, "value");
  EXPECT_EQ(text(node.completed().at(1)), "value");
  EXPECT_EQ(node.shard.store().entries(), 0U);
}

TEST_F(GrantHolderTest, AnswersItsOwnCallersWhereItIsTooLate) {
  grant();
  node.answer(flight, "value");
  node.reply(flight, Status::version_mismatch);
  EXPECT_EQ(text(node.completed().at(1)), "value");
}

// It has not got the value that its owner leaves out.
TEST_F(GrantHolderTest, AFailureIsNoValueWhateverTheOwnerSays) {
  grant();
  LoadAnswer failed;
  failed.status = Status::source_failed;
  failed.message = "no such table";
  node.shard.on_loaded(flight, std::move(failed), node.now, node.out);
  ASSERT_EQ(node.calls().size(), 1U);
  tell_taken();
  const auto done = node.completed();
  EXPECT_EQ(done.at(1).status, Status::source_failed);
  EXPECT_EQ(done.at(1).message, "no such table");
}

TEST_F(GrantHolderTest, TakesWhatAnotherHolderBrought) {
  grant();
  Reply reply;
  reply.status = Status::ok;
  reply.origin = Origin::source;
  reply.value = Buffer::copy_of("theirs");
  node.shard.on_reply(flight, reply, node.now, node.out);
  EXPECT_EQ(text(node.completed().at(1)), "theirs");
  node.answer(flight, "ours");  // nobody waits for it
  EXPECT_TRUE(node.calls().empty());
}

TEST_F(GrantHolderTest, AnotherGrantOfTheSameLoadIsIgnored) {
  grant();
  node.shard.on_grant(flight, 100, node.now, node.out);
  EXPECT_TRUE(node.fetches().empty());
}

// The node becomes the owner, and a load runs there that another member holds: it is next in turn.
TEST_F(GrantHolderTest, BringsItsLoaderToALoadThatRunsHere) {
  const Waiter other{Waiter::Kind::remote, 7, 7, node.now + Duration::seconds(5)};
  node.set_members({"b"});
  node.shard.get(Key::of(key), {other, kCallLoader, {}, {}, hash64("c")}, node.now, node.out);
  ASSERT_EQ(node.out.grants.size(), 1U);
  node.shard.on_call_failed(flight, false, node.now, node.out);
  EXPECT_TRUE(node.fetches().empty());
  node.shard.on_gone({hash64("c")}, node.now, node.out);
  const std::vector<FetchStart> fetches = node.fetches();
  ASSERT_EQ(fetches.size(), 1U);
  EXPECT_EQ(fetches[0].loader, loader);
  node.answer(fetches[0].flight, "value");
  EXPECT_EQ(text(node.completed().at(1)), "value");
}

// A grant that never came, to a member that the owner took for gone since.
TEST_F(GrantHolderTest, LoadsForItselfWhereTheOwnerTookItForGone) {
  node.reply(flight, Status::peer_unreachable);
  const std::vector<FetchStart> fetches = node.fetches();
  ASSERT_EQ(fetches.size(), 1U);
  EXPECT_EQ(fetches[0].loader, loader);
  node.answer(fetches[0].flight, "value");
  EXPECT_EQ(text(node.completed().at(1)), "value");
  EXPECT_EQ(node.shard.store().entries(), 0U);
}

TEST_F(GrantHolderTest, LoadsForItselfWhereThereIsNobodyToAsk) {
  node.set_members({});
  node.shard.on_call_failed(flight, false, node.now, node.out);
  const std::vector<FetchStart> fetches = node.fetches();
  ASSERT_EQ(fetches.size(), 1U);
  EXPECT_EQ(fetches[0].loader, loader);
  node.answer(fetches[0].flight, "value");
  EXPECT_EQ(text(node.completed().at(1)), "value");
  EXPECT_EQ(node.shard.store().entries(), 0U);
}

}  // namespace
}  // namespace distcache::core
